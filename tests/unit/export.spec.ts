import { expect, test } from 'playwright/test';
import { exportName } from '../../src/export/export-name.ts';
import type { ExportedJob } from '../../src/export/exported.ts';
import { DEFAULT_OPTIONS } from '../../src/export/exported.ts';
import { FORMATS } from '../../src/export/formats.ts';
import { plainText } from '../../src/export/plain-text.ts';
import { srt as srtOf } from '../../src/export/srt.ts';
import { subtitles as makingSubtitles, subtitlesOf } from '../../src/export/subtitles.ts';
import { jsonInSteps } from '../../src/export/json-in-steps.ts';
import { transcriptFile, transcriptJson } from '../../src/export/transcript-json.ts';
import { vtt as vttOf } from '../../src/export/vtt.ts';
import { written } from '../../src/export/write.ts';
import { atOnce } from '../../src/slices.ts';
import type { EditableCue } from '../../src/queue/job.ts';
import type { Cue, LoadReport } from '../../workers/protocol.ts';
import { parseSrt, parseVtt } from './subtitle-readers.ts';
import { randomFrom } from './random.ts';

/** The cues as they are, not shaped. */
const srt = (cues: readonly Cue[]) => atOnce(srtOf(atOnce(subtitlesOf(job(cues), null, true)).subtitles));
const subtitles = (cues: readonly Cue[]) => atOnce(makingSubtitles(cues));
const vtt = (cues: readonly Cue[]) => atOnce(vttOf(subtitles(cues)));

const cue = (start: number, end: number, text: string): Cue => ({ start, end, text });

/** Scripts from right to left, combining marks, characters outside the first plane, joined emoji. */
const TEXTS = [
  'Ça ira, naïve Zoë: ångström, Größe, piñata.',
  'שלום, מה שלומך?',
  'مرحبا بالعالم',
  '你好，世界。',
  '👩‍👩‍👧 family, 🇪🇺 flag, 𝄞 clef',
  'e\u0301 combines',
  'Tom & Jerry <b>bold</b> a < b > c &amp; done',
  '1\n2',
];

const spoken = TEXTS.map((text, index) => cue(index * 4 + 0.1234, index * 4 + 3.4567, text));

/** As the formats hold them: whole milliseconds. */
const expected = spoken.map(({ start, end, text }) => ({
  startMs: Math.round(start * 1000),
  endMs: Math.round(end * 1000),
  text,
}));

test('what SubRip is written can be read again, with marks that no player takes for one', () => {
  const marked = expected.map((one) => ({
    ...one,
    text: one.text.replace('<b>bold</b> a < b > c &amp;', '＜b＞bold＜/b＞ a ＜ b ＞ c ＆amp;'),
  }));
  expect(parseSrt(srt(spoken))).toEqual(marked);
});

test('what WebVTT is written can be read again', () => {
  expect(parseVtt(vtt(spoken))).toEqual(expected);
});

test('SubRip looks as players know it', () => {
  expect(srt([cue(1, 2.9996, 'One.'), cue(3, 4, ' Two. ')])).toBe(
    '1\r\n00:00:01,000 --> 00:00:03,000\r\nOne.\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nTwo.\r\n\r\n',
  );
});

test('WebVTT looks as the standard says', () => {
  expect(vtt([cue(1, 2, 'One & <i>.')])).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nOne &amp; &lt;i&gt;.\n');
  expect(vtt([])).toBe('WEBVTT\n');
});

test('an arrow in the text does not become a time', () => {
  const tricky = [cue(0, 1, 'a --> b'), cue(1, 2, '00:00:09,000 --> 00:00:10,000')];
  const [first, second] = parseSrt(srt(tricky));
  expect([first?.text, second?.text]).toEqual(['a → b', '00:00:09,000 → 00:00:10,000']);
  expect(srt(tricky).match(/-->/g)).toHaveLength(2);
  expect(parseVtt(vtt(tricky)).map(({ text }) => text)).toEqual(tricky.map(({ text }) => text));
  expect(vtt(tricky).match(/-->/g)).toHaveLength(2);
});

test('blank lines in the text do not end the cue, whatever ends a line', () => {
  const text = 'one\n\n  \r\ntwo\u2028\u2028three\v\u0085four\u0000';
  for (const back of [parseSrt(srt([cue(0, 1, text)])), parseVtt(vtt([cue(0, 1, text)]))]) {
    expect(back).toEqual([{ startMs: 0, endMs: 1000, text: 'one\ntwo\nthree\nfour' }]);
  }
});

test('empty cues are left out and the numbers run on', () => {
  const cues = [cue(0, 1, 'one'), cue(1, 2, '  \n '), cue(2, 2.5, ''), cue(2.5, 4, 'two')];
  expect(parseSrt(srt(cues)).map(({ text }) => text)).toEqual(['one', 'two']);
  expect(srt(cues)).toContain('\r\n\r\n2\r\n');
  expect(parseVtt(vtt(cues))).toHaveLength(2);
  expect(plainText(cues, 'en')).toBe('one two\n');
});

