/** The subtitle shaper: every limit kept or told of, every word there, times that a player can follow. */
import { expect, test } from 'playwright/test';
import { columnsOf, isFullWidth } from '../../src/shaper/columns.ts';
import { PRESETS, validLimits, type Limits } from '../../src/shaper/limits.ts';
import { split, tidy, type ShapedCue } from '../../src/shaper/pieces.ts';
import { listViolations, shape, shaping } from '../../src/shaper/shape.ts';
import type { Shaped } from '../../src/shaper/shaped.ts';
import { randomFrom, type Random } from './random.ts';

function preset(id: string): Limits {
  const limits = PRESETS.find((one) => one.id === id)?.limits;
  if (!limits) throw new Error(`no limits: ${id}`);
  return limits;
}
const BROADCAST = preset('broadcast');
const lines = (shaped: readonly Shaped[]) => shaped.map((one) => one.lines);

/** Evenly spoken words. */
function spoken(text: string, start = 0, secondsPerWord = 0.4, over: Partial<ShapedCue> = {}): ShapedCue {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    start: start + index * secondsPerWord,
    end: start + (index + 1) * secondsPerWord,
  }));
  return { start, end: start + words.length * secondsPerWord, text, words, ...over };
}

test('cues that Whisper cut in the midst of a phrase are put together and cut at phrases', () => {
  const shaped = shape(
    [
      spoken('And so, my fellow Americans: ask not what'),
      spoken('your country can do for you,', 3.2),
      spoken('ask what you can do for your country.', 5.6),
    ],
    { limits: BROADCAST },
  );
  expect(lines(shaped)).toEqual([
    ['And so, my fellow Americans:'],
    ['ask not what your country can do for you,', 'ask what you can do for your country.'],
  ]);
  expect(shaped.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [0, 1920],
    [2000, 8800],
  ]);
});

test('no line ends with an article or a preposition where it may end elsewhere', () => {
  const text = 'We carried the lantern over the harbour wall and put it on the table in the kitchen of the old house';
  const shaped = shape([spoken(text)], { limits: BROADCAST });
  const ends = lines(shaped)
    .flat()
    .map((line) => line.split(' ').at(-1));
  for (const word of ['the', 'over', 'on', 'in', 'of', 'and']) expect(ends).not.toContain(word);
});

test('the same holds in German and in French', () => {
  const german =
    'Wir haben die Linse in elf Kisten herausgenommen und auf der Rückseite stand eine Nummer mit Bleistift';
  const french =
    'Nous avons sorti la lentille dans onze caisses et au dos de chaque prisme il y avait un numéro au crayon';
  for (const [language, text, never] of [
    ['de', german, ['die', 'in', 'elf', 'und', 'auf', 'der', 'eine', 'mit']],
    ['fr', french, ['la', 'dans', 'et', 'au', 'de', 'un']],
  ] as const) {
    const ends = lines(shape([spoken(text, 0, 0.4, { language })], { limits: BROADCAST }))
      .flat()
      .map((line) => line.split(' ').at(-1) ?? '');
    expect(ends.filter((word) => (never as readonly string[]).includes(word))).toEqual([]);
  }
});

test('text without spaces is cut between its words, at 16 full-width characters', () => {
  const text = '今日はとても天気がいいので、みんなで近くの公園に散歩に行きましょう。それからご飯を食べます。';
  const shaped = shape([{ start: 0, end: 15, text, language: 'ja' }], { limits: BROADCAST });
  expect(shaped.flatMap((one) => one.lines).join('')).toBe(text);
  for (const line of shaped.flatMap((one) => one.lines)) {
    expect(columnsOf(line)).toBeLessThanOrEqual(32);
    expect(line).not.toMatch(/^[、。ー]/u);
  }
  const words = new Set([...new Intl.Segmenter('ja', { granularity: 'word' }).segment(text)].map(({ index }) => index));
  let at = 0;
  for (const line of shaped.flatMap((one) => one.lines)) {
    expect(words.has(at), `a word begins at ${at}`).toBe(true);
    at += line.length;
  }
  expect(listViolations(shaped, BROADCAST)).toEqual([]);
  // The text of two cues is joined without a space, too.
  const two = shape(
    [
      { start: 0, end: 1, text: '你好，', language: 'zh' },
      { start: 1, end: 2, text: '世界。', language: 'zh' },
    ],
    { limits: BROADCAST },
  );
  expect(lines(two)).toEqual([['你好，世界。']]);
});

