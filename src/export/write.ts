/** A transcript in a format, as text or bytes. */
import { lineOf, shownName } from '../queue/file-name.ts';
import type { Limits } from '../shaper/limits.ts';
import { mapping } from '../mapping.ts';
import { inSlices } from '../slices.ts';
import type { Span } from '../speakers/overlaps.ts';
import { shownCue } from '../words/fillers.ts';
import { docxRequest } from './docx-request.ts';
import { exportName } from './export-name.ts';
import type { ExportedJob, ExportOptions } from './exported.ts';
import { formatOf, type FormatId } from './formats.ts';
import { lrc } from './lrc.ts';
import { markdown } from './markdown.ts';
import { gathering } from './paragraphs.ts';
import { writingPlainText } from './plain-text.ts';
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
function* named(job: ExportedJob, speakers: boolean): Generator<void, ExportedJob> {
  return speakers ? job : { ...job, cues: yield* mapping(job.cues, ({ speaker: _, ...cue }) => cue) };
}

/** As it is on the screen: without the filler words that are hidden there. Our own JSON is what is kept, and has them. */
function* onScreen(job: ExportedJob, { hidden }: ExportOptions, format: FormatId): Generator<void, ExportedJob> {
  if (hidden === undefined || hidden.size === 0 || format === 'json') return job;
  return { ...job, cues: yield* mapping(job.cues, (cue) => shownCue(cue, hidden)) };
}

/** The subtitles a subtitle format is written from, with what the shaper gave, step by step. */
export function* subtitlesFor(job: ExportedJob, format: FormatId, options: ExportOptions) {
  const { limits, speakers } = options;
  const shown = yield* named(yield* onScreen(job, options, format), speakers);
  return yield* subtitlesOf(shown, limitsFor(format, limits), LABELLED.has(format));
}

/** @returns text, or bytes where the format is no text */
export async function written(
  format: FormatId,
  whole: ExportedJob,
  options: ExportOptions,
  signal?: AbortSignal,
): Promise<string | Uint8Array<ArrayBuffer>> {
  if (formatOf(format).binary !== true) {
    const overlaps = format === 'rttm' ? await overlapsHeard(whole) : null;
    return inSlices(writing(format, whole, options, overlaps), signal);
  }
  const job = await inSlices(onScreen(whole, options, format), signal);
  if (format === 'qdpx') {
    const { qdpx } = await import('./qdpx.ts');
    return qdpx({ ...job, name: lineOf(job.name) });
  }
  const { docx } = await import('./docx.ts');
  const { cues, language, speakers } = job;
  const gathered = await inSlices(gathering(cues, { language, paragraphs: options.paragraphs, speakers }), signal);
  const look = { times: options.times, names: options.speakers };
  return docx(docxRequest(gathered, shownName(job.name).stem, { ...look, language }), signal);
}

/** A text, step by step: that of 100,000 cues would hold the page up for half a second. */
function* writing(
  format: FormatId,
  whole: ExportedJob,
  options: ExportOptions,
  overlaps: readonly Span[] | null,
): Generator<void, string> {
  const job = yield* onScreen(whole, options, format);
  const { cues, language, speakers } = job;
  const title = shownName(job.name).stem;
  const { paragraphs, wordTimes } = options;
  const look = { times: options.times, names: options.speakers };
  const subtitles = function* (): Generator<void, Subtitle[]> {
    return (yield* subtitlesFor(job, format, options)).subtitles;
  };
  switch (format) {
    case 'txt':
      return yield* writingPlainText(cues, language, { ...look, paragraphs, speakers });
    case 'md':
      return yield* markdown(yield* gathering(cues, { language, paragraphs, speakers }), title, look);
    case 'srt':
      return yield* srt(yield* subtitles());
    case 'vtt':
      return yield* vtt(yield* subtitles(), { speakers, wordTimes });
    case 'ttml':
      return yield* ttml(yield* subtitles(), { title, language, speakers });
    case 'lrc':
      return yield* lrc(yield* subtitles(), { title, wordTimes });
    case 'json':
      return yield* transcriptJson(job);
    case 'whisper':
      return yield* whisperJson(job);
    case 'whisperx':
      return yield* whisperXJson(job);
    case 'csv':
      return yield* csv(cues, speakers);
    case 'tsv':
      return yield* tsv(cues);
    case 'rttm':
      return rttm(cues, title, speakers, overlaps);
    case 'docx':
    case 'qdpx':
      throw new TypeError(`${format} is no text`);
  }
}

/** What was heard of two at once; null: the recording's voices are not on this device. */
async function overlapsHeard({ id, cues, speakers = [] }: ExportedJob): Promise<Span[] | null> {
  if (id === undefined || !cues.some(({ alsoSpeaking }) => alsoSpeaking !== undefined)) return null;
  const [{ voicesOf }, { overlapsOf }, { joinedTurns, joinsIn }] = await Promise.all([
    import('../speakers/kept.ts'),
    import('../speakers/overlaps.ts'),
    import('../speakers/joins.ts'),
  ]);
  const kept = await voicesOf(id).catch(() => null);
  return kept && overlapsOf(joinedTurns(kept.turns, joinsIn(speakers)));
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
  const parts = typeof content === 'string' ? await inSlices(bytesOf(content), signal) : [content];
  return { name: exportName(job.name, extension), blob: new Blob(parts, { type }) };
}

/** So many characters are encoded in one step: a millisecond or two. */
const STEP_CHARACTERS = 1 << 20;

function* bytesOf(text: string): Generator<void, Uint8Array<ArrayBuffer>[]> {
  const encoder = new TextEncoder();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + STEP_CHARACTERS);
    // A character of two code units stays whole.
    if (to < text.length && /[\uD800-\uDBFF]/.test(text[to - 1])) to -= 1;
    parts.push(encoder.encode(text.slice(from, to)));
    from = to;
    yield;
  }
  return parts;
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
