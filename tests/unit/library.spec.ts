/** The library: what is found, what an archive gives back, and archives that were made to do harm. */
import { zipSync } from 'fflate';
import { expect, test } from 'playwright/test';
import { unzipped, zippedOneByOne, ZipRefusal } from '../../src/export/zip.ts';
import { isLibrary } from '../../src/library/archive.ts';
import {
  libraryFile as makingLibraryFile,
  MANIFEST,
  manifest,
  readLibraryFile,
  sameness,
} from '../../src/library/library-file.ts';
import { inOrder } from '../../src/library/order.ts';
import { excerpt, fold, foldCues, highlighted, matchesIn } from '../../src/library/text.ts';
import type { Imported } from '../../src/import/imported.ts';
import { jobOf } from '../../src/queue/imported-job.ts';
import { withChanges, type Job } from '../../src/queue/job.ts';
import type { Translation } from '../../src/queue/translations.ts';
import type { Header } from '../../src/queue/saved.ts';
import { atOnce } from '../../src/slices.ts';
import { laidOn } from '../../src/translation/portable.ts';
import { translationOf } from '../../src/translation/translated.ts';
import { randomFrom } from './random.ts';

const libraryFile = (...of: Parameters<typeof makingLibraryFile>) => atOnce(makingLibraryFile(...of));

const cues = (...texts: string[]) => texts.map((text, index) => ({ start: index * 2, end: index * 2 + 1.5, text }));
const folded = (...texts: string[]) => atOnce(foldCues(cues(...texts)));

test('a phrase is found without case and accents, over the end of a cue, at the time of its cue', () => {
  const text = folded('We took the Léns out,', 'in eleven crates', 'and  the LENS pedestal');
  expect(matchesIn(text, fold('lens'))).toEqual([
    { seconds: 0, cue: 0 },
    { seconds: 4, cue: 2 },
  ]);
  expect(matchesIn(text, fold('out, in  Eleven'))).toEqual([{ seconds: 0, cue: 0 }]);
  expect(matchesIn(text, fold('nobody'))).toEqual([]);
  expect(matchesIn(text, '')).toEqual([]);
  expect(matchesIn(folded(), 'a')).toEqual([]);
});

test('every phrase of every cue is found where it stands', () => {
  const { whole } = randomFrom(21);
  const words = ['ask', 'not', 'what', 'İstanbul', 'ﬁne', '東京', 'über', '👩‍🔬', 'naïve'];
  for (let turn = 0; turn < 50; turn++) {
    const texts = Array.from({ length: whole(1, 30) }, () =>
      Array.from({ length: whole(1, 6) }, () => words[whole(0, words.length - 1)]).join(' '),
    );
    const text = folded(...texts);
    const at = whole(0, texts.length - 1);
    const found = matchesIn(text, fold(texts[at]).trim());
    expect(found.some(({ cue, seconds }) => cue <= at && seconds === cue * 2)).toBe(true);
  }
});

test('what is shown of a place is the text as it is, with the phrase in every second part', () => {
  const { whole } = randomFrom(4);
  const line = 'Die ﬁne Straße über İzmir — naïve 東京 lens';
  const letters = [...line];
  for (let turn = 0; turn < 100; turn++) {
    const from = whole(0, letters.length - 2);
    const phrase = fold(letters.slice(from, from + whole(1, 9)).join('')).trim();
    if (phrase === '') continue;
    const parts = highlighted([line], phrase);
    expect(parts.join('')).toBe(line);
    parts.forEach((part, index) => {
      if (index % 2 === 1) expect(fold(part)).toContain(phrase.slice(0, 1));
    });
    expect(parts.length).toBeGreaterThan(1);
  }
  expect(highlighted(['your country', 'can do'], fold('country can'))).toEqual(['your ', 'country can', ' do']);
});

test('of a line that fills screens a place is shown with what is around it', () => {
  const { whole } = randomFrom(12);
  const words = ['long', 'cue', 'that', 'goes', 'on', '👩‍🔬', 'שלום', 'x'.repeat(400), '你好世界'.repeat(40)];
  for (let round = 0; round < 500; round += 1) {
    const line = Array.from({ length: whole(1, 400) }, () => words[whole(0, words.length - 1)]).join(' ');
    const parts = highlighted([`${line} sought ${line}`], 'sought');
    const shown = excerpt(parts);
    if (parts.join('').length <= 300) expect(shown).toEqual(parts);
    expect(shown[1]).toBe('sought');
    expect(shown.join('').length).toBeLessThanOrEqual(310);
    const [before, place, after] = shown;
    expect(parts.join('')).toContain(`${before.replace(/^…/, '')}${place}${after.replace(/…$/, '')}`);
    expect(shown.join('').isWellFormed()).toBe(true);
  }
  const many = excerpt(highlighted(['very long cue '.repeat(400)], 'long'));
  expect(many.slice(0, 3)).toEqual(['very ', 'long', ' cue very ']);
  expect(many.at(-1)).toMatch(/…$/);
  expect(excerpt(['short ', 'place', ''])).toEqual(['short ', 'place', '']);
  expect(excerpt(['x'.repeat(500)])).toEqual(['x'.repeat(500)]);
});

