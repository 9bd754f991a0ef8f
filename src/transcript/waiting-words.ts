/** What stands on the empty sheet: why there are no words, or when they come. */
import { t } from '../locale/text.ts';
import type { Job } from '../queue/job.ts';

export function waitingWords(job: Pick<Job, 'phase' | 'notice'> | null): string {
  switch (job?.phase) {
    case undefined:
      return t('Your first words will stand here');
    case 'waiting':
      return t('Starts by itself after the files before it');
    case 'needs-model':
      return t('Starts by itself when the model is here');
    case 'opening':
      return t('Opening the file');
    case 'loading-model':
      return t('Starts by itself when the model is in memory');
    case 'transcribing':
      return t('Listening for the first words');
    case 'done':
      return job?.notice ?? t('No speech was found.');
    case 'cancelled':
      return t('Stopped before the first words');
    case 'failed':
      return t('Nothing was transcribed');
  }
}
