/** Recordings on the disk: whatever ends one, what is there is a file that opens, and at most a second or two is missing. */
import { ALL_FORMATS, BlobSource, Input } from 'mediabunny';
import { expect, test } from 'playwright/test';
import type { RecordingProgress, TapMessage } from '../../workers/protocol.ts';
import type { RecordingDatabase } from '../../workers/record/keeper.ts';
import { record } from '../../workers/record/record.ts';
import { Recordings } from '../../workers/record/recordings.ts';
import { wavHeader } from '../../workers/record/wav-header.ts';
import { isSilent, levelWords, meterShare, withLevel, EMPTY_STRIP, STRIP_BARS } from '../../src/record/level.ts';
import { recordingStem } from '../../src/record/name.ts';
import { cutOffWords, noSoundOf, noSoundWords, type NoSound } from '../../src/record/record-words.ts';

const RATE = 16_000;
/** A worklet's block: a twentieth of a second. */
const BLOCK = RATE / 20;

/** A database in memory that takes `writes` transactions, and then none. */
function disk(writes = Infinity) {
  const kept = new Map<string, unknown>();
  let left = writes;
  const write = async (change: () => void) => {
    if (left-- <= 0) throw Object.assign(new Error('full'), { name: 'StorageFull' });
    change();
  };
  const database: RecordingDatabase = {
    keeps: true,
    keys: async () => [...kept.keys()],
    get: async <T>(key: string) => kept.get(key) as T | undefined,
    getMany: async <T>(keys: string[]) => keys.map((key) => kept.get(key) as T | undefined),
    set: (key, value) => write(() => void kept.set(key, value)),
    setMany: (pairs) => write(() => pairs.forEach(([key, value]) => kept.set(key, value))),
    delete: (keys) => write(() => keys.forEach((key) => kept.delete(key))),
  };
  return { database, kept };
}

/** Sound whose every sample says where it stands, so that a gap or a repetition shows. */
const sampleAt = (index: number) => (index % 30_000) / 32_767;

/** Plays `seconds` into a recording on this disk. */
async function play(database: RecordingDatabase, seconds: number, last: TapMessage | 'cut' = { type: 'end' }) {
  const { port1, port2 } = new MessageChannel();
  const stop = new AbortController();
  const told: RecordingProgress[] = [];
  const order = { id: 'one', stem: 'Recording 2026', startedMs: 1000, sampleRate: RATE };
  const recording = record(port2, order, database, stop.signal, (progress) => told.push(progress));
  for (let at = 0; at < seconds * RATE; at += BLOCK) {
    const samples = Float32Array.from({ length: BLOCK }, (_, index) => sampleAt(at + index));
    port1.postMessage({ type: 'pcm', samples } satisfies TapMessage);
  }
  if (last !== 'cut') port1.postMessage(last);
  const outcome = await recording.then(
    (kept) => kept,
    (error: Error) => error.name,
  );
  port1.close();
  return { outcome, told };
}

/** The samples of the file that a disk gives, as 16 bit numbers. */
async function samplesOf(database: RecordingDatabase): Promise<Int16Array> {
  const file = await new Recordings(database).file('one');
  if (file === null) throw new Error('no file');
  return new Int16Array((await file.arrayBuffer()).slice(44));
}

test('cut off at any write, what is on the disk is the sound from its beginning, short of at most a second', async () => {
  const whole = disk();
  const { outcome, told } = await play(whole.database, 5.3);
  expect(outcome).toMatchObject({ name: 'Recording 2026.wav', ended: true, type: 'audio/wav' });
  const all = await samplesOf(whole.database);
  expect(all.length).toBe(Math.ceil(5.3 * 20) * BLOCK);
  expect([...all].every((value, index) => value === index % 30_000)).toBe(true);
  expect(told.at(-1)).toEqual({ seconds: all.length / RATE, bytes: 2 * all.length, safe: true });

  for (let writes = 1; writes < told.length; writes += 1) {
    const { database } = disk(writes);
    expect((await play(database, 5.3)).outcome).toBe('StorageFull');
    const [kept] = await new Recordings(database).list();
    expect(kept).toMatchObject({ ended: false });
    const samples = await samplesOf(database);
    expect(samples).toEqual(all.slice(0, samples.length));
    // The record of each transaction counts what is in it: the first has no sound yet, each later one a second more.
    expect(samples.length).toBe(Math.round(kept.seconds * RATE));
    expect(kept.seconds).toBeGreaterThanOrEqual(writes - 1);
  }
});

