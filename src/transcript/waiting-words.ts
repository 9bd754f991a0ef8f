/** What stands on the empty sheet: why there are no words, or when they come. */
import type { Job } from '../queue/job.ts';

export function waitingWords(job: Pick<Job, 'phase' | 'notice'> | null): string {
  switch (job?.phase) {
    case undefined:
      return 'Your first words will stand here';
    case 'waiting':
      return 'Starts by itself after the files before it';
    case 'needs-model':
      return 'Starts by itself when the model is here';
    case 'opening':
      return 'Opening the file';
    case 'loading-model':
      return 'Starts by itself when the model is in memory';
    case 'transcribing':
      return 'Listening for the first words';
    case 'done':
      return job?.notice ?? 'No speech was found.';
    case 'cancelled':
      return 'Stopped before the first words';
    case 'failed':
      return 'Nothing was transcribed';
  }
}