test('no export begins with a byte order mark, but the table for Excel', async () => {
  // Documents for Word are made in a worker, which only a browser has.
  for (const { id, binary } of FORMATS.filter(({ id }) => id !== 'docx')) {
    const content = await written(id, job(spoken), DEFAULT_OPTIONS);
    expect(typeof content, id).toBe(binary ? 'object' : 'string');
    if (typeof content === 'string') expect(content.startsWith('\ufeff'), id).toBe(id === 'csv');
  }
});

test('random cues come out sorted, apart, and in whole milliseconds', () => {
  const random = randomFrom(2026);
  // One expectation for all: each costs some milliseconds.
  const faults: string[] = [];
  for (let round = 0; round < 400; round += 1) {
    // Crowded on purpose: overlaps, the same start many times, ends before starts, nothing at all.
    const span = random.between(0.001, 20);
    const cues = Array.from({ length: random.whole(0, 40) }, (_, index) => {
      const start = random.next() < 0.2 ? Math.floor(span / 2) : random.between(0, span);
      return cue(start, start + random.between(-0.5, 3), random.next() < 0.1 ? ' ' : `cue ${index}`);
    });
    const shown = subtitles(cues);
    if (shown.length !== cues.filter(({ text }) => text.trim() !== '').length) faults.push(`round ${round}: cues lost`);
    let free = 0;
    for (const { startMs, endMs } of shown) {
      const whole = Number.isInteger(startMs) && Number.isInteger(endMs);
      if (!(whole && startMs >= free && endMs > startMs)) faults.push(`round ${round}: ${startMs} to ${endMs}`);
      free = endMs;
    }
    const as = JSON.stringify(shown);
    if (JSON.stringify(parseSrt(srt(cues))) !== as) faults.push(`round ${round}: SubRip reads back differently`);
    if (JSON.stringify(parseVtt(vtt(cues))) !== as) faults.push(`round ${round}: WebVTT reads back differently`);
  }
  expect(faults).toEqual([]);
});

test('cues that do not touch keep their times', () => {
  const random = randomFrom(7);
  let at = 0;
  const cues = Array.from({ length: 500 }, (_, index) => {
    const start = at + random.between(0, 2);
    const end = start + random.between(0.002, 5);
    at = end;
    return cue(start, end, `cue ${index}`);
  });
  expect(subtitles(cues).map(({ startMs, endMs }) => [startMs, endMs])).toEqual(
    cues.map(({ start, end }) => [Math.round(start * 1000), Math.round(end * 1000)]),
  );
});

test('plain text makes a paragraph of what is said in one go', () => {
  const cues = [cue(0, 2, ' One.'), cue(2.1, 4, 'Two\nlines.'), cue(6, 8, 'After a pause.'), cue(8, 9, 'Still.')];
  expect(plainText(cues, 'en')).toBe('One. Two lines.\n\nAfter a pause. Still.\n');
  expect(plainText([], 'en')).toBe('');
});

test('plain text breaks a long speech at the end of a sentence', () => {
  const cues = Array.from({ length: 40 }, (_, index) =>
    cue(index * 5, index * 5 + 5, index % 3 === 2 ? 'and here the sentence ends.' : 'some words that go on and on'),
  );
  const paragraphs = plainText(cues, 'en').trimEnd().split('\n\n');
  expect(paragraphs.length).toBeGreaterThan(1);
  for (const paragraph of paragraphs.slice(0, -1)) {
    expect(paragraph.length).toBeGreaterThanOrEqual(600);
    expect(paragraph.length).toBeLessThan(700);
    expect(paragraph.endsWith('ends.')).toBe(true);
  }
});

test('plain text puts no spaces into scripts that have none', () => {
  const cues = [cue(0, 1, '你好'), cue(1, 2, '世界。')];
  expect(plainText(cues, 'zh')).toBe('你好世界。\n');
  expect(plainText(cues, null)).toBe('你好 世界。\n');
});

function job(cues: readonly Cue[], over: Partial<ExportedJob> = {}): ExportedJob {
  return {
    name: 'Größe 👩‍👩‍👧.m4a',
    size: 1234,
    facts: null,
    language: 'de',
    languageProbability: 0.97,
    load: null,
    seams: [],
    report: null,
    cues: cues.map((each, index): EditableCue => ({ ...each, id: `0-${index}`, edited: false, language: 'de' })),
    ...over,
  };
}

