/** A person's own spellings and the filler words: nothing that was heard is lost by either. */
import { expect, test } from 'playwright/test';
import { glossaryOf } from '../../workers/hearing/prompt.ts';
import { DEFAULT_JOB, type Word } from '../../workers/protocol.ts';
import { textCodec } from '../../workers/whisper/text.ts';
import { plainText } from '../../src/export/plain-text.ts';
import { DEFAULT_OPTIONS } from '../../src/export/exported.ts';
import { written } from '../../src/export/write.ts';
import { newJob, type EditableCue, type HeardWindow } from '../../src/queue/job.ts';
import { withWindow } from '../../src/queue/job.ts';
import { withSpelling } from '../../src/queue/job-steps.ts';
import { TranscriptDocument } from '../../src/transcript/document.ts';
import { FILLER_LANGUAGES, shownCue, withoutFillers } from '../../src/words/fillers.ts';
import {
  asHeard,
  heardPart,
  replacementsIn,
  rulesAsText,
  rulesOfText,
  validRules,
  withRules,
  type Rule,
} from '../../src/words/rules.ts';
import { scripted } from './forged-decode.ts';
import { forge } from './forged-job.ts';
import { randomFrom, type Random } from './random.ts';

const rule = (from: string, to: string, more: Partial<Rule> = {}): Rule => ({
  ...{ from, to, wholeWord: true, matchCase: false, language: '' },
  ...more,
});

/** A cue with a word each half second. */
function cueOf(text: string, language = 'en', id = '0-0'): EditableCue {
  const words = text.split(' ').map((word, index): Word => ({
    ...{ start: index / 2, end: index / 2 + 0.4, text: word, probability: 0.6 },
  }));
  return { id, start: 0, end: words.length / 2, text, words, edited: false, language };
}

const ruled = (text: string, rules: Rule[], language = 'en') => withRules(cueOf(text, language), rules).text;

test('whole words, case, language, signs that mean something in a pattern', () => {
  expect(ruled('Sinclare said: SINCLARE’s sinclares', [rule('sinclare', 'Sinclair')])).toBe(
    'Sinclair said: Sinclair’s sinclares',
  );
  expect(ruled('sinclares', [rule('sinclare', 'Sinclair', { wholeWord: false })])).toBe('Sinclairs');
  expect(ruled('US us', [rule('us', 'them', { matchCase: true })])).toBe('US them');
  expect(ruled('um', [rule('um', 'X', { language: 'en' })], 'de')).toBe('um');
  expect(ruled('c++ and a.b, axb', [rule('c++', 'C++'), rule('a.b', 'A.B')])).toBe('C++ and A.B, axb');
  expect(ruled('the fresnel  lens is', [rule('fresnel lens', 'Fresnel lens')])).toBe('the Fresnel lens is');
  expect(ruled('Müller Müllerin', [rule('müller', 'Mueller')], 'de')).toBe('Mueller Müllerin');
  expect(ruled('这是东京塔的照片', [rule('东京塔', '東京タワー')], 'zh')).toBe('这是東京タワー的照片');
  expect(ruled('a b', [rule('a', 'b'), rule('b', 'a')])).toBe('b a');
  expect(ruled('new york city', [rule('new york', 'NY'), rule('new york city', 'NYC')])).toBe('NYC');
  expect(ruled('gone now', [rule('gone', '')])).toBe('now');
  expect(ruled('anything', [rule(' ', 'x'), rule('', 'y')])).toBe('anything');
  expect(replacementsIn('Ada', 'en', [rule('ada', 'Ada')])).toEqual([]);
});

function rulesAtRandom(random: Random): Rule[] {
  const texts = ['ask', 'not what', 'country', 'you', 'Ada Lovelace', '国', 'x+y', 'o'];
  const one = () => texts[random.whole(0, texts.length - 1)];
  return Array.from({ length: random.whole(0, 4) }, () => ({
    ...{ from: one(), to: random.next() < 0.1 ? '' : one(), wholeWord: random.next() < 0.6 },
    ...{ matchCase: random.next() < 0.3, language: random.next() < 0.3 ? 'de' : '' },
  }));
}

