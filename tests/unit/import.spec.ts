/** Reading transcripts that somebody has: what we write comes back, what is damaged gives what is whole, nothing hangs. */
import { expect, test } from 'playwright/test';
import { DEFAULT_OPTIONS, type ExportedJob } from '../../src/export/exported.ts';
import type { FormatId } from '../../src/export/formats.ts';
import { written } from '../../src/export/write.ts';
import type { Imported } from '../../src/import/imported.ts';
import { decodingText, kindOf, readTranscript } from '../../src/import/read-transcript.ts';
import { parsingJson } from '../../src/import/parse-json.ts';
import { spanOf } from '../../src/import/timeline.ts';
import { atOnce } from '../../src/slices.ts';
import { exportedJob as jobOf } from './exported-job.ts';
import { randomFrom, type Random } from './random.ts';

function read(text: string): Imported {
  const found = atOnce(readTranscript(text));
  if (found === null) throw new Error('not a transcript');
  return found;
}
const decodedText = (bytes: Uint8Array) => atOnce(decodingText(bytes));
const texts = (text: string) => read(text).cues.map((cue) => cue.text);
const times = (text: string) => read(text).cues.map(({ start, end }) => [start, end]);

const TEXTS = [
  'Ça ira, naïve Zoë: ångström, Größe.',
  'שלום, מה שלומך?',
  'مرحبا بالعالم',
  '你好，世界。',
  '👩‍👩‍👧 family, 🇪🇺 flag, 𝄞 clef',
  'e\u0301 combines',
  'Tom & Jerry <b>bold</b> a < b > c &amp; done',
  '{\\an8} and {y:i} stay, C:\\New too',
  'a --> b, 00:00:09.000 --> 00:00:10.000',
  '12',
  'NOTE this is no note',
  '[00:12.00] <00:13.00> [ar: x]',
  '=1+1',
];

/** Cues with words and speakers, to the millisecond, apart from each other. */
function randomJob(random: Random, safe: boolean): ExportedJob {
  const pool = safe ? TEXTS.slice(0, 6) : TEXTS;
  let ms = random.whole(0, 5000);
  const cues = Array.from({ length: random.whole(1, 12) }, () => {
    const text = Array.from({ length: random.whole(1, 3) }, () => pool[random.whole(0, pool.length - 1)]).join(
      random.next() < 0.2 ? '\n' : ' ',
    );
    const start = ms;
    const length = random.whole(200, 6000);
    ms += length + random.whole(0, 3000);
    const parts = text.split(/\s+/);
    const words = parts.map((word, index) => ({
      start: (start + Math.floor((length * index) / parts.length)) / 1000,
      end: (start + Math.floor((length * (index + 1)) / parts.length)) / 1000,
      ...{ text: word, probability: Math.round(random.next() * 1000) / 1000 },
    }));
    return {
      ...{ start: start / 1000, end: (start + length) / 1000, text },
      ...(random.next() < 0.6 && { words }),
      ...(random.next() < 0.7 && { speaker: `s${random.whole(1, 3)}` }),
    };
  });
  const speakers = [
    { id: 's1', name: 'Anna & Co' },
    { id: 's2', name: 'Ben <the second>' },
    { id: 's3', name: 'غسان', joined: ['s4', '17'] },
  ];
  return jobOf(cues, { speakers });
}

async function back(format: FormatId, job: ExportedJob, wordTimes = false): Promise<Imported> {
  return read((await written(format, job, { ...DEFAULT_OPTIONS, wordTimes })) as string);
}
const named = (file: Pick<Imported, 'cues' | 'speakers'>) =>
  file.cues.map(({ speaker }) => file.speakers.find(({ id }) => id === speaker)?.name);
const namesIn = (job: ExportedJob) =>
  job.cues.map(({ speaker }) => job.speakers?.find(({ id }) => id === speaker)?.name);