test('JSON holds everything about the transcript and reads back', () => {
  const words = [{ start: 1, end: 1.4, text: ' Hallo', probability: 0.9 }];
  const cues: EditableCue[] = [
    { id: '0-0', start: 1, end: 2, text: 'Hallo', words, edited: false, language: 'de' },
    { id: '0-1', start: 2, end: 3, text: ' ', edited: true, language: 'de' },
    { id: '0-2', start: 3, end: 4, text: 'geändert', doubt: 'repetition', edited: true, language: 'de' },
    { id: '1-0', start: 5, end: 6, text: 'changed', edited: false, language: 'en' },
  ];
  const load: LoadReport = {
    modelId: 'whisper-base',
    backend: 'gpu',
    source: 'memory',
    kept: true,
    loadMs: 3,
    sampleRate: 16000,
    windowSeconds: 30,
    languages: ['de'],
    threads: 1,
    runtime: 'jspi',
    form: 'b8',
    memoryForm: 'blocks',
    noWords: null,
  };
  const written = job([], { cues, load, seams: [{ atSeconds: 2.5, backend: 'cpu' }] });
  const text = atOnce(transcriptJson(written));
  expect(JSON.parse(text)).toEqual({
    format: 'earshot-transcript',
    version: 1,
    file: { name: 'Größe 👩‍👩‍👧.m4a', bytes: 1234, facts: null },
    language: 'de',
    languageProbability: 0.97,
    model: 'whisper-base',
    backend: 'gpu',
    seams: [{ atSeconds: 2.5, backend: 'cpu' }],
    report: null,
    cues: [
      { start: 1, end: 2, text: 'Hallo', edited: false, words },
      { start: 3, end: 4, text: 'geändert', edited: true, doubt: 'repetition' },
      { start: 5, end: 6, text: 'changed', edited: false, language: 'en' },
    ],
  });
  expect(JSON.parse(text)).toEqual(transcriptFile(written));
});

test('JSON that is written step by step is what is written at once, in as many steps as its lists are long', () => {
  const long = Array.from({ length: 5000 }, (_, at) => ({ at, text: `line\nbreak "${at}"`, words: [{}, { a: [] }] }));
  for (const file of [
    {},
    { a: [] },
    { a: undefined, b: null, 'ö"': 'x\ny', c: { d: [1], e: {} } },
    { long, n: 1 },
    { a: [undefined, 1] },
  ]) {
    for (const indent of [0, 2] as const) {
      expect(atOnce(jsonInSteps(file, indent))).toBe(JSON.stringify(file, null, indent));
    }
  }
  expect([...jsonInSteps({ long })]).toHaveLength(10);
});

test('a text of every format is made in steps of some hundred cues', async () => {
  const cues = Array.from({ length: 20_000 }, (_, at) => cue(at, at + 0.9, `one of many, number ${at}.`));
  for (const { id, binary } of FORMATS) {
    if (binary === true || id === 'rttm') continue;
    const waits: number[] = [];
    let last = performance.now();
    const heart = setInterval(() => {
      waits.push(performance.now() - last);
      last = performance.now();
    });
    await written(id, job(cues), DEFAULT_OPTIONS);
    clearInterval(heart);
    // Each time the clock strikes eight milliseconds somebody else has a turn.
    expect(waits.length, id).toBeGreaterThan(1);
  }
});

test('who speaks is said in every format', () => {
  const said = (start: number, speaker: string, text: string): EditableCue => ({
    ...{ id: `${start}`, start, end: start + 1, text, speaker, edited: false, language: 'en' },
  });
  const call = [said(0, 'Left', 'Hello?'), said(1, 'Left', 'Hello?'), said(2, 'Right', 'Yes.')];
  expect(plainText(call, 'en')).toBe('Left: Hello? Hello?\n\nRight: Yes.\n');
  expect(vtt(call.slice(2))).toBe('WEBVTT\n\n00:00:02.000 --> 00:00:03.000\n<v Right>Yes.\n');
  expect(srt(call.slice(2))).toBe('1\r\n00:00:02,000 --> 00:00:03,000\r\nRight: Yes.\r\n\r\n');
});

test('the file takes the name of the recording', () => {
  expect(exportName('Keeper Morag Sinclair.m4a', 'srt')).toBe('Keeper Morag Sinclair.srt');
  expect(exportName('tape.2.final.wav', 'txt')).toBe('tape.2.final.txt');
  expect(exportName('voice memo', 'vtt')).toBe('voice memo.vtt');
  expect(exportName('.hidden', 'json')).toBe('.hidden.json');
});

test('any name becomes one that every system takes', () => {
  expect(exportName('a/b\\c:d*e?f"g<h>i|j.mp3', 'txt')).toBe('a_b_c_d_e_f_g_h_i_j.txt');
  expect(exportName('two\r\nlines\u0000.mp3', 'txt')).toBe('two lines.txt');
  expect(exportName('\u202Egnp.mp3', 'txt')).toBe('gnp.txt');
  expect(exportName('trailing. . .mp3', 'srt')).toBe('trailing.srt');
  for (const device of ['CON', 'nul', 'com1', 'LPT9', 'aux.old'])
    expect(exportName(`${device}.wav`, 'txt'), device).toBe(`_${device}.txt`);
  for (const plain of ['console', 'com10', 'nulls']) expect(exportName(`${plain}.wav`, 'txt')).toBe(`${plain}.txt`);
  for (const empty of ['', '.', '...', '\u200B']) expect(exportName(empty, 'txt')).toMatch(/^[^. ].*\.txt$/);
  const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';
  const long = exportName(`${family.repeat(60)}.wav`, 'json');
  expect(new TextEncoder().encode(long).length).toBeLessThanOrEqual(200);
  expect(long.replace('.json', '').replaceAll(family, ''), 'no family is torn apart').toBe('');
  expect(exportName('\uD83D.wav', 'txt')).toBe('\uFFFD.txt');
});