/** A job as a person leaves it: speakers named, a cue corrected, words with times. */
function made(): Job {
  const imported: Imported = {
    ...{ kind: 'earshot', speakers: [], language: 'de', mediaName: 'Gespräch.mp3', mediaSeconds: 9.5, faults: [] },
    cues: [
      { start: 0, end: 1.25, text: 'Über <b>Wasser</b>', speaker: 's1' },
      { start: 1.5, end: 3, text: '--> {\\an8} 👩‍🔬', speaker: 's2', doubt: 'repetition' },
      { start: 3, end: 9.5, text: 'Ende', words: [{ start: 3, end: 4, text: 'Ende', probability: 0.75 }] },
    ],
  };
  const job = jobOf(
    '0b7c1f9e-5d0c-4c7e-9d39-7a9a0a6ad001',
    imported,
    new File([], 'x.json', { lastModified: 77 }),
    null,
  );
  const facts = { container: 'mp3', codec: 'mp3', seconds: 9.5, sampleRate: 44100, channels: 2, video: false };
  const edited = { ...job.cues[2], text: 'Das Ende', edited: true };
  return {
    ...withChanges(job, new Map([[edited.id, edited]]), [{ id: 's1', name: 'Morag' }]),
    ...{ title: 'Ein Titel', size: 1234, lastModified: 77, languageProbability: 0.75, facts },
  };
}

test('a transcript that is saved and read back is the same, and so is what is saved of that', () => {
  const job = made();
  const read = atOnce(readLibraryFile(libraryFile(job, 1_700_000_000_000), () => 'new'));
  expect(read?.added).toBe(1_700_000_000_000);
  const back = read?.job as Job;
  for (const key of ['id', 'title', 'name', 'size', 'lastModified', 'language', 'facts', 'phase'] as const)
    expect(back[key], key).toEqual(job[key]);
  const plain = ({ cues }: Job) => cues.map(({ id: _, ...cue }) => cue);
  expect(plain(back)).toEqual(plain(job));
  expect(back.speakers).toContainEqual({ id: 's1', name: 'Morag' });
  expect(atOnce(sameness(back))).toBe(atOnce(sameness(job)));
  expect(libraryFile(back, 5)).toBe(libraryFile(job, 5));
});

test('a translation goes with its transcript, of the words that stand there now, whatever its cues are called', () => {
  const job = made();
  const [first, , last] = job.cues;
  const translation: Translation = {
    language: 'en',
    texts: new Map([
      [first.id, { of: first.text, text: 'About water' }],
      [last.id, { of: 'Ende', text: 'End' }], // it says something else by now
      ['of no cue', { of: 'x', text: 'y' }],
    ]),
  };
  const file = libraryFile(job, 5, translation);
  const read = atOnce(readLibraryFile(file, () => 'new'));
  const back = laidOn(read?.job.cues ?? [], read?.translation ?? { language: '', texts: [] });
  expect(back?.language).toBe('en');
  expect(read?.job.cues.map((cue) => back && translationOf(cue, back))).toEqual(['About water', null, null]);
  expect(libraryFile(read?.job as Job, 5, back)).toBe(file);
  expect(libraryFile(job, 5)).not.toContain('translation');

  // Out of a file that was made to do harm, nothing.
  const value = JSON.parse(file) as { library: object };
  for (const strange of [
    null,
    'x',
    { language: '../en', texts: [{ start: 0, of: first.text, text: 'x' }] },
    { language: 'en', texts: 'x' },
    { language: 'en', texts: [null, 7, { start: '0', of: first.text, text: 'x' }, { start: 0, of: {}, text: 'x' }] },
  ]) {
    const content = JSON.stringify({ ...value, library: { ...value.library, translation: strange } });
    expect(atOnce(readLibraryFile(content, () => 'new'))).toMatchObject({ translation: null });
  }
});

