/** What a transcript was made with, in words: names and what they say, in the order they are read. Pure. */
import type { ModelState } from '../../workers/protocol.ts';
import { clock } from '../clock.ts';
import type { Making } from '../making.ts';
import { date, phrase, t, type Phrase } from '../locale/text.ts';
import { languageName } from '../settings/languages.ts';

const FORMS: Readonly<Partial<Record<string, Phrase>>> = {
  b8: phrase('8-bit blocks'),
  q4: phrase('4-bit decoder'),
  fp32: phrase('full precision'),
  q8: phrase('8-bit'),
};

/** The heading of one: "All of it", or the times that were heard again. */
export function madeTitle({ part }: Making, longest: number): string {
  return part === undefined
    ? t('All of it')
    : t('{from} to {to}, heard again', { from: clock(part.start, longest), to: clock(part.end, longest) });
}

/** @param models the catalogue; null: not known yet */
export function madeFacts(making: Making, models: readonly ModelState[] | null): [name: string, value: string][] {
  const name = models?.find(({ id }) => id === making.model)?.name ?? making.model;
  const yes = (is: boolean) => (is ? t('Yes') : t('No'));
  const language = making.language === null ? t('Detected') : languageName(making.language);
  return [
    [t('Model'), `${name} (${t(FORMS[making.form] ?? making.form)})`],
    [t('Backend'), making.backend === 'gpu' ? 'GPU' : 'CPU'],
    [t('Language'), making.languagePerWindow ? t('{language}, anew every half minute', { language }) : language],
    [t('Task'), making.task === 'translate' ? t('Translate to English') : t('Transcribe')],
    [t('Silence skipped'), yes(making.skipSilence)],
    [t('Words with times'), yes(making.words)],
    [t('Names and spellings'), making.glossary === '' ? t('None') : making.glossary],
    [t('Date'), date(new Date(making.at), { dateStyle: 'long', timeStyle: 'short' }, 'en')],
    ['Earshot', making.version],
  ];
}
