/**
 * Transcripts on this device, so that a reload or a crash loses nothing: one record per job, one per finished window
 * and one per cue that was changed (a long recording is not written anew with every window or correction). The files
 * themselves stay where they are.
 */
import { createStore, promisifyRequest, type UseStore } from 'idb-keyval';
import type { JobReport, MediaFacts } from '../../workers/protocol.ts';
import {
  changed,
  editableCuesOf,
  inOrder,
  newJob,
  type CueChanges,
  type EditableCue,
  type HeardWindow,
  type Job,
  type JobFault,
  type Seam,
  type Speaker,
} from './job.ts';
import type { Making } from '../making.ts';
import { SLICE_MS } from '../slices.ts';

/** A job's record: all of it but its words. */
export type Header = {
  version: 1;
  id: string;
  /** Milliseconds since 1970: the order of the queue. */
  added: number;
  demo: boolean;
  name: string;
  /** As in a job; records of earlier versions have none. */
  title?: string;
  /** When it was last written, in milliseconds since 1970, and its first words; records of earlier versions have none. */
  changed?: number;
  first?: string;
  size: number;
  lastModified: number;
  /** As in a job; records of earlier versions have none. */
  fingerprint?: string | null;
  type: string;
  phase: 'done' | 'cancelled' | 'failed';
  /** Why it failed; records of earlier versions have none. */
  fault?: JobFault | null;
  /** As in a job; records of earlier versions have none. */
  folder?: string;
  track?: number | null;
  sides?: boolean;
  facts: MediaFacts | null;
  language: string | null;
  languageProbability: number;
  audioSeconds: number | null;
  doneSeconds: number;
  report: JobReport | null;
  seams: readonly Seam[];
  notice: string | null;
  /** Records of earlier versions have none. */
  speakers?: readonly Speaker[];
  made?: readonly Making[];
  /** Records of earlier versions: cue id → the person's text. Since then an edit is a record of its own. */
  edits?: Record<string, string>;
};

/** A cue that a person has changed, as it is now. null: taken out. */
type Edit = { edit: string; cue: EditableCue | null };

let opened: UseStore | null = null;

/**
 * Windows and corrections are on the disk before they are on the screen, and "strict" makes that true of a power cut as
 * well: by themselves browsers call a write done when the operating system has it, which may keep it for half a minute.
 */
function openStore(): UseStore {
  const use = createStore('earshot-transcripts', 'jobs');
  return (mode, task) =>
    use('readonly', (jobs) => {
      if (mode === 'readonly') return task(jobs);
      const { db } = jobs.transaction;
      return task(db.transaction('jobs', mode, { durability: 'strict' }).objectStore('jobs'));
    });
}

/**
 * The database. Browsers close a connection when they like: site data is cleared, Safari wakes up. What meets a closed one
 * has written nothing, and is done once more on a fresh one.
 */
export function store(): UseStore {
  return async (mode, task) => {
    const use = (opened ??= openStore());
    try {
      return await use(mode, task);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
      if (opened === use) opened = openStore();
      return opened(mode, task);
    }
  };
}

/** Keys sort by job, then by channel where those are heard one by one, then by place in the recording. */
function windowKey(id: string, { startSample, channel }: HeardWindow): string {
  const place = String(startSample).padStart(12, '0');
  return channel === undefined ? `${id}/${place}` : `${id}/${channel}-${place}`;
}

/** So many characters tell one transcript from another. */
const FIRST = 160;

/** How a transcript begins. */
export function firstWords(cues: readonly { text: string }[]): string {
  let words = '';
  for (const { text } of cues) {
    if (words.length >= FIRST) break;
    words = `${words} ${text}`.trim();
  }
  return words.slice(0, FIRST);
}