test('what is no transcript is none, and strange values in one do no harm', () => {
  const read = (content: string) => atOnce(readLibraryFile(content, () => 'fresh-id'));
  for (const content of [
    '',
    '{',
    '[]',
    'null',
    '{"format":"earshot-transcript"}',
    '{"segments":[{"start":0,"text":"x"}]}',
  ])
    expect(read(content), content).toBeNull();
  const value = JSON.parse(libraryFile(made(), 1)) as Record<string, unknown>;
  const strange = { id: '../../x', added: 'soon', title: { a: 1 }, lastModified: -5 };
  const file = { name: 7, bytes: null, facts: { container: {}, tracks: 'x' } };
  const job = read(JSON.stringify({ ...value, library: strange, file }))?.job;
  expect(job).toMatchObject({ id: 'fresh-id', title: '', facts: null, size: 0, lastModified: 0 });
  expect(job?.cues).toHaveLength(3);
  const prototype = read(`{"__proto__":{"polluted":1},${JSON.stringify(value).slice(1)}`);
  expect(prototype?.job.title).toBe('Ein Titel');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

const text = (content: string) => new TextEncoder().encode(content);
const MOST = { file: 1_000_000, all: 3_000_000 };

async function allOf(blob: Blob, most = MOST): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for await (const { name, bytes } of unzipped(blob, (name) => name.endsWith('.json'), most))
    found.push([name, bytes.length]);
  return found;
}

test('an archive gives back what was put in, and is known as a library by what is in it', async () => {
  const next = randomFrom(9).next;
  const large = Uint8Array.from({ length: 400_000 }, () => Math.floor(next() * 256));
  const entries = [
    { name: MANIFEST, bytes: text(manifest(1)) },
    { name: 'transcripts/é.json', bytes: large },
    { name: 'transcripts/empty.json', bytes: new Uint8Array() },
    { name: 'other.onnx', bytes: text('weights') },
  ];
  const blob = await zippedOneByOne(entries, new Date(2026, 1, 1));
  expect(await isLibrary(blob)).toBe(true);
  expect(await isLibrary(new Blob(['PK no library']))).toBe(false);
  expect(await isLibrary(new Blob([zipSync({ 'model.onnx': text('x') })]))).toBe(false);
  for await (const { name, bytes } of unzipped(blob, () => true, MOST))
    expect(bytes, name).toEqual(entries.find((entry) => entry.name === name)?.bytes);
  expect((await allOf(blob)).map(([name]) => name)).toEqual(entries.slice(0, 3).map(({ name }) => name));
});

test('bombs, cut and damaged archives, and names that lead elsewhere: refused in words, or read as far as they go', async () => {
  const bomb = new Blob([zipSync({ 'a.json': new Uint8Array(30_000_000) })]);
  expect(bomb.size).toBeLessThan(100_000);
  await expect(allOf(bomb)).rejects.toThrow(ZipRefusal);
  const many = zipSync(
    Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`${at}.json`, new Uint8Array(900_000)])),
  );
  await expect(allOf(new Blob([many]))).rejects.toThrow('far too much');

  const whole = zipSync({ [MANIFEST]: text(manifest(1)), '../../etc/passwd.json': text('{}') }, { level: 6 });
  expect((await allOf(new Blob([whole]))).map(([name]) => name)).toContain('../../etc/passwd.json');
  await expect(allOf(new Blob([whole.slice(0, 60)]))).rejects.toThrow(ZipRefusal);

  const { whole: number } = randomFrom(77);
  for (let turn = 0; turn < 200; turn++) {
    const damaged = whole.slice(0, number(0, whole.length));
    for (let hit = number(0, 4); hit > 0 && damaged.length > 0; hit--)
      damaged[number(0, damaged.length - 1)] = number(0, 255);
    const outcome = await allOf(new Blob([damaged])).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ZipRefusal);
  }
});

test('orders', () => {
  const entries = [
    { id: 'c', name: 'tape 10.mp3', audioSeconds: 5, facts: null, doneSeconds: 0 },
    { id: 'b', name: 'tape 2.mp3', audioSeconds: null, facts: null, doneSeconds: 70 },
    { id: 'a', name: 'x.mp3', title: 'A title', audioSeconds: 60, facts: null, doneSeconds: 0 },
  ] as unknown as Header[];
  const ids = (order: Parameters<typeof inOrder>[1]) =>
    inOrder(entries, order)
      .map(({ id }) => id)
      .join('');
  expect([ids('newest'), ids('oldest'), ids('title'), ids('longest')]).toEqual(['cba', 'abc', 'abc', 'bac']);
});