test('right-to-left text keeps its characters in their order and is cut at its own punctuation', () => {
  const text = 'ذهبنا إلى المنارة في الصباح الباكر، وكان البحر هادئا جدا، ثم عدنا إلى البيت في المساء';
  const shaped = shape([spoken(text, 0, 0.5, { language: 'ar' })], { limits: BROADCAST });
  expect(
    lines(shaped)
      .map((one) => one.join(' '))
      .join(' '),
  ).toBe(text);
  expect(
    lines(shaped)
      .flat()
      .filter((line) => line.endsWith('،')).length,
  ).toBeGreaterThanOrEqual(2);
});

test('short form shows word by word, at the time of each', () => {
  const shaped = shape([spoken('Eleven crates of glass.', 2, 0.5)], { limits: preset('short') });
  expect(shaped.map(({ lines: text, startMs, endMs }) => [text, startMs, endMs])).toEqual([
    [['Eleven'], 2000, 2500],
    [['crates'], 2500, 3000],
    [['of'], 3000, 3500],
    [['glass.'], 3500, 4000],
  ]);
});

test('without word times, and with words of another text, the times are shared out', () => {
  const cue = { start: 10, end: 14, text: 'aaaa bbbb' };
  const limits = preset('short');
  expect(shape([cue], { limits }).map(({ startMs }) => startMs)).toEqual([10_000, 12_000]);
  // "two" was heard; the person made "twenty two" of it.
  const edited = {
    start: 0,
    end: 4,
    text: 'one twenty two three',
    words: [
      { text: 'one', start: 0, end: 1 },
      { text: 'two', start: 1.5, end: 2 },
      { text: 'three', start: 3, end: 4 },
    ],
  };
  expect(shape([edited], { limits }).map(({ startMs }) => startMs)).toEqual([0, 1000, 1500, 3000]);
});

test('a subtitle stays long enough to be read where there is room, and says so where there is none', () => {
  const short = { start: 1, end: 1.2, text: 'Yes, I am quite sure.' };
  const [alone] = shape([short], { limits: BROADCAST, endSeconds: 60 });
  expect(alone.endMs - alone.startMs).toBe(Math.ceil((21 * 1000) / 17));
  // The recording ends: it may only come a moment before its words.
  const [cut] = shape([short], { limits: BROADCAST, endSeconds: 1.5 });
  expect([cut.startMs, cut.endMs]).toEqual([800, 1500]);
  const [told] = listViolations([cut], BROADCAST);
  expect(told.violations.map(({ kind }) => kind)).toEqual(['fast', 'short']);
});

test('a word that is longer than a line stays whole and is told of', () => {
  const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
  const shaped = shape([spoken(`Die ${long} tagt.`, 0, 2)], { limits: BROADCAST });
  expect(
    lines(shaped)
      .flat()
      .some((line) => line.includes(long)),
  ).toBe(true);
  expect(listViolations(shaped, BROADCAST).flatMap(({ violations }) => violations)).toContainEqual({
    kind: 'line',
    value: 80,
    limit: 42,
  });
});

test('a label stands where the speaker changes, and counts', () => {
  const cues = [
    spoken('Hello there.', 0, 0.5, { speaker: 'a' }),
    spoken('It is me.', 1.5, 0.5, { speaker: 'a' }),
    spoken('Who?', 4, 0.5, { speaker: 'b' }),
  ];
  const names: Record<string, string> = { a: 'Anna:', b: 'Ben:' };
  const shaped = shape(cues, { limits: BROADCAST, label: (speaker) => names[speaker] });
  expect(lines(shaped).map((one) => one.join(' '))).toEqual(['Anna: Hello there. It is me.', 'Ben: Who?']);
  expect(lines(shape(cues, { limits: BROADCAST })).map((one) => one.join(' '))).toEqual([
    'Hello there. It is me.',
    'Who?',
  ]);
});

test('columns: combining marks take none, full-width characters and emoji two', () => {
  expect(columnsOf('Größe')).toBe(5);
  expect(columnsOf('e\u0301te\u0301')).toBe(3);
  expect(columnsOf('世界')).toBe(4);
  expect(columnsOf('👩‍👩‍👧!')).toBe(3);
  expect(columnsOf('हिन्दी')).toBe([...new Intl.Segmenter().segment('हिन्दी')].length);
  expect(isFullWidth('世界 OK')).toBe(true);
  expect(isFullWidth('The word 世界 means world')).toBe(false);
});

test('limits of any kind become limits that can be worked with', () => {
  expect(
    validLimits({ lines: 0, charactersPerLine: '9', gapMs: NaN, maxSeconds: 0.5, minSeconds: 2 }, BROADCAST),
  ).toEqual({ ...BROADCAST, lines: 1, minSeconds: 2, maxSeconds: 2 });
  expect(validLimits(null, BROADCAST)).toEqual(BROADCAST);
});