test('what is exported as JSON is the same transcript when it comes back', async () => {
  const random = randomFrom(1);
  for (let round = 0; round < 60; round += 1) {
    const job = randomJob(random, false);
    const file = await back('json', job);
    expect(file.kind).toBe('earshot');
    expect(file.faults).toEqual([]);
    expect({ language: file.language, mediaName: file.mediaName }).toEqual({ language: 'de', mediaName: 'Tape 2.wav' });
    expect(file.cues).toEqual(job.cues.map(({ id: _, language: __, ...cue }) => cue));
    expect(named(file)).toEqual(namesIn(job));
    for (const speaker of file.speakers) expect(job.speakers).toContainEqual(speaker);
    // Written again it is the same file, byte for byte.
    const again = jobOf(file.cues, { speakers: file.speakers });
    expect(await written('json', again, DEFAULT_OPTIONS)).toBe(await written('json', job, DEFAULT_OPTIONS));
  }
});

test('WebVTT comes back with its times, texts, speakers and words', async () => {
  const random = randomFrom(2);
  for (let round = 0; round < 60; round += 1) {
    const job = randomJob(random, false);
    const file = await back('vtt', job);
    expect(file.cues.map(({ start, end, text }) => [start, end, text])).toEqual(
      job.cues.map(({ start, end, text }) => [start, end, text]),
    );
    expect(named(file)).toEqual(namesIn(job));
    expect(file.cues.every((cue) => cue.words === undefined)).toBe(true);
    const withWords = await back('vtt', job, true);
    expect(withWords.cues.map(({ text }) => text)).toEqual(job.cues.map(({ text }) => text));
    for (const [index, cue] of withWords.cues.entries()) {
      if (cue.words === undefined) continue;
      expect(cue.words.map((word) => word.text.replace(/\s/g, '')).join('')).toBe(cue.text.replace(/\s/g, ''));
      expect(job.cues[index].words).toBeDefined();
    }
  }
});

test('SubRip comes back with its times and texts, marks in their full-width form', async () => {
  const random = randomFrom(3);
  for (let round = 0; round < 60; round += 1) {
    const job = randomJob(random, true);
    const nameless = { ...job, cues: job.cues.map(({ speaker: _, ...cue }) => cue) };
    const file = await back('srt', nameless);
    expect(file.cues).toEqual(nameless.cues.map(({ start, end, text }) => ({ start, end, text })));
  }
  const marked = await back('srt', jobOf(TEXTS.map((text, index) => ({ start: index, end: index + 1, text }))));
  expect(marked.cues.map(({ text }) => text.normalize('NFKC').replace('→', '-->'))).toEqual(
    TEXTS.map((text) => text.replaceAll('-->', '→').normalize('NFKC').replace('→', '-->')),
  );
});

test("whisper's and whisperX's JSON come back with words and speakers", async () => {
  const random = randomFrom(4);
  for (let round = 0; round < 60; round += 1) {
    const job = randomJob(random, false);
    const plain = await back('whisper', job);
    expect(plain.cues.map(({ start, end, text, words }) => ({ start, end, text, words }))).toEqual(
      job.cues.map(({ start, end, text, words }) => ({ start, end, text, words })),
    );
    const x = await back('whisperx', job);
    expect(x.kind).toBe('whisperx');
    expect(x.cues.map(({ text, words }) => ({ text, words }))).toEqual(
      job.cues.map(({ text, words }) => ({ text, words })),
    );
    expect(named(x)).toEqual(namesIn(job));
  }
});

test('the kind is known by the content, not by the name', () => {
  expect(kindOf('\ufeffWEBVTT - a title\n\n')).toBe('vtt');
  expect(kindOf('WEBVTTX')).toBe(null);
  expect(kindOf('\n\n1\n00:00:01,000 --> 00:00:02,000\nHi')).toBe('srt');
  expect(kindOf(' {"segments": []}')).toBe('json');
  expect(kindOf('Dear diary, --> here')).toBe(null);
  expect(kindOf('')).toBe(null);
  expect(atOnce(readTranscript('{"name": "package", "version": "1.0.0"}'))).toBe(null);
  expect(atOnce(readTranscript('{"segments": [')), 'cut off').toBe(null);
});

