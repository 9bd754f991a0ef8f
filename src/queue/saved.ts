/**
 * Transcripts on this device, so that a reload or a crash loses nothing: one record per job, one per finished window
 * (a long recording is not written anew with every window). The files themselves stay where they are.
 */
import { createStore, delMany, entries, keys, set, setMany, type UseStore } from 'idb-keyval';
import type { JobReport, MediaFacts, WindowResult } from '../../workers/protocol.ts';
import { cuesOf, newJob, type Job, type Seam } from './job.ts';

type Header = {
  version: 1;
  id: string;
  /** Milliseconds since 1970: the order of the queue. */
  added: number;
  demo: boolean;
  name: string;
  size: number;
  lastModified: number;
  type: string;
  phase: 'done' | 'cancelled';
  facts: MediaFacts | null;
  language: string | null;
  languageProbability: number;
  audioSeconds: number | null;
  doneSeconds: number;
  report: JobReport | null;
  seams: readonly Seam[];
  notice: string | null;
  /** Cue id → the person's text. */
  edits: Record<string, string>;
};

let opened: UseStore | null = null;

function store(): UseStore {
  return (opened ??= createStore('earshot-transcripts', 'jobs'));
}

/** Keys sort by job, then by place in the recording. */
function windowKey(id: string, window: WindowResult): string {
  return `${id}/${String(window.startSample).padStart(12, '0')}`;
}

function headerOf(job: Job, added: number): Header {
  return {
    version: 1,
    id: job.id,
    added,
    demo: job.demo,
    name: job.name,
    size: job.size,
    lastModified: job.lastModified,
    type: job.file.type,
    phase: job.phase === 'done' ? 'done' : 'cancelled',
    facts: job.facts,
    language: job.language,
    languageProbability: job.languageProbability,
    audioSeconds: job.progress.audioSeconds,
    doneSeconds: job.progress.doneSeconds,
    report: job.report,
    seams: job.seams,
    notice: job.notice,
    edits: Object.fromEntries(job.cues.filter((cue) => cue.edited).map((cue) => [cue.id, cue.text])),
  };
}

export function saveHeader(job: Job, added: number): Promise<void> {
  return set(job.id, headerOf(job, added), store());
}

export function saveWindow(job: Job, added: number, window: WindowResult): Promise<void> {
  return setMany(
    [
      [job.id, headerOf(job, added)],
      [windowKey(job.id, window), window],
    ],
    store(),
  );
}

export function saveWhole(job: Job, added: number): Promise<void> {
  return setMany(
    [
      [job.id, headerOf(job, added)],
      ...job.windows.map((window): [string, WindowResult] => [windowKey(job.id, window), window]),
    ],
    store(),
  );
}

/** Also the window that was being written while the job was taken off the list. */
export async function forget(id: string): Promise<void> {
  const all = await keys<string>(store());
  await delMany(
    all.filter((key) => key === id || key.startsWith(`${id}/`)),
    store(),
  );
}

/** What is kept, by its jobs' names. */
export async function keptIds(): Promise<string[]> {
  return (await keys<string>(store())).filter((key) => !key.includes('/'));
}

/** Everything kept, oldest first. */
export async function readSaved(): Promise<{ job: Job; added: number }[]> {
  const all = await entries<string, Header | WindowResult>(store());
  const windows = new Map<string, WindowResult[]>();
  const headers: Header[] = [];
  for (const [key, value] of all) {
    if ('version' in value) {
      headers.push(value);
    } else {
      const id = key.slice(0, key.lastIndexOf('/'));
      windows.set(id, [...(windows.get(id) ?? []), value]);
    }
  }
  return headers
    .sort((a, b) => a.added - b.added)
    .map((header) => ({ job: revive(header, windows.get(header.id) ?? []), added: header.added }));
}

function revive(header: Header, unsorted: WindowResult[]): Job {
  const windows = unsorted.sort((a, b) => a.startSample - b.startSample);
  // The file itself is not kept: an empty one stands for it until it is added again.
  const placeholder = new File([], header.name, { type: header.type, lastModified: header.lastModified });
  return {
    ...newJob(header.id, placeholder, header.demo),
    saved: true,
    fileMissing: true,
    size: header.size,
    phase: header.phase,
    facts: header.facts,
    windows,
    cues: windows.flatMap(cuesOf).map((cue) => {
      const text = header.edits[cue.id];
      if (text === undefined) return cue;
      const { words: _, ...rest } = cue;
      return { ...rest, text, edited: true };
    }),
    language: header.language,
    languageProbability: header.languageProbability,
    progress: { doneSeconds: header.doneSeconds, audioSeconds: header.audioSeconds, speed: 0, secondsLeft: null },
    report: header.report,
    seams: header.seams,
    notice: header.notice,
  };
}