const ATOMS = [
  ...[
    'a',
    'I',
    'the',
    'of',
    'und',
    'lantern',
    'harbour',
    'extraordinarily',
    'Dr.',
    'z. B.',
    'yes,',
    'no.',
    'why?',
    '—',
  ],
  ...[
    '«',
    '»',
    '?',
    '...',
    '<b>x</b>',
    '-->',
    '{\\an8}',
    '👩‍👩‍👧',
    'e\u0301',
    'שלום',
    'مرحبا،',
    '世界',
    '你好，',
    'カタカナ',
    '한국어',
  ],
  ...['สวัสดีครับ', 'w'.repeat(70), '12:30', '\u00a0!', 'l’eau', '\u200b', '(so)', '\u2028'],
];

/** Crowded on purpose: overlaps, no length, words that are not those of the text, several speakers. */
function randomCues(random: Random): ShapedCue[] {
  let at = random.between(0, 5);
  return Array.from({ length: random.whole(1, 25) }, () => {
    at = Math.max(0, at + random.between(-1, 3));
    const text = Array.from({ length: random.whole(0, 25) }, () => ATOMS[random.whole(0, ATOMS.length - 1)]).join(
      random.next() < 0.1 ? '\n' : ' ',
    );
    const end = at + random.between(0, 8);
    const cue: ShapedCue = {
      start: at,
      end,
      text,
      language: ['en', 'ja', 'ar', 'xx-not-a-tag-', ''][random.whole(0, 4)],
    };
    if (random.next() < 0.5) {
      const heard = text.split(/\s+/).filter(() => random.next() < 0.9);
      cue.words = heard.map((word, index) => ({
        text: word,
        start: at + ((end - at) * index) / heard.length,
        end: at + ((end - at) * (index + random.next())) / heard.length,
      }));
    }
    if (random.next() < 0.5) cue.speaker = `s${random.whole(0, 2)}`;
    at = end;
    return cue;
  });
}

function randomLimits(random: Random): Limits {
  const { next, whole } = random;
  return {
    charactersPerLine: next() < 0.1 ? 0 : whole(8, 80),
    fullWidthPerLine: next() < 0.1 ? 0 : whole(4, 30),
    lines: whole(1, 4),
    charactersPerSecond: next() < 0.1 ? 0 : whole(5, 30),
    fullWidthPerSecond: next() < 0.1 ? 0 : whole(3, 12),
    minSeconds: next() < 0.1 ? 0 : random.between(0.1, 2),
    maxSeconds: next() < 0.1 ? 0 : random.between(2, 9),
    gapMs: next() < 0.3 ? 0 : whole(1, 300),
    words: next() < 0.7 ? 0 : whole(1, 5),
  };
}

/** What is broken, told again without the shaper's own check. */
function brokenKinds(shaped: readonly Shaped[], index: number, limits: Limits): string[] {
  const { lines: text, startMs, endMs, fullWidth } = shaped[index];
  const perLine = (fullWidth ? limits.fullWidthPerLine * 2 : limits.charactersPerLine) || Infinity;
  const perSecond = (fullWidth ? limits.fullWidthPerSecond * 2 : limits.charactersPerSecond) || Infinity;
  const seconds = (endMs - startMs) / 1000;
  const columns = text.reduce((sum, line) => sum + columnsOf(line), 0);
  return [
    ...(text.some((line) => columnsOf(line) > perLine) ? ['line'] : []),
    ...(text.length > limits.lines ? ['lines'] : []),
    ...(columns / seconds > perSecond + 0.01 ? ['fast'] : []),
    ...(endMs - startMs < Math.round(limits.minSeconds * 1000) ? ['short'] : []),
    ...(limits.maxSeconds > 0 && endMs - startMs > Math.round(limits.maxSeconds * 1000) ? ['long'] : []),
    ...(index + 1 < shaped.length && shaped[index + 1].startMs - endMs < limits.gapMs ? ['gap'] : []),
  ];
}

