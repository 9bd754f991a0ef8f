/** A translation beside its transcript: never of other words than those that stand there, and nothing missing in a file. */
import { expect, test } from 'playwright/test';
import { DEFAULT_OPTIONS } from '../../src/export/exported.ts';
import { written } from '../../src/export/write.ts';
import { newJob, type EditableCue } from '../../src/queue/job.ts';
import type { Translation } from '../../src/queue/translations.ts';
import { browserCode, browserTranslator } from '../../src/translation/browser-translator.ts';
import { translateCues, type TranslationStep } from '../../src/translation/translate.ts';
import { translatedJob, translationOf, untranslated } from '../../src/translation/translated.ts';

const cue = (id: string, start: number, text: string): EditableCue => ({
  ...{ id, start, end: start + 1, text, edited: false, language: 'en' },
  words: [{ start, end: start + 1, text, probability: 1 }],
});
const CUES = [cue('a', 0, 'one'), cue('b', 5, 'two, new'), cue('c', 9, ' ')];
const GERMAN: Translation = {
  language: 'de',
  texts: new Map([
    ['a', { of: 'one', text: 'eins' }],
    ['b', { of: 'two', text: 'zwei' }],
  ]),
};
const job = { ...newJob('j', new File([], 'Talk.mp3')), language: 'en', cues: CUES };

test('a translation holds for the words that it was made of', () => {
  expect(CUES.map((one) => translationOf(one, GERMAN))).toEqual(['eins', null, null]);
  expect(untranslated(CUES, GERMAN).map(({ id }) => id)).toEqual(['b']);
  expect(untranslated(CUES, null).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('files: the translation alone or both, and what is not translated as it was said', async () => {
  const alone = translatedJob(job, GERMAN, false, 'srt');
  expect(alone).toMatchObject({ name: 'Talk.de.txt', language: 'de' });
  expect(alone.cues.map(({ text, words }) => [text, words?.length])).toEqual([
    ['eins', undefined],
    ['two, new', 1],
    [' ', 1],
  ]);
  const both = await written('vtt', translatedJob(job, GERMAN, true, 'vtt'), DEFAULT_OPTIONS);
  expect(both).toContain('one\neins\n');
  const text = await written('txt', translatedJob(job, GERMAN, true, 'txt'), { ...DEFAULT_OPTIONS, paragraphs: false });
  expect(text).toBe('one\neins\ntwo, new\n');
});

test('a browser without a translator is told from one that has it', () => {
  expect(browserTranslator()).toBeNull();
  expect(browserCode('jw')).toBe('jv');
  expect(browserCode('de')).toBe('de');
});

/** A translator of the test's own: knows English and French into German, and shouts. */
function forged(fails = false) {
  const asked: string[] = [];
  let open = 0;
  return {
    asked,
    open: () => open,
    availability: ({ sourceLanguage }: { sourceLanguage: string }) =>
      Promise.resolve(sourceLanguage === 'sv' ? ('unavailable' as const) : ('available' as const)),
    create: () => {
      open += 1;
      return Promise.resolve({
        translate: (text: string) => {
          asked.push(text);
          return fails && asked.length > 1 ? Promise.reject(new Error('gone')) : Promise.resolve(text.toUpperCase());
        },
        destroy: () => (open -= 1),
      });
    },
  };
}

test('cues are translated each from its own language, once; what cannot be is left and told of', async () => {
  const cues = [...CUES, { ...cue('d', 11, 'hej'), language: 'sv' }, { ...cue('e', 12, 'schon'), language: 'de' }];
  const steps: TranslationStep[] = [];
  const translator = forged();
  const { signal } = new AbortController();
  await translateCues(translator, cues, { target: 'de', known: GERMAN.texts }, (step) => void steps.push(step), signal);
  expect(translator.asked).toEqual(['two, new']);
  expect(translator.open()).toBe(0);
  expect(steps).toContainEqual({ type: 'unknown', language: 'sv' });
  const last = steps.at(-1);
  const texts = last?.type === 'texts' ? last.texts : new Map<string, { text: string }>();
  expect([...texts].map(([id, { text }]) => [id, text])).toEqual([
    ['a', 'eins'],
    ['b', 'TWO, NEW'],
    ['e', 'schon'],
  ]);
});

test('a translator that stops, or is stopped, keeps what was done', async () => {
  for (const stopped of [true, false]) {
    const stop = new AbortController();
    const translator = forged(!stopped);
    let done = 0;
    const tell = (step: TranslationStep) => {
      if (step.type === 'texts') done = step.texts.size;
      if (step.type === 'translating' && stopped) stop.abort();
    };
    const run = translateCues(translator, CUES, { target: 'de', known: null }, tell, stop.signal);
    await expect(run).rejects.toThrow();
    expect(done).toBe(1);
    expect(translator.open()).toBe(0);
  }
});
