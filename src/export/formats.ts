/** What can be exported. The menu shows these names; what writes them is fetched when the first file is asked for. */
import { phrase, type Phrase } from '../locale/text.ts';

export type FormatId =
  | ('txt' | 'md' | 'docx')
  | ('srt' | 'vtt' | 'ttml' | 'lrc')
  | ('json' | 'whisper' | 'whisperx' | 'csv' | 'tsv' | 'rttm' | 'qdpx');

export type Format = {
  id: FormatId;
  name: Phrase;
  extension: string;
  type: string;
  group: 'To read' | 'Subtitles' | 'Data';
  /** In the menu itself, not only in the dialog. */
  quick?: true;
  /** Cannot be shown or copied as text. */
  binary?: true;
  /** Says who speaks and nothing else. */
  speakersOnly?: true;
  /** Which of the options make a difference; all formats of the group "Subtitles" are shaped. */
  options: readonly ('times' | 'paragraphs' | 'speakers' | 'wordTimes')[];
};

const JSON_TYPE = 'application/json';
const read = ['times', 'paragraphs', 'speakers'] as const;

export const FORMATS: readonly Format[] = [
  {
    ...{ id: 'txt', name: phrase('Plain text'), extension: 'txt', type: 'text/plain;charset=utf-8' },
    ...{ group: 'To read', quick: true, options: read },
  },
  {
    ...{ id: 'md', name: phrase('Markdown (.md)'), extension: 'md', type: 'text/markdown;charset=utf-8' },
    ...{ group: 'To read', options: read },
  },
  {
    ...{ id: 'docx', name: phrase('Word (.docx)'), extension: 'docx', binary: true },
    type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ...{ group: 'To read', options: read },
  },
  {
    ...{ id: 'srt', name: phrase('SubRip (.srt)'), extension: 'srt', type: 'application/x-subrip;charset=utf-8' },
    ...{ group: 'Subtitles', quick: true, options: ['speakers'] },
  },
  {
    ...{ id: 'vtt', name: phrase('WebVTT (.vtt)'), extension: 'vtt', type: 'text/vtt;charset=utf-8' },
    ...{ group: 'Subtitles', quick: true, options: ['speakers', 'wordTimes'] },
  },
  {
    ...{ id: 'ttml', name: phrase('TTML (.ttml)'), extension: 'ttml', type: 'application/ttml+xml;charset=utf-8' },
    ...{ group: 'Subtitles', options: ['speakers'] },
  },
  {
    ...{ id: 'lrc', name: phrase('Lyrics (.lrc)'), extension: 'lrc', type: 'text/plain;charset=utf-8' },
    ...{ group: 'Subtitles', options: ['speakers', 'wordTimes'] },
  },
  {
    ...{ id: 'json', name: phrase('JSON'), extension: 'json', type: JSON_TYPE },
    group: 'Data',
    quick: true,
    options: [],
  },
  {
    id: 'whisper',
    name: phrase('JSON as Whisper writes it'),
    extension: 'json',
    type: JSON_TYPE,
    group: 'Data',
    options: [],
  },
  {
    id: 'whisperx',
    name: phrase('JSON as WhisperX writes it'),
    extension: 'json',
    type: JSON_TYPE,
    group: 'Data',
    options: [],
  },
  {
    ...{ id: 'csv', name: phrase('Spreadsheet (.csv)'), extension: 'csv', type: 'text/csv;charset=utf-8' },
    ...{ group: 'Data', options: [] },
  },
  {
    ...{
      id: 'tsv',
      name: phrase('Tab-separated (.tsv)'),
      extension: 'tsv',
      type: 'text/tab-separated-values;charset=utf-8',
    },
    ...{ group: 'Data', options: [] },
  },
  {
    ...{ id: 'rttm', name: phrase('Who speaks when (.rttm)'), extension: 'rttm', type: 'text/plain;charset=utf-8' },
    ...{ group: 'Data', speakersOnly: true, options: [] },
  },
  {
    ...{ id: 'qdpx', name: phrase('Qualitative analysis (.qdpx)'), extension: 'qdpx', binary: true },
    ...{ type: 'application/vnd.refi-qda.qdpx+zip', group: 'Data', options: [] },
  },
];

/** The groups as they are shown. */
export const GROUPS: Readonly<Record<Format['group'], Phrase>> = {
  'To read': phrase('To read'),
  Subtitles: phrase('Subtitles'),
  Data: phrase('Data'),
};

export function formatOf(id: FormatId): Format {
  const found = FORMATS.find((format) => format.id === id);
  if (found === undefined) throw new Error(`no format ${id}`);
  return found;
}

/** Those that have something to say of this transcript. */
export function formatsFor(cues: readonly { speaker?: string }[]): Format[] {
  const spoken = cues.some(({ speaker }) => speaker !== undefined);
  return FORMATS.filter(({ speakersOnly }) => !speakersOnly || spoken);
}