test('SubRip as it is found', () => {
  const found = [
    '\ufeff1',
    '00:00:01,5 --> 00:00:02.250  X1:40 X2:600',
    '<i>Hello</i> {\\an8}<font color="#fff">there</font>',
    '2',
    '0:03 --> 0:04',
    'no blank line before the number,',
    '1984',
    '',
    '',
    'still the same cue',
    '',
    '00:00:05,000-->00:00:06,000',
    'no number',
    '4',
    '',
    '01:00:00,000 --> 00:59:00,000',
    'ends before it begins',
    '',
    'x',
    '00:99:x --> 00:00:07,000',
  ].join('\r\n');
  const file = read(found);
  expect(file.cues).toEqual([
    { start: 1.5, end: 2.25, text: 'Hello there' },
    { start: 3, end: 4, text: 'no blank line before the number,\n1984\nstill the same cue' },
    { start: 5, end: 6, text: 'no number\n4' },
    { start: 3600, end: 3600, text: 'ends before it begins\nx\n00:99:x --> 00:00:07,000' },
  ]);
  expect(file.faults.map(({ line }) => line)).toEqual([16, 20]);
});

test('WebVTT as the standard allows it', () => {
  const file = read(
    [
      'WEBVTT Kind: captions; Language: en',
      'Language: de',
      '',
      'STYLE',
      '::cue { color: red }',
      '',
      'NOTE',
      'a note --> of two lines'.replace('-->', '->'),
      '',
      'an id',
      '00:01.000 --> 00:04.000 align:start position:0%',
      '<v.loud Anna>Hi &amp; <c.yellow>hello</c> <i>you</i>&nbsp;&lt;b&gt;</v>',
      '',
      '00:05.000 --> 00:07.000',
      'one <00:05.500>two <00:00:06.250><c>three</c>',
      '00:08.000 --> 00:09.000',
      'no blank line, a < b',
    ].join('\n'),
  );
  expect(file.language).toBe('de');
  expect(file.speakers).toEqual([{ id: 'speaker-1', name: 'Anna' }]);
  expect(file.cues).toEqual([
    { start: 1, end: 4, text: 'Hi & hello you\u00a0<b>', speaker: 'speaker-1' },
    {
      ...{ start: 5, end: 7, text: 'one two three' },
      words: [
        { start: 5, end: 5.5, text: 'one', probability: 1 },
        { start: 5.5, end: 6.25, text: 'two', probability: 1 },
        { start: 6.25, end: 7, text: 'three', probability: 1 },
      ],
    },
    { start: 8, end: 9, text: 'no blank line, a < b' },
  ]);
});

test('JSON of whisper.cpp, of a list of segments, and of words without times', () => {
  const cpp = { result: { language: 'en' }, transcription: [{ offsets: { from: 500, to: 1500 }, text: ' Hi' }] };
  expect(read(JSON.stringify(cpp))).toMatchObject({ language: 'en', cues: [{ start: 0.5, end: 1.5, text: 'Hi' }] });
  expect(times('[{"start": 1, "end": 2, "text": "a"}]')).toEqual([[1, 2]]);
  const words = [{ word: 'in', start: 1, end: 2 }, { word: '1984' }, { word: 'we', start: 4, end: 5, score: 0.5 }];
  const x = { segments: [{ start: 1, end: 5, text: 'in 1984 we', speaker: 'A', words }], word_segments: [] };
  expect(read(JSON.stringify(x)).cues[0].words).toEqual([
    { start: 1, end: 2, text: 'in', probability: 1 },
    { start: 2, end: 4, text: '1984', probability: 0 },
    { start: 4, end: 5, text: 'we', probability: 0.5 },
  ]);
});

test('cues out of order come in order, cues without text or a possible time are left out', () => {
  const cues = [
    { start: 5, end: 6, text: 'b' },
    { start: 1, end: 2, text: 'a' },
    { start: -1, end: 2, text: 'x' },
    { start: 1e9, end: 2e9, text: 'x' },
    { start: 3, end: 4, text: ' ' },
    { start: '3', end: 4, text: 'x' },
    null,
  ];
  const file = read(JSON.stringify({ segments: cues }));
  expect(file.cues.map(({ text }) => text)).toEqual(['a', 'b']);
  expect(file.faults.length).toBeGreaterThan(0);
});

test('bytes of every usual encoding become text', () => {
  const text = '1\n00:00:01,000 --> 00:00:02,000\nGrüße – 你好\n';
  const utf16 = (little: boolean) => {
    const bytes = new Uint8Array(2 + text.length * 2);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0xfeff, little);
    for (let at = 0; at < text.length; at += 1) view.setUint16(2 + at * 2, text.charCodeAt(at), little);
    return bytes;
  };
  for (const bytes of [new TextEncoder().encode(text), utf16(true), utf16(false)]) {
    expect(texts(decodedText(bytes))).toEqual(['Grüße – 你好']);
  }
  const latin = Uint8Array.from(
    [...'1\n00:00:01,000 --> 00:00:02,000\nGr\u00fc\u00dfe\n'].map((one) => one.charCodeAt(0)),
  );
  expect(texts(decodedText(latin))).toEqual(['Grüße']);
});