function headerOf(job: Job, added: number): Header {
  return {
    version: 1,
    id: job.id,
    added,
    demo: job.demo,
    name: job.name,
    title: job.title,
    changed: Date.now(),
    first: firstWords(job.cues),
    folder: job.folder,
    track: job.track,
    sides: job.sides,
    size: job.size,
    lastModified: job.lastModified,
    fingerprint: job.fingerprint,
    type: job.file.type,
    phase: job.phase === 'done' || job.phase === 'failed' ? job.phase : 'cancelled',
    fault: job.fault,
    facts: job.facts,
    language: job.language,
    languageProbability: job.languageProbability,
    audioSeconds: job.progress.audioSeconds,
    doneSeconds: job.progress.doneSeconds,
    report: job.report,
    seams: job.seams,
    notice: job.notice,
    speakers: job.speakers,
    made: job.made,
  };
}

/**
 * The job's record and these of its windows and edits, in one transaction: all of it is kept, or nothing. Where what was
 * written before is gone, because the person has cleared the site's data beside an open page, all windows and edits.
 * @param onProgress called whenever the browser has taken some more of it
 */
export async function saveWindows(
  job: Job,
  added: number,
  windows: readonly HeardWindow[],
  edits: CueChanges = new Map(),
  onProgress?: () => void,
): Promise<void> {
  const all = (windows: readonly HeardWindow[], edits: CueChanges): Records => [
    [job.id, headerOf(job, added)],
    ...windows.map((window): [string, HeardWindow] => [windowKey(job.id, window), window]),
    ...[...edits].map(([edit, cue]): [string, Edit] => [`${job.id}/edit ${edit}`, { edit, cue }]),
  ];
  const known = await putAll(all(windows, edits), onProgress);
  if (known || (windows.length === job.windows.length && edits.size === job.edits.size)) return;
  await putAll(all(job.windows, job.edits), onProgress);
}

/** The records of jobs of which nothing is heard. */
export async function saveNew(jobs: readonly (readonly [job: Job, added: number])[]): Promise<void> {
  await putAll(jobs.map(([job, added]) => [job.id, headerOf(job, added)]));
}

type Records = readonly (readonly [key: string, value: unknown])[];

/**
 * Puts records in one transaction, in slices: each is copied as it is put, and ten thousand would hold the page up. A
 * transaction stays open while one of its requests is, so a slice goes on from the answer to the one before. After the last
 * one it is told to end: by itself it would only when the page has heard of the answers, and one that is being left hears
 * of none.
 * @returns whether there was something in the place of the first one
 */
function putAll(records: Records, onProgress?: () => void): Promise<boolean> {
  return store()('readwrite', async (jobs) => {
    const { transaction } = jobs;
    const known = records.length > 0 ? jobs.getKey(records[0][0]) : null;
    let next = 0;
    const putSlice = () => {
      onProgress?.();
      const until = performance.now() + SLICE_MS;
      while (next < records.length) {
        const [key, value] = records[next++];
        const request = jobs.put(value, key);
        if (next === records.length || performance.now() < until) continue;
        request.onsuccess = putSlice;
        return;
      }
      transaction.commit();
    };
    putSlice();
    await promisifyRequest(transaction);
    return known?.result !== undefined;
  });
}

/** Writes the job's record and removes the windows and the voices of an earlier run. */
export async function saveAnew(job: Job, added: number): Promise<void> {
  // A browser that keeps no voices has nothing to forget.
  void import('../speakers/kept.ts').then(({ forgetVoices }) => forgetVoices(job.id)).catch(() => {});
  await forget(job.id);
  await saveNew([[job, added]]);
}

/** What is kept of a job beside its record: keys with its id before a slash. */
function partsOf(id: string, after = `${id}/`): IDBKeyRange {
  return IDBKeyRange.bound(after, `${id}0`, true, true);
}

/** Removes the job's record and all its windows, also one that was written while the job was removed from the list. */
export function forget(id: string): Promise<void> {
  return store()('readwrite', (jobs) => {
    jobs.delete(id);
    jobs.delete(partsOf(id));
    jobs.transaction.commit();
    return promisifyRequest(jobs.transaction);
  });
}

/** What a later version of the page has written is left as it is, neither shown nor changed, until that version is back. */
export const isOurs = ({ version }: { version: number }) => version === 1;

