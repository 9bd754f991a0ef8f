/** What reaches the disk when writes fail or are never answered: the first windows of a job, without a hole. */
import { expect, test } from 'playwright/test';
import { newJob, withChanges, withWindow, type CueChanges, type Job } from '../../src/queue/job.ts';
import { TranscriptWriter, type Disk } from '../../src/queue/transcript-writer.ts';
import type { WindowResult } from '../../workers/protocol.ts';
import { randomFrom } from './random.ts';

const FILE = new File(['x'], 'a.wav');

function windowAt(index: number): WindowResult {
  return {
    index,
    startSample: index * 10,
    endSample: index * 10 + 10,
    cues: [{ start: index, end: index + 1, text: `window ${index}` }],
    tokens: [],
    language: 'en',
    languageProbability: 0.9,
    noSpeechProbability: 0,
    averageLogProbability: 0,
    compressionRatio: 1,
    temperature: 0,
    backend: 'cpu',
  };
}

/** A disk in memory. @param fate of each write in turn: it fails, is never answered, or works */
function disk(fate: (write: number) => 'ok' | 'fails' | 'hangs') {
  const kept = new Map<string, number[]>();
  let writes = 0;
  const write = (change: () => void): Promise<void> => {
    switch (fate(writes++)) {
      case 'ok':
        change();
        return Promise.resolve();
      case 'fails':
        return Promise.reject(new Error('no room'));
      case 'hangs':
        return new Promise(() => {});
    }
  };
  const made: Disk = {
    saveWindows: ({ id }, _added, windows) =>
      write(() => kept.set(id, [...(kept.get(id) ?? []), ...windows.map(({ index }) => index)])),
    saveAnew: ({ id }) => write(() => kept.set(id, [])),
    forget: (id) => write(() => kept.delete(id)),
  };
  return { made, kept };
}