/** Pieces that parsers stumble over. */
const SHARDS = [
  ...[
    'WEBVTT',
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    '-->',
    ' --> ',
    '00:00:01,000',
    '00:00:02.000',
    '1',
    '99999999999999999999',
  ],
  ...[
    '<',
    '>',
    '<v ',
    '</v>',
    '<00:00:01.000>',
    '&amp;',
    '&#x110000;',
    '&#0;',
    '&',
    '{\\an8}',
    '{',
    '}',
    '\u0000',
    '\ufeff',
  ],
  ...[
    '\u2028',
    '\ud800',
    '👩‍👩‍👧',
    'NOTE',
    'STYLE',
    'words',
    ' ',
    '\t',
    ':',
    '.',
    '[',
    ']',
    '"',
    '\\',
    '{"segments":[',
    'null',
  ],
  ...['{"start":1,"end":2,"text":"x"}', ',', '-1', '1e999', '"words":', 'true', '::', '--', '->', '00:00', ':::::::::'],
];

const outcome = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return (error as Error).name;
  }
};

test('JSON is read in pieces as in one, and what is no JSON is refused as there', async () => {
  const random = randomFrom(7);
  const files = await Promise.all(
    (['json', 'whisper', 'whisperx'] as const).map((format) =>
      written(format, randomJob(random, false), { ...DEFAULT_OPTIONS, wordTimes: true }),
    ),
  );
  const texts = [
    ...files.map(String),
    ...[
      '',
      ' ',
      'null',
      '-1.5e+3',
      '01',
      '"\\\\"',
      '"\\\\\\"',
      '[]',
      '{}',
      '[1,]',
      '[,1]',
      '{"a":1,}',
      '{a:1}',
      '[1}',
      '{"a" 1}',
    ],
    ...[
      '[1 2]',
      '[1],',
      '\u00a0[1]',
      '[1\u000b]',
      '"a',
      '{"__proto__":{"x":1},"a":1,"a":2,"1":3}',
      '["\u0000"]',
      '[tru]',
      '[[]',
    ],
    '['.repeat(30) + ']'.repeat(30),
    '['.repeat(30),
  ];
  const faults: string[] = [];
  for (let round = 0; round < 6000; round += 1) {
    let text = texts[round % texts.length];
    for (let wounds = round < texts.length ? 0 : random.whole(0, 3); wounds > 0; wounds -= 1) {
      const at = random.whole(0, text.length);
      const shard = random.next() < 0.7 ? SHARDS[random.whole(0, SHARDS.length - 1)] : '';
      text = text.slice(0, at) + shard + text.slice(at + random.whole(0, 3));
    }
    const whole = outcome(() => JSON.stringify(JSON.parse(text)));
    const pieces = outcome(() => JSON.stringify(atOnce(parsingJson(text, random.whole(1, 400)))));
    if (pieces !== whole) faults.push(`${round}: ${text.slice(0, 80)}`);
  }
  expect(faults.slice(0, 5)).toEqual([]);
});

