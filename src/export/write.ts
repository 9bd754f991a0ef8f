/** A transcript in a format, as text or bytes. */
import { lineOf, shownName } from '../queue/file-name.ts';
import type { Limits } from '../shaper/limits.ts';
import { inSlices } from '../slices.ts';
import type { Span } from '../speakers/overlaps.ts';
import { shownCue } from '../words/fillers.ts';
import { docxRequest } from './docx-request.ts';
import { exportName } from './export-name.ts';
import type { ExportedJob, ExportOptions } from './exported.ts';
import { formatOf, type FormatId } from './formats.ts';
import { lrc } from './lrc.ts';
import { markdown } from './markdown.ts';
import { paragraphsOf } from './paragraphs.ts';
import { plainText } from './plain-text.ts';
import { rttm } from './rttm.ts';
import { srt } from './srt.ts';
import { subtitlesOf, type Subtitle } from './subtitles.ts';
import { csv, tsv } from './table.ts';
import { transcriptJson } from './transcript-json.ts';
import { ttml } from './ttml.ts';
import { vtt } from './vtt.ts';
import { whisperJson, whisperXJson } from './whisper-json.ts';

/** Formats that cannot say who speaks otherwise have it in the text. */
const LABELLED: ReadonlySet<FormatId> = new Set(['srt', 'lrc']);

/** What the limits become for a format: lyrics have one line each. */
export function limitsFor(format: FormatId, limits: Limits | null): Limits | null {
  return limits !== null && format === 'lrc' ? { ...limits, lines: 1 } : limits;
}

/** A transcript whose cues name nobody, where names are not wanted. */
function named(job: ExportedJob, speakers: boolean): ExportedJob {
  return speakers ? job : { ...job, cues: job.cues.map(({ speaker: _, ...cue }) => cue) };
}

/** As it is on the screen: without the filler words that are hidden there. Our own JSON is what is kept, and has them. */
function onScreen(job: ExportedJob, { hidden }: ExportOptions, format: FormatId): ExportedJob {
  if (hidden === undefined || hidden.size === 0 || format === 'json') return job;
  return { ...job, cues: job.cues.map((cue) => shownCue(cue, hidden)) };
}

/** The subtitles a subtitle format is written from, with what the shaper gave, step by step. */
export function subtitlesFor(job: ExportedJob, format: FormatId, options: ExportOptions) {
  const { limits, speakers } = options;
  return subtitlesOf(named(onScreen(job, options, format), speakers), limitsFor(format, limits), LABELLED.has(format));
}

/** @returns text, or bytes where the format is no text */
export async function written(
  format: FormatId,
  whole: ExportedJob,
  options: ExportOptions,
  signal?: AbortSignal,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const job = onScreen(whole, options, format);
  const { cues, language, speakers } = job;
  const title = shownName(job.name).stem;
  const gathering = { language, paragraphs: options.paragraphs, speakers };
  const look = { times: options.times, names: options.speakers };
  const subtitles = async (): Promise<Subtitle[]> =>
    (await inSlices(subtitlesFor(job, format, options), signal)).subtitles;
  switch (format) {
    case 'txt':
      return plainText(cues, language, { ...look, paragraphs: options.paragraphs, speakers });
    case 'md':
      return markdown(paragraphsOf(cues, gathering), title, look);
    case 'docx': {
      const { docx } = await import('./docx.ts');
      return docx(docxRequest(paragraphsOf(cues, gathering), title, { ...look, language }), signal);
    }
    case 'srt':
      return srt(await subtitles());
    case 'vtt':
      return vtt(await subtitles(), { speakers, wordTimes: options.wordTimes });
    case 'ttml':
      return ttml(await subtitles(), { title, language, speakers });
    case 'lrc':
      return lrc(await subtitles(), { title, wordTimes: options.wordTimes });
    case 'json':
      return transcriptJson(job);
    case 'whisper':
      return whisperJson(job);
    case 'whisperx':
      return whisperXJson(job);
    case 'csv':
      return csv(cues, speakers);
    case 'tsv':
      return tsv(cues);
    case 'rttm':
      return rttm(cues, title, speakers, await overlapsHeard(job));
    case 'qdpx': {
      const { qdpx } = await import('./qdpx.ts');
      return qdpx({ ...job, name: lineOf(job.name) });
    }
  }
}

/** What was heard of two at once; null: the recording's voices are not on this device. */
async function overlapsHeard({ id, cues }: ExportedJob): Promise<Span[] | null> {
  if (id === undefined || !cues.some(({ alsoSpeaking }) => alsoSpeaking !== undefined)) return null;
  const [{ voicesOf }, { overlapsOf }] = await Promise.all([
    import('../speakers/kept.ts'),
    import('../speakers/overlaps.ts'),
  ]);
  const kept = await voicesOf(id).catch(() => null);
  return kept && overlapsOf(kept.turns);
}

/** A file to keep: its name and its bytes. */
export type ExportedFile = { name: string; blob: Blob };

export async function exportedFile(
  format: FormatId,
  job: ExportedJob,
  options: ExportOptions,
  signal?: AbortSignal,
): Promise<ExportedFile> {
  const { extension, type } = formatOf(format);
  const content = await written(format, job, options, signal);
  return { name: exportName(job.name, extension), blob: new Blob([content], { type }) };
}

/** Every transcript in one archive. Recordings of the same name get a number. */
export async function exportedZip(
  format: FormatId,
  jobs: readonly ExportedJob[],
  options: ExportOptions,
  signal?: AbortSignal,
): Promise<ExportedFile> {
  const files: ExportedFile[] = [];
  for (const job of jobs) files.push(await exportedFile(format, job, options, signal));
  const { uniqueNames, zipped } = await import('./zip.ts');
  const names = uniqueNames(files.map(({ name }) => name));
  const entries = await Promise.all(
    files.map(async ({ blob }, index) => ({
      name: names[index],
      bytes: new Uint8Array(await blob.arrayBuffer()),
    })),
  );
  const now = new Date();
  const day = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
  return {
    name: `Transcripts ${day} (${formatOf(format).extension}).zip`,
    blob: new Blob([await zipped(entries, now)], { type: 'application/zip' }),
  };
}