test('whatever is shaped keeps to its limits or says which it breaks, has every word, and never overlaps', () => {
  const random = randomFrom(20261126);
  const faults: string[] = [];
  for (let round = 0; round < 600; round += 1) {
    const cues = randomCues(random);
    const limits = randomLimits(random);
    const endSeconds = random.next() < 0.5 ? null : Math.max(...cues.map(({ end }) => end)) + random.between(0, 3);
    const say = (what: string) => faults.push(`round ${round}: ${what}`);
    const shaped = shape(cues, { limits, endSeconds });

    const told = new Map(listViolations(shaped, limits).map((one) => [one.index, one.violations]));
    shaped.forEach((one, index) => {
      const kinds = told.get(index)?.map(({ kind }) => kind) ?? [];
      if (String(kinds) !== String(brokenKinds(shaped, index, limits))) say(`${index} tells of ${kinds.join()}`);
      // A line is too wide only by a word that is, and there are never too many lines or words.
      if (kinds.includes('lines') || kinds.includes('long')) say(`${index} breaks ${kinds.join()}`);
      if (limits.words > 0 && one.words.length > limits.words) say(`${index} has ${one.words.length} words`);
      const perLine = (one.fullWidth ? limits.fullWidthPerLine * 2 : limits.charactersPerLine) || Infinity;
      for (const line of one.lines) {
        if (columnsOf(line) > perLine && split(line, '').length > 1 && one.words.every(({ text }) => text !== line))
          say(`a line of several words is too wide: ${line}`);
        if (line === '' || line !== tidy(line)) say(`a line is not tidy: "${line}"`);
      }
      const rejoined = one.words.map(({ glue, text }) => glue + text).join('');
      if (rejoined !== one.lines.join('\n')) say(`words and lines differ: ${rejoined}`);
    });

    // Word for word, each speaker's own, none inside a word: the letters are those of the cues.
    const bare = (text: string) => text.replace(/\s+/gu, '');
    for (const speaker of new Set(cues.map((cue) => cue.speaker))) {
      const said = cues.filter((cue) => cue.speaker === speaker).toSorted((a, b) => a.start - b.start);
      const shown = shaped.filter((one) => one.speaker === speaker);
      const before = said.map(({ text }) => bare(text)).join('');
      const after = shown.map((one) => bare(one.lines.join(''))).join('');
      if (before !== after) say(`the words of ${speaker} differ: ${before} / ${after}`);
    }
    const wordsBefore = cues.flatMap(({ text }) => tidy(text).split(/[^\S\u00a0\u202f\ufeff]+/u)).filter(Boolean);
    const wordsAfter = shaped.flatMap((one) => one.lines).flatMap((line) => line.split(' '));
    // Only scripts without spaces may be cut inside what stands between spaces.
    const spaced = (word: string) => !/[\p{Script=Han}\p{Script=Katakana}\p{Script=Thai}]/u.test(word);
    if (String(wordsBefore.filter(spaced).sort()) !== String(wordsAfter.filter(spaced).sort())) say('a word was cut');

    let free = 0;
    for (const { startMs, endMs, words } of shaped) {
      if (!Number.isInteger(startMs) || !Number.isInteger(endMs)) say(`${startMs} to ${endMs} are not milliseconds`);
      if (startMs < free || endMs <= startMs) say(`${startMs} to ${endMs} after ${free}`);
      if (words.some((word) => word.startMs < startMs || word.endMs > endMs || word.endMs < word.startMs))
        say(`a word outside ${startMs} to ${endMs}`);
      free = endMs;
    }
    const lastMs = Math.round((endSeconds ?? Math.max(...cues.map(({ end }) => end))) * 1000);
    // Cues that begin together at the very end follow each other by a millisecond.
    if (free > lastMs + cues.length * 30) say(`ends at ${free}, the recording at ${lastMs}`);
  }
  expect(faults.slice(0, 5)).toEqual([]);
});

test('easy speech breaks no limit of any preset', () => {
  const random = randomFrom(5);
  const words = [
    'lantern',
    'harbour',
    'keeper',
    'the',
    'of',
    'and',
    'stone,',
    'light.',
    'we',
    'carried',
    'over',
    'sea.',
  ];
  for (const { limits } of PRESETS) {
    if (limits === null) continue;
    const cues = Array.from({ length: 200 }, (_, index) =>
      spoken(
        Array.from({ length: random.whole(4, 12) }, () => words[random.whole(0, words.length - 1)]).join(' '),
        index * 6,
        0.45,
      ),
    );
    const shaped = shape(cues, { limits, endSeconds: 1300 });
    expect(listViolations(shaped, limits)).toEqual([]);
  }
});

test('shaping in steps gives the same, and no step is long', () => {
  const cues = Array.from({ length: 12_000 }, (_, index) =>
    spoken('we took the lens out in eleven crates, and every prism had a number.', index * 3, 0.2),
  );
  const work = shaping(cues, { limits: BROADCAST });
  const steps: number[] = [];
  for (;;) {
    const begun = performance.now();
    const { done, value } = work.next();
    steps.push(performance.now() - begun);
    if (!done) continue;
    expect(value.length).toBeGreaterThan(5000);
    break;
  }
  expect(steps.length).toBeGreaterThan(50);
  // The median says what a step costs; the longest on a busy machine also what others do on it.
  const sorted = steps.toSorted((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(50);
});
