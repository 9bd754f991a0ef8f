/** What can be exported, in the order of the menu. */
import { plainText } from './plain-text.ts';
import { srt } from './srt.ts';
import { transcriptJson, type ExportedJob } from './transcript-json.ts';
import { vtt } from './vtt.ts';

export type Format = {
  name: string;
  extension: string;
  type: string;
  group: string;
  write: (job: ExportedJob) => string;
};

export const FORMATS: readonly Format[] = [
  {
    name: 'Plain text',
    extension: 'txt',
    type: 'text/plain;charset=utf-8',
    group: 'To read',
    write: (job) => plainText(job.cues, job.language),
  },
  {
    name: 'SubRip (.srt)',
    extension: 'srt',
    type: 'application/x-subrip;charset=utf-8',
    group: 'Subtitles',
    write: (job) => srt(job.cues),
  },
  {
    name: 'WebVTT (.vtt)',
    extension: 'vtt',
    type: 'text/vtt;charset=utf-8',
    group: 'Subtitles',
    write: (job) => vtt(job.cues),
  },
  { name: 'JSON', extension: 'json', type: 'application/json', group: 'Data', write: transcriptJson },
];

/** The recording's name with another extension. A name that only starts with a point has none to replace. */
export function exportName(mediaName: string, extension: string): string {
  const point = mediaName.lastIndexOf('.');
  return `${point > 0 ? mediaName.slice(0, point) : mediaName}.${extension}`;
}
