/** What is kept of a job beside its words: its translation and its voices. Not a part of the first load. */
import { keepVoices, voicesOf } from '../speakers/kept.ts';
import { takeTranslation } from './translations.ts';

/** Before a job leaves the disk. What cannot be read cannot be put back either. @returns puts back what was there */
export async function takeBeside(jobId: string): Promise<() => Promise<void>> {
  const voices = await voicesOf(jobId).catch(() => null);
  const putBackTranslation = await takeTranslation(jobId).catch(() => null);
  return async () => {
    await putBackTranslation?.().catch(() => {});
    if (voices !== null) await keepVoices(jobId, voices).catch(() => {});
  };
}
