/** Transcripts on the disk: puts a finished one there, as an earlier visit would have left it, and says what is there. */
import type { Page } from 'playwright/test';
import type { Cue } from '../../workers/protocol.ts';

export type KeptCue = Pick<Cue, 'start' | 'end' | 'text'> & Partial<Cue>;

/** @param header more of the job's record, or other than usual @param perWindow cues of one window */
export async function keepCues(
  page: Page,
  cues: readonly KeptCue[],
  header: Record<string, unknown> = {},
  perWindow = 10,
): Promise<void> {
  await page.evaluate(
    async ([cues, header, perWindow]) => {
      const open = indexedDB.open('earshot-transcripts');
      open.onupgradeneeded = () => open.result.createObjectStore('jobs');
      await new Promise((resolve) => (open.onsuccess = resolve));
      const write = open.result.transaction('jobs', 'readwrite');
      const jobs = write.objectStore('jobs');
      const id = typeof header['id'] === 'string' ? header['id'] : 'kept';
      const seconds = cues.at(-1)?.end ?? 0;
      const facts = { container: 'wav', codec: 'pcm', seconds, sampleRate: 16000, channels: 1, video: false };
      const file = { name: 'kept.wav', size: 5, lastModified: 1, type: 'audio/wav', demo: false };
      const heard = { language: 'en', languageProbability: 0.98, audioSeconds: seconds, doneSeconds: seconds, facts };
      const rest = { phase: 'done', report: null, notice: null, seams: [] };
      jobs.put({ version: 1, id, added: 1, ...file, ...heard, ...rest, ...header }, id);
      for (let first = 0; first < cues.length; first += perWindow) {
        const startSample = Math.round(cues[first].start * 16000);
        const own = cues.slice(first, first + perWindow);
        const decoded = { tokens: [], language: 'en', languageProbability: 0.98, temperature: 0, backend: 'gpu' };
        const sure = { noSpeechProbability: 0, averageLogProbability: -0.2, compressionRatio: 1.2 };
        const place = { index: first / perWindow, startSample, endSample: startSample + 1 };
        jobs.put({ ...place, ...decoded, ...sure, cues: own }, `${id}/${String(startSample).padStart(12, '0')}`);
      }
      await new Promise((resolve) => (write.oncomplete = resolve));
      open.result.close();
    },
    [cues, header, perWindow] as const,
  );
}

/** Texts of the cues that were corrected, as far as they have reached the disk. */
export const keptEdits = (page: Page): Promise<string[]> => read(page, 'edits');

/** Keys of what is kept of transcripts: `<job>` for a record, `<job>/<sample>` for a window. */
export const keptKeys = (page: Page): Promise<string[]> => read(page, 'keys');

function read(page: Page, what: 'edits' | 'keys'): Promise<string[]> {
  return page.evaluate(
    (what) =>
      new Promise<string[]>((resolve, reject) => {
        const open = indexedDB.open('earshot-transcripts');
        open.onerror = () => reject(open.error ?? new Error('open'));
        open.onsuccess = () => {
          const jobs = open.result.transaction('jobs').objectStore('jobs');
          const all = what === 'keys' ? jobs.getAllKeys() : jobs.getAll();
          all.onsuccess = () => {
            open.result.close();
            if (what === 'keys') return resolve(all.result as string[]);
            const kept = all.result as { edit?: string; cue?: { text: string } | null }[];
            resolve(kept.flatMap(({ edit, cue }) => (edit === undefined || !cue ? [] : [cue.text])));
          };
        };
      }),
    what,
  );
}