/** The records of all jobs that this version can read, oldest first. */
export async function readHeaders(): Promise<Header[]> {
  return (await readAllHeaders()).filter(isOurs);
}

/**
 * As `readHeaders`, with those that a later version has written. It goes from one to the next past all that lies between,
 * however much that is.
 */
export async function readAllHeaders(): Promise<Header[]> {
  const headers = await store()('readonly', (jobs) => {
    const found: Header[] = [];
    const walk: IDBRequest<IDBCursorWithValue | null> = jobs.openCursor();
    return new Promise<Header[]>((resolve, reject) => {
      walk.onerror = () => reject(walk.error ?? new Error('the database could not be read'));
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (cursor === null) return resolve(found);
        const key = cursor.key as string;
        const id = key.slice(0, key.indexOf('/'));
        if (key.includes('/')) return cursor.continue(`${id}0`);
        found.push(cursor.value as Header);
        cursor.continue();
      };
    });
  });
  return headers.sort((a, b) => a.added - b.added);
}

/** Records that are read in one go, some milliseconds of work for the page: few where they are windows of many cues. */
const [FEW, MANY] = [5, 200];
/** The engine's windows have less, those of an imported file 200. */
const MANY_CUES = 20;

/** A job with all that is kept of it; null: there is none. `edits`: what of its edits has a record of its own. */
export async function readJob(id: string): Promise<{ job: Job; added: number; edits: CueChanges } | null> {
  const header = await store()('readonly', (jobs) => promisifyRequest<Header | undefined>(jobs.get(id)));
  if (header === undefined || !isOurs(header)) return null;
  const windows: HeardWindow[] = [];
  const edits = new Map<string, EditableCue | null>();
  let batch = FEW;
  for (let after: string | undefined = `${id}/`; after !== undefined;) {
    const range = partsOf(id, after);
    const [keys, parts] = await store()('readonly', (jobs) =>
      Promise.all([
        promisifyRequest(jobs.getAllKeys(range, batch)),
        promisifyRequest<(HeardWindow | Edit)[]>(jobs.getAll(range, batch)),
      ]),
    );
    for (const part of parts) {
      if ('edit' in part) edits.set(part.edit, part.cue);
      else windows.push(part);
    }
    after = keys.length < batch ? undefined : (keys.at(-1) as string);
    batch = parts.some((part) => 'cues' in part && part.cues.length > MANY_CUES) ? FEW : MANY;
  }
  return { job: revive(header, windows, edits), added: header.added, edits };
}

function revive(header: Header, unsorted: HeardWindow[], kept: CueChanges): Job {
  const windows = unsorted.sort((a, b) => a.startSample - b.startSample);
  const heard = inOrder(windows.flatMap(editableCuesOf));
  const early = heard.flatMap((one): [string, EditableCue][] => {
    const text = header.edits?.[one.id];
    if (text === undefined) return [];
    const { words: _, ...cue } = one;
    return [[cue.id, { ...cue, text, edited: true }]];
  });
  const edits = new Map([...early, ...kept]);
  // The file itself is not kept: an empty one stands for it until it is added again.
  const placeholder = new File([], header.name, { type: header.type, lastModified: header.lastModified });
  return {
    ...newJob(header.id, placeholder, header.demo, header.folder ?? ''),
    saved: true,
    fileMissing: true,
    title: header.title ?? '',
    size: header.size,
    fingerprint: header.fingerprint ?? null,
    phase: header.phase,
    fault: header.fault ?? null,
    facts: header.facts,
    track: header.track ?? null,
    sides: header.sides ?? false,
    windows,
    edits,
    speakers: header.speakers ?? [],
    cues: changed(heard, edits),
    language: header.language,
    languageProbability: header.languageProbability,
    progress: { doneSeconds: header.doneSeconds, audioSeconds: header.audioSeconds, speed: 0, secondsLeft: null },
    report: header.report,
    seams: header.seams,
    made: header.made ?? [],
    notice: header.notice,
  };
}