test('rules at random never lose the time of a word that stays, and what was heard comes back to the letter', () => {
  const random = randomFrom(20261126);
  const lexicon = 'ask not what your country can do for you Ada 国家 x+y'.split(' ');
  let changed = 0;
  const faults: string[] = [];
  for (let round = 0; round < 2000; round += 1) {
    const text = Array.from({ length: random.whole(1, 9) }, () => lexicon[random.whole(0, lexicon.length - 1)]).join(
      ' ',
    );
    const cue = cueOf(text, random.next() < 0.5 ? 'de' : 'en');
    const frozen = JSON.stringify(cue);
    const after = withRules(cue, rulesAtRandom(random));
    const note = (what: string) => faults.push(`${what}: ${text} → ${after.text}`);
    if (JSON.stringify(cue) !== frozen) note('the cue was written to');
    if (after === cue) continue;
    changed += 1;
    const back = asHeard(after);
    if (back.text !== cue.text || JSON.stringify(back.words) !== JSON.stringify(cue.words) || 'heard' in back)
      note('what was heard is lost');
    const words = after.words ?? [];
    if (words.map((word) => word.text).join('') !== after.text.replace(/\s/g, '')) note('a word is lost');
    words.forEach(({ start, end }, index) => {
      if (start < (words[index - 1]?.start ?? cue.start) || end < start || end > cue.end) note('a time is wrong');
    });
    // A word that stands there as it did, with no rule before it, has its own time.
    for (const [index, word] of words.entries()) {
      if (cue.words?.[index]?.text !== word.text) break;
      if (word.probability < 1 && JSON.stringify(word) !== JSON.stringify(cue.words[index])) note('a word moved');
    }
  }
  expect(faults).toEqual([]);
  expect(changed).toBeGreaterThan(500);
});

test('what stands beside a cue is what was heard there, no more', () => {
  const cue = withRules(cueOf('I met Mr Sinclare in town'), [rule('sinclare', 'Sinclair')]);
  expect(heardPart(cue)).toBe('Sinclare');
  expect(heardPart(cueOf('x'))).toBe('');
  expect(heardPart(withRules(cueOf('a b'), [rule('b', '')]))).toContain('b');
});

const window = (text: string): HeardWindow => ({
  ...{ index: 0, startSample: 0, endSample: 16000, tokens: [], language: 'en', languageProbability: 1 },
  ...{ noSpeechProbability: 0, averageLogProbability: 0, compressionRatio: 1, temperature: 0, backend: 'cpu' },
  cues: [{ start: 0, end: 2, text, words: cueOf(text).words! }],
});

test('a window comes with the spellings, is kept as it was heard, and undo gives that back', () => {
  const rules = [rule('sinclare', 'Sinclair')];
  const job = newJob('j', new File([], 'a.wav'));
  const heard = window('Mr Sinclare came');
  const spelt = withSpelling(job, withWindow(job, heard), heard, (cue) => withRules(cue, rules));
  expect(spelt.cues.map(({ text, edited }) => [text, edited])).toEqual([['Mr Sinclair came', false]]);
  expect(spelt.windows[0].cues[0].text).toBe('Mr Sinclare came');
  expect(spelt.edits.size).toBe(1);
  // A window that was there already is not spelt again: a person may have put back what was heard.
  expect(withSpelling(spelt, withWindow(spelt, heard), heard, (cue) => withRules(cue, rules))).toBe(spelt);
  expect(withSpelling(job, withWindow(job, heard), heard, null).edits.size).toBe(0);

  const document = new TranscriptDocument(job.cues);
  document.absorb(job.cues, spelt.cues);
  const id = spelt.cues[0].id;
  expect(document.canUndo).toBe(true);
  document.setText(id, 'Mr Sinclair came in');
  document.undo();
  expect(document.cues.get(id)?.text).toBe('Mr Sinclair came');
  document.undo();
  expect(document.cues.get(id)).toEqual({
    ...spelt.cues[0],
    text: 'Mr Sinclare came',
    words: heard.cues[0].words,
    heard: undefined,
  });
  expect(document.takeChanges()?.cues.get(id)?.text).toBe('Mr Sinclare came');
  document.redo();
  expect(document.cues.get(id)).toBe(spelt.cues[0]);
  expect(document.putBackHeard(id)).toBe(true);
  expect(document.cues.get(id)?.text).toBe('Mr Sinclare came');
  expect(document.putBackHeard(id)).toBe(false);
});

test('the steps of spellings lie beneath those of a person, whenever they come', () => {
  const first = cueOf('one two', 'en', '0-0');
  const second = withRules({ ...cueOf('Sinclare', 'en', '16000-0'), start: 5, end: 6 }, [rule('sinclare', 'Sinclair')]);
  const document = new TranscriptDocument([first]);
  document.setText('0-0', 'eins zwei');
  document.absorb([first], [first, second]);
  document.undo();
  expect(document.cues.get('0-0')?.text).toBe('one two');
  document.undo();
  expect(document.cues.get('16000-0')?.text).toBe('Sinclare');
  expect(document.canUndo).toBe(false);
  document.redo();
  document.redo();
  expect(document.cues.toArray().map(({ text }) => text)).toEqual(['eins zwei', 'Sinclair']);
  document.split('16000-0', 4);
  expect(document.cues.toArray().every(({ heard }) => heard === undefined)).toBe(true);
});

test('rules as text: what is written is read, arrows are, and what is none is counted', () => {
  const rules = [rule('sinclare', 'Sinclair'), rule('us', 'US', { matchCase: true, wholeWord: false, language: 'en' })];
  expect(rulesOfText(rulesAsText(rules))).toEqual({ rules, skipped: 0 });
  expect(rulesOfText('\ufeffa → b\r\nc => d\n\nnonsense\n\tx\n')).toEqual({
    rules: [rule('a', 'b'), rule('c', 'd')],
    skipped: 2,
  });
  expect(validRules([{ from: 'a', to: 'b' }, null, 3, { from: 1 }])).toEqual([rule('a', 'b')]);
  expect(validRules('x')).toEqual([]);
});

