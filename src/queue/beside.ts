/** What is kept of a job beside its words: its translation and its voices. Not a part of the first load. */
import { forgetVoices, keepVoices, voicesOf } from '../speakers/kept.ts';
import { keepTranslation, keptTranslation, takeTranslation } from './translations.ts';

/** Takes it off the disk. What cannot be read cannot be put back either. @returns puts back what was there */
export async function takeBeside(jobId: string): Promise<() => Promise<void>> {
  const voices = await voicesOf(jobId).catch(() => null);
  await forgetVoices(jobId).catch(() => {});
  const putBackTranslation = await takeTranslation(jobId).catch(() => null);
  return async () => {
    await putBackTranslation?.().catch(() => {});
    if (voices !== null) await keepVoices(jobId, voices).catch(() => {});
  };
}

/** A transcript was copied: what lies beside it is beside the copy, too. Where its recording lies is kept by that one's name. */
export async function copyBeside(jobId: string, copyId: string): Promise<void> {
  const translation = await keptTranslation(jobId);
  if (translation !== null) await keepTranslation(copyId, translation);
  const voices = await voicesOf(jobId).catch(() => null);
  if (voices !== null) await keepVoices(copyId, voices);
}