/** Keeps windows as the queue does: each after the one before was tried. */
async function hear(writer: TranscriptWriter, count: number): Promise<Job> {
  let job = newJob('1', FILE);
  for (let index = 0; index < count; index += 1) {
    job = withWindow(job, windowAt(index));
    const now = job;
    await writer.save(
      () => now,
      () => 0,
    );
  }
  return job;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

test('a write that fails leaves no hole: its window goes with the next one', async () => {
  const { made, kept } = disk((write) => (write === 5 ? 'fails' : 'ok'));
  const told: (string | null)[] = [];
  const writer = new TranscriptWriter(made, (error) => told.push(error?.message ?? null));
  await hear(writer, 7);
  expect(kept.get('1')).toEqual(upTo(7));
  expect(told).toEqual([null, null, null, null, null, 'no room', null]);
});

test('whatever fails, what is kept are the first windows, and all of them once a write works', async () => {
  const { next } = randomFrom(7);
  for (let round = 0; round < 200; round += 1) {
    const { made, kept } = disk(() => (next() < 0.4 ? 'fails' : 'ok'));
    const writer = new TranscriptWriter(made, () => {});
    for (let windows = 1, job = newJob('1', FILE); windows <= 12; windows += 1) {
      job = withWindow(job, windowAt(windows - 1));
      const now = job;
      await writer.save(
        () => now,
        () => 0,
      );
      const there = kept.get('1') ?? [];
      expect(there).toEqual(upTo(there.length));
    }
  }
});

test('a database that never answers is waited for once; what was not written follows when it does', async () => {
  let answers = false;
  const { made, kept } = disk(() => (answers ? 'ok' : 'hangs'));
  const told: (string | null)[] = [];
  const writer = new TranscriptWriter(made, (error) => told.push(error?.message ?? null), 20);
  const job = await hear(writer, 5);
  // One wait, not five.
  expect(told).toEqual(['the database does not answer']);
  expect(kept.size).toBe(0);
  answers = true;
  let back = (): void => undefined;
  writer.pauseUntil(new Promise<void>((resolve) => (back = resolve)));
  back();
  await Promise.resolve();
  await writer.save(
    () => job,
    () => 0,
  );
  expect(kept.get('1')).toEqual(upTo(5));
});

test('a long write that goes on is waited for, and one that stops on its way is not', async () => {
  const told: (string | null)[] = [];
  let last = 30;
  const made: Disk = {
    ...disk(() => 'ok').made,
    saveWindows: async (_job, _added, _windows, _edits, onProgress) => {
      for (let slice = 0; slice < last; slice += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        onProgress();
      }
      if (last < 30) await new Promise(() => {});
    },
  };
  const writer = new TranscriptWriter(made, (error) => told.push(error?.message ?? null), 200);
  const job = await hear(writer, 1);
  expect(told).toEqual([null]);
  last = 3;
  await writer.save(
    () => withWindow(job, windowAt(1)),
    () => 0,
  );
  expect(told).toEqual([null, 'the database does not answer']);
});

test('when the database answers again it is told, and known of which jobs something is missing there', async () => {
  let answer = (): void => undefined;
  let first = true;
  const { made } = disk(() => 'ok');
  made.saveWindows = async () => {
    if (first) await new Promise<void>((resolve) => (answer = resolve));
    first = false;
  };
  let answers = 0;
  const writer = new TranscriptWriter(
    made,
    () => {},
    20,
    () => (answers += 1),
  );
  const job = await hear(writer, 3);
  expect([answers, writer.lacks(job)]).toEqual([0, true]);
  answer();
  await expect.poll(() => answers).toBe(1);
  await writer.save(
    () => job,
    () => 0,
  );
  expect(writer.lacks(job)).toBe(false);
  const [id] = job.cues.map((cue) => cue.id);
  expect(writer.lacks(withChanges(job, new Map([[id, null]])))).toBe(true);
});

test('a job that begins again keeps nothing of its earlier run', async () => {
  const { made, kept } = disk(() => 'ok');
  const writer = new TranscriptWriter(made, () => {});
  const job = await hear(writer, 3);
  await writer.startAnew({ ...job, windows: [] }, 0);
  expect(kept.get('1')).toEqual([]);
  await hear(writer, 2);
  expect(kept.get('1')).toEqual(upTo(2));
});

test('what is read back is not written again', async () => {
  const { made, kept } = disk(() => 'ok');
  const writer = new TranscriptWriter(made, () => {});
  const job = [windowAt(0), windowAt(1)].reduce(withWindow, newJob('1', FILE));
  writer.noteRestored(job, new Map());
  await writer.save(
    () => withWindow(job, windowAt(2)),
    () => 0,
  );
  expect(kept.get('1')).toEqual([2]);
});

test('of the edits each change is written once; one that could not be goes with the next write', async () => {
  const written: [string, string | null][][] = [];
  const made: Disk = {
    ...disk(() => 'ok').made,
    saveWindows: (_job, _added, _windows, edits) => {
      written.push([...edits].map(([id, cue]) => [id, cue?.text ?? null]));
      return written.length === 2 ? Promise.reject(new Error('no room')) : Promise.resolve();
    },
  };
  const writer = new TranscriptWriter(made, () => {});
  const heard = [windowAt(0), windowAt(1)].reduce(withWindow, newJob('1', FILE));
  const [a, b] = heard.cues;
  writer.noteRestored(heard, new Map());
  const changes: CueChanges[] = [
    new Map([[a.id, { ...a, text: 'A' }]]),
    new Map([[b.id, null]]),
    new Map([[a.id, { ...a, text: 'AA' }]]),
    new Map(),
  ];
  let job = heard;
  for (const change of changes) {
    job = withChanges(job, change);
    const now = job;
    await writer.save(
      () => now,
      () => 0,
    );
  }
  const one = [[a.id, 'AA']];
  expect(written).toEqual([[[a.id, 'A']], [[b.id, null]], [...one, [b.id, null]], []]);
  // Read back with what is on the disk: nothing is written again, not even what was taken out.
  const later = new TranscriptWriter(made, () => {});
  later.noteRestored(job, job.edits);
  await later.save(
    () => job,
    () => 0,
  );
  expect(written.at(-1)).toEqual([]);
  // On a disk that it has left, all of it is written anew.
  await later.forget('1');
  await later.save(
    () => job,
    () => 0,
  );
  expect(written.at(-1)).toEqual([...one, [b.id, null]]);
});

test('what wrote nothing says nothing of the disk', async () => {
  const told: unknown[] = [];
  const writer = new TranscriptWriter(disk(() => 'ok').made, (error) => told.push(error));
  await writer.save(
    () => undefined,
    () => 0,
  );
  await writer.inTurn(() => Promise.resolve('nothing'));
  expect(told).toEqual([]);
});

test('a page that is about to be left writes at once what waits for its turn, in its order', async () => {
  const begun: string[] = [];
  const writer = new TranscriptWriter(disk(() => 'ok').made, () => undefined);
  const answers: (() => void)[] = [];
  const write = (name: string) =>
    writer.inTurn(() => {
      begun.push(name);
      return new Promise((resolve) => answers.push(() => resolve('written')));
    });
  const all = [write('first'), write('second'), write('third')];
  await expect.poll(() => begun).toEqual(['first']);
  writer.hurry();
  all.push(write('typed just now'));
  await expect.poll(() => begun).toEqual(['first', 'second', 'third', 'typed just now']);
  // Nobody has left: what comes later has its turn.
  await new Promise((resolve) => setTimeout(resolve));
  all.push(write('later'));
  let over = false;
  void writer.settled.then(() => (over = true));
  for (const answer of answers.splice(0, 4)) {
    expect(begun).not.toContain('later');
    answer();
  }
  await expect.poll(() => begun.at(-1)).toBe('later');
  expect(over).toBe(false);
  answers.splice(0).forEach((answer) => answer());
  await Promise.all(all);
  await writer.settled;
  expect(writer.isLong).toBe(false);
});