test('filler words: by language, with what leans on them', () => {
  const cases: [language: string, said: string, shown: string][] = [
    ['en', 'Um, so we went.', 'So we went.'],
    ['en', 'I, uh, think so', 'I think so'],
    ['en', 'It was, um and then, er... gone.', 'It was, and then gone.'],
    ['en', 'Yes. Uh, um, no.', 'Yes. No.'],
    ['en', 'the hummus, umbrella and her era', 'the hummus, umbrella and her era'],
    ['en', 'Uhhh.', ''],
    ['de', 'um acht Uhr, äh, geht er', 'um acht Uhr geht er'],
    ['de', 'Ähm, ich gehe um die Ecke.', 'Ich gehe um die Ecke.'],
    ['fr', 'Euh, je vais, euh, partir', 'Je vais partir'],
    ['es', 'Quiero este, no ese. Este, en cambio, no.', 'Quiero este, no ese. Este, en cambio, no.'],
    ['es', 'Pues, esteee, no sé', 'Pues no sé'],
    ['ja', 'um uh', 'um uh'],
  ];
  for (const [language, said, shown] of cases) expect(withoutFillers(said, language), said).toBe(shown);
});

test('hidden is not deleted: the cue stays, and what is shown has the words that are left at their own times', () => {
  const random = randomFrom(7);
  const lexicon = ['um', 'uh,', 'er', 'so', 'we', 'went,', 'Home.', 'Um,', 'hmm', 'äh', 'euh', 'her'];
  const bare = (said: string) =>
    said
      .toLowerCase()
      .replace(/[^\p{L}\s]/gu, '')
      .split(/\s+/)
      .filter(Boolean);
  const faults: string[] = [];
  let hiding = 0;
  for (let round = 0; round < 2000; round += 1) {
    const language = FILLER_LANGUAGES[random.whole(0, FILLER_LANGUAGES.length - 1)];
    const text = Array.from({ length: random.whole(1, 8) }, () => lexicon[random.whole(0, lexicon.length - 1)]).join(
      ' ',
    );
    const cue = cueOf(text, language);
    const before = JSON.stringify(cue);
    const shown = shownCue(cue, new Set([language]));
    const note = (what: string) => faults.push(`${what}: ${text} → ${shown.text}`);
    if (shown !== cue) hiding += 1;
    if (JSON.stringify(cue) !== before || shownCue(cue, new Set()) !== cue) note('the cue is another');
    let at = -1;
    for (const word of bare(shown.text)) {
      at = bare(text).indexOf(word, at + 1);
      if (at < 0) note(`"${word}" was not said there`);
    }
    for (const { start, end } of shown.words ?? [])
      if (!cue.words?.some((word) => word.start === start && word.end === end)) note('a time is made up');
  }
  expect(faults).toEqual([]);
  expect(hiding).toBeGreaterThan(500);
});

test('exports leave out what is hidden; our own JSON has all of it', async () => {
  const job = {
    ...newJob('j', new File([], 'a.wav')),
    cues: [cueOf('Um, we went'), { ...cueOf('Uh.'), start: 9, end: 9.5 }],
  };
  const options = { ...DEFAULT_OPTIONS, hidden: new Set(['en']) };
  expect(await written('txt', job, options)).toBe('We went\n');
  expect(String(await written('srt', job, options))).not.toMatch(/um|uh/i);
  expect(String(await written('vtt', job, { ...options, wordTimes: true }))).not.toMatch(/um|uh/i);
  expect(String(await written('json', job, options))).toContain('Um, we went');
  expect(await written('txt', job, DEFAULT_OPTIONS)).toBe(plainText(job.cues, null));
});

test('what looks like a special token in a glossary is left out, and the prompt stays within its half', () => {
  const END = 50;
  const tokenizer = {
    // A tokenizer knows its special tokens also inside a text.
    encode: (text: string) =>
      text.split(/(<\|.*?\|>)/).flatMap((part) => (part.startsWith('<|') ? [END + 3] : [...part].map(() => 7))),
    decode: () => '',
  };
  const model = { ...forge(scripted({})).model, text: textCodec(tokenizer, END) };
  const random = randomFrom(3);
  for (let round = 0; round < 200; round += 1) {
    const glossary = Array.from({ length: random.whole(0, 60) }, () => (random.next() < 0.2 ? '<|en|>' : 'Ada')).join(
      ' ',
    );
    const prompt = glossaryOf(model, { ...DEFAULT_JOB, glossary });
    const [first, ...words] = prompt;
    const isRight =
      glossary === ''
        ? prompt.length === 0
        : first === model.tokens.startOfPrevious &&
          words.every((id) => id < END) &&
          words.length <= model.targetPositions / 2 - 1;
    expect(isRight, `${glossary} → ${prompt.join(' ')}`).toBe(true);
  }
});
