/** What a transcript was made with, in words: names and what they say, in the order they are read. Pure. */
import type { ModelState } from '../../workers/protocol.ts';
import { clock } from '../clock.ts';
import type { Making } from '../making.ts';
import { languageName } from '../settings/languages.ts';

const FORMS: Readonly<Partial<Record<string, string>>> = {
  b8: '8-bit blocks',
  q4: '4-bit decoder',
  fp32: 'full precision',
  q8: '8-bit',
};

/** The heading of one: "All of it", or the times that were heard again. */
export function madeTitle({ part }: Making, longest: number): string {
  return part === undefined ? 'All of it' : `${clock(part.start, longest)} to ${clock(part.end, longest)}, heard again`;
}

/** @param models the catalogue; null: not known yet */
export function madeFacts(making: Making, models: readonly ModelState[] | null): [name: string, value: string][] {
  const name = models?.find(({ id }) => id === making.model)?.name ?? making.model;
  const yes = (is: boolean) => (is ? 'Yes' : 'No');
  const language = making.language === null ? 'Detected' : languageName(making.language);
  return [
    ['Model', `${name} (${FORMS[making.form] ?? making.form})`],
    ['Backend', making.backend === 'gpu' ? 'GPU' : 'CPU'],
    ['Language', making.languagePerWindow ? `${language}, anew every half minute` : language],
    ['Task', making.task === 'translate' ? 'Translate to English' : 'Transcribe'],
    ['Silence skipped', yes(making.skipSilence)],
    ['Words with times', yes(making.words)],
    ['Names and spellings', making.glossary === '' ? 'None' : making.glossary],
    ['Date', new Date(making.at).toLocaleString('en', { dateStyle: 'long', timeStyle: 'short' })],
    ['Earshot', making.version],
  ];
}
