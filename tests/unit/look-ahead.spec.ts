/** Headers are read before a file's turn: each file once, and only what is certainly its own fault is said of it. */
import { expect, test } from 'playwright/test';
import { LookAhead } from '../../src/queue/look-ahead.ts';
import { fault, type FaultName, type MediaFacts } from '../../workers/protocol.ts';

const FACTS: MediaFacts = {
  container: 'WAVE',
  codec: 'pcm-s16',
  seconds: 1,
  sampleRate: 16_000,
  channels: 1,
  video: false,
};

/** Files that wait, by what opening them gives; what was told of them leaves the list, as in the queue. */
function waiting(files: Record<string, FaultName | 'opens'>) {
  const list = new Map(Object.keys(files).map((id) => [id, new File(['x'], id)]));
  const opened: string[] = [];
  const told: string[] = [];
  const lookAhead = new LookAhead({
    unknown: () => [...list].map(([id, file]) => ({ id, file })),
    open: ({ name }) => {
      opened.push(name);
      const outcome = files[name];
      return outcome === 'opens' ? Promise.resolve(FACTS) : Promise.reject(fault(outcome, 'why'));
    },
    onFacts: (id, { seconds }) => {
      told.push(`${id}: ${seconds} s`);
      list.delete(id);
    },
    onFault: (id, name) => {
      told.push(`${id}: ${name}`);
      list.delete(id);
    },
  });
  return { lookAhead, opened, told };
}

test('what a file is, or why it never opens, is told before its turn', async () => {
  const { lookAhead, told } = waiting({
    a: 'opens',
    b: 'EmptyFile',
    c: 'UnsupportedFormat',
    d: 'NoAudioTrack',
    e: 'opens',
  });
  await lookAhead.run();
  expect(told).toEqual(['a: 1 s', 'b: EmptyFile', 'c: UnsupportedFormat', 'd: NoAudioTrack', 'e: 1 s']);
});

test('a fault that another file may have caused is not told, and the file is not opened again for it', async () => {
  const { lookAhead, opened, told } = waiting({ a: 'DamagedFile', b: 'EngineFailed', c: 'opens' });
  await Promise.all([lookAhead.run(), lookAhead.run()]);
  await lookAhead.run();
  expect(told).toEqual(['c: 1 s']);
  expect(opened).toEqual(['a', 'b', 'c']);
});

test('a job that has got another file is looked at again', async () => {
  const { lookAhead, opened } = waiting({ a: 'DamagedFile' });
  await lookAhead.run();
  lookAhead.forget('a');
  await lookAhead.run();
  expect(opened).toEqual(['a', 'a']);
});