test('random and damaged files never throw and never take long', async () => {
  const random = randomFrom(99);
  const whole = await Promise.all(
    (['srt', 'vtt', 'json', 'whisper', 'whisperx'] as const).map((format) =>
      written(format, randomJob(random, false), { ...DEFAULT_OPTIONS, wordTimes: true }),
    ),
  );
  const faults: string[] = [];
  let read = 0;
  let longest = 0;
  for (let round = 0; round < 4000; round += 1) {
    let text: string;
    if (round % 2 === 0) {
      const start = ['WEBVTT\n\n', '1\n00:00:00,000 --> 00:00:01,000\n', '{"segments":[', ''][random.whole(0, 3)];
      text =
        start + Array.from({ length: random.whole(0, 60) }, () => SHARDS[random.whole(0, SHARDS.length - 1)]).join('');
    } else {
      text = whole[random.whole(0, whole.length - 1)] as string;
      for (let wounds = random.whole(1, 8); wounds > 0; wounds -= 1) {
        const at = random.whole(0, text.length);
        const shard = random.next() < 0.5 ? SHARDS[random.whole(0, SHARDS.length - 1)] : '';
        text = text.slice(0, at) + shard + text.slice(at + random.whole(0, 6));
      }
    }
    const begun = performance.now();
    try {
      const found = atOnce(readTranscript(text));
      if (found !== null) {
        read += 1;
        let last = 0;
        for (const { start, end, text: said, words } of found.cues) {
          if (!(start >= last && end >= start && Number.isFinite(end)) || said.trim() === '')
            faults.push(`${round}: ${start}`);
          if (words?.some((word) => !(word.end >= word.start))) faults.push(`${round}: words`);
          last = start;
        }
      }
    } catch (error) {
      faults.push(`${round}: ${String(error)}`);
    }
    longest = Math.max(longest, performance.now() - begun);
  }
  expect(faults.slice(0, 5)).toEqual([]);
  expect(read).toBeGreaterThan(1000);
  expect(longest).toBeLessThan(1000);
});

test('hostile lengths are read in time that grows with them, not with their square', () => {
  const long = 300_000;
  const hostile = [
    `WEBVTT\n\n00:01.000 --> 00:02.000\n${'<'.repeat(long)}`,
    `WEBVTT\n\n00:01.000 --> 00:02.000\n${'<v '.repeat(long)}>`,
    `WEBVTT\n\n00:01.000 --> 00:02.000\n${'<b>&'.repeat(long)}`,
    `1\n00:00:01,000 --> 00:00:02,000\n${'{\\'.repeat(long)}`,
    `1\n00:00:01,000 --> 00:00:02,000\n${'<font '.repeat(long)}`,
    `1\n00:00:01,000 --> 00:00:02,000\n${'1\n'.repeat(long)}`,
    `1\n00:00:01,000 --> 00:00:02,000\n${'\n'.repeat(long)}x`,
    `1\n${'0'.repeat(long)}:00:01,000 --> 00:00:02,000\nx`,
    `1\n00:00:01,000 --> 00:00:02,000\n${' '.repeat(long)}<b${' '.repeat(long)}`,
    `{"segments":${'['.repeat(2000)}`,
    `{"segments":${'['.repeat(long)}`,
    `{"segments":${'[{"a":'.repeat(long)}`,
    `{"segments":"${'\\\\'.repeat(long)}`,
    `{"segments":[${'"a\\\\",'.repeat(long)}`,
    `{"segments":${'1'.repeat(long)}`,
  ];
  for (const [index, text] of hostile.entries()) {
    const begun = performance.now();
    atOnce(readTranscript(text));
    expect(performance.now() - begun, `hostile ${index}`).toBeLessThan(3000);
  }
  expect(spanOf(`${'1:'.repeat(1000)} --> 00:01`)).toBe(null);
});

test('a hundred thousand cues are read in steps, none of which is long', async () => {
  const cues = Array.from({ length: 100_000 }, (_, index) => ({
    start: index,
    end: index + 0.9,
    text: `cue ${index}`,
    words: [{ start: index, end: index + 0.9, text: 'cue', probability: 1 }],
  }));
  for (const format of ['srt', 'vtt', 'whisper', 'whisperx', 'json'] as const) {
    const text = (await written(format, jobOf(cues), DEFAULT_OPTIONS)) as string;
    const work = readTranscript(text);
    const steps: number[] = [];
    const { parse } = JSON;
    let piece = 0;
    JSON.parse = (part: string) => {
      piece = Math.max(piece, part.length);
      return parse(part) as unknown;
    };
    for (;;) {
      // The time that this process worked: on a busy machine others work meanwhile.
      const begun = process.cpuUsage();
      const { done, value } = work.next();
      const { user, system } = process.cpuUsage(begun);
      steps.push((user + system) / 1000);
      if (!done) continue;
      expect(value?.cues.length).toBe(100_000);
      break;
    }
    JSON.parse = parse;
    // One text of all that was said is the longest.
    expect(piece, format).toBeLessThan(text.length / 5);
    expect(steps.length, format).toBeGreaterThan(20);
    const sorted = steps.toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.9)], format).toBeLessThan(50);
  }
});
