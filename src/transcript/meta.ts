/** The line beside a transcript's name: how long the recording is, and its languages. Pure. */
import { duration, percent } from '../clock.ts';
import { t } from '../locale/text.ts';
import { lengthOf, type Job } from '../queue/job.ts';
import { languageName } from '../settings/languages.ts';

/**
 * "12 min, English, 98 % sure"; the length once it is all heard.
 * @param languages that the words are in
 */
export function metaOf(job: Job, languages: readonly string[]): string {
  const length = lengthOf(job) ?? job.cues.at(-1)?.end ?? 0;
  return [job.phase === 'done' && length > 0 ? duration(length) : '', languageOf(job, languages)]
    .filter((part) => part !== '')
    .join(', ');
}

function languageOf({ language, languageProbability }: Job, languages: readonly string[]): string {
  if (language === null) return '';
  if (languages.length > 1) return languages.map(languageName).join(', ');
  const name = languageName(language);
  // Certain means chosen, not detected; a detected language is never "100 % sure".
  return languageProbability === 1
    ? name
    : t('{name}, {share} sure', { name, share: percent(Math.min(0.99, languageProbability)) });
}