test('a pause puts on the disk what is not there yet', async () => {
  const { database } = disk();
  const { port1, port2 } = new MessageChannel();
  const stop = new AbortController();
  const told: RecordingProgress[] = [];
  const order = { id: 'one', stem: 'a', startedMs: 0, sampleRate: RATE };
  const recording = record(port2, order, database, stop.signal, (progress) => told.push(progress));
  port1.postMessage({ type: 'pcm', samples: new Float32Array(BLOCK) });
  port1.postMessage({ type: 'pause' });
  await expect.poll(() => told.at(-1)).toEqual({ seconds: 0.05, bytes: 2 * BLOCK, safe: true });
  // The worklet is gone: the page says the end.
  stop.abort();
  expect(await recording).toMatchObject({ ended: true, seconds: 0.05 });
  port1.close();
});

test('the file opens in a reader of other people, with its length and its rate', async () => {
  const { database } = disk();
  await play(database, 2);
  const file = await new Recordings(database).file('one');
  expect(file).toMatchObject({ name: 'Recording 2026.wav', type: 'audio/wav', lastModified: 1000 });
  const input = new Input({ source: new BlobSource(file as Blob), formats: ALL_FORMATS });
  expect(await input.computeDuration()).toBe(2);
  expect(await (await input.getPrimaryAudioTrack())?.getSampleRate()).toBe(RATE);
});

test('more than four gigabytes have the length that means "as much as follows"', () => {
  const view = new DataView(wavHeader(48_000, 5e9).buffer);
  expect([view.getUint32(4, true), view.getUint32(40, true)]).toEqual([0xffffffff, 0xffffffff]);
});

test('what is deleted is off the disk only when it is purged, and comes back until then', async () => {
  const { database, kept } = disk();
  await play(database, 1.5);
  const recordings = new Recordings(database);
  await recordings.mark('one', { deleted: true });
  expect((await recordings.list())[0]).toMatchObject({ deleted: true });
  await recordings.mark('one', { deleted: false });
  await recordings.purge();
  expect((await recordings.list())[0]).toMatchObject({ deleted: false });
  await recordings.mark('one', { deleted: true });
  await recordings.purge();
  expect([...kept.keys()]).toEqual([]);
  expect(await recordings.file('one')).toBeNull();
});

test('names sort by time, and no disk refuses one', () => {
  const stems = [new Date(2026, 0, 5, 9, 3, 7), new Date(2026, 10, 26, 14, 5, 9)].map(recordingStem);
  expect(stems).toEqual(['Recording 2026-01-05 09.03.07', 'Recording 2026-11-26 14.05.09']);
  expect(stems.toSorted()).toEqual(stems);
});

test('the meter: from silence to too loud, and never outside', () => {
  expect([0, 1e-9, 1, 7].map(meterShare)).toEqual([0, 0, 1, 1]);
  expect([0, 0.005, 0.1, 1].map(levelWords)).toEqual(['silent', 'quiet', 'good', 'too loud']);
  // A microphone that is on has some noise; one that is switched off gives zeros.
  expect([0, 1e-4].map(isSilent)).toEqual([true, false]);
  let strip = EMPTY_STRIP;
  for (let level = 0; level < 10_000; level += 1) strip = withLevel(strip, level);
  expect(strip.bars.length).toBe(STRIP_BARS);
  expect(strip.bars.at(-1)).toBe(9999);
});

test('each thing that can go wrong has a sentence and a next step of its own', () => {
  const named = (name: string, message = 'x') => Object.assign(new Error(message), { name });
  expect(noSoundOf(named('NotAllowedError'), false)).toBe('denied');
  expect(noSoundOf(named('NotAllowedError'), true)).toBe('share-refused');
  expect(noSoundOf(named('NotFoundError'), false)).toBe('no-device');
  expect(noSoundOf(named('NotAllowedError', 'Permission dismissed'), false)).toBe('dismissed');
  expect(noSoundOf(named('NotAllowedError', 'Permission denied by system'), false)).toBe('denied-by-system');
  // The one that is asked for by name: nothing else of what is asked for can be refused.
  expect(noSoundOf(named('OverconstrainedError'), false)).toBe('device-gone');
  expect(noSoundOf(named('NotReadableError'), false)).toBe('device-busy');
  expect(noSoundOf(new TypeError('mediaDevices is undefined'), false)).toBe('not-offered');
  const faults: NoSound[] = [
    ...(['denied', 'dismissed', 'denied-by-system', 'share-refused', 'no-device', 'device-gone'] as const),
    ...(['device-busy', 'no-shared-sound', 'not-offered'] as const),
  ];
  const words = [...faults.map(noSoundWords), noSoundWords('other-tab'), cutOffWords('unplugged', 62)];
  expect(new Set(words.map(({ sentence }) => sentence)).size).toBe(words.length);
  expect(words.every(({ sentence, next }) => sentence.endsWith('.') && next.endsWith('.'))).toBe(true);
  expect(cutOffWords('unplugged', 62).sentence).toContain('1:02');
  // Nothing is promised where nothing is kept.
  expect(JSON.stringify([cutOffWords('full', 0), cutOffWords('unplugged', 0)])).not.toMatch(/kept up to|0:00/);
});
