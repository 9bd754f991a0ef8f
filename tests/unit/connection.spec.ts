/** The page's connection to a worker: it ends with its worker, and holds nothing of calls that are over. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'playwright/test';
import { Arrivals, Connection, unlessAborted, type Ending } from '../../src/engine/connection.ts';
import { ABORTED, fault } from '../../workers/protocol.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A worker that does nothing but count how often it is ended. */
function worker() {
  const target = new EventTarget();
  let ends = 0;
  const ending = Object.assign(target, { terminate: () => (ends += 1) }) as unknown as Ending;
  return { ending, ends: () => ends, say: (event: Event) => target.dispatchEvent(event) };
}

/** How many of these are still in memory. */
async function alive(refs: readonly WeakRef<object>[]): Promise<number> {
  // A turn of the event loop: what a WeakRef gave in this one stays until it is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

test('ten thousand calls leave nothing behind: what lives as long as the worker holds no history', async () => {
  const connection = new Connection(worker().ending, {}, 'EngineFailed');
  const refs: WeakRef<object>[] = [];
  for (let call = 0; call < 10_000; call += 1) {
    const answer = await connection.call(() => Promise.resolve({ figures: new Array<number>(20).fill(call) }));
    refs.push(new WeakRef(answer));
  }
  expect(connection.openCalls).toBe(0);
  expect(await alive(refs)).toBeLessThan(10);
  expect(connection.alive).toBe(true);
});

test('a call that waits for an abort leaves nothing behind on its signal either', async () => {
  const { signal } = new AbortController();
  const refs: WeakRef<object>[] = [];
  for (let call = 0; call < 10_000; call += 1) {
    refs.push(new WeakRef(await unlessAborted(signal, Promise.resolve({ call }))));
  }
  expect(await alive(refs)).toBeLessThan(10);
});

test('the end of the worker ends every open call with its reason, and every later one', async () => {
  const { ending, ends } = worker();
  const connection = new Connection(ending, {}, 'EngineFailed');
  const open = [1, 2, 3].map(() => connection.call(() => new Promise<never>(() => {})));
  const reasons = Promise.allSettled(open);
  connection.end(fault('GpuLost', 'why'));
  connection.end(fault('EngineFailed', 'a second reason does not count'));
  for (const settled of await reasons)
    expect(settled).toMatchObject({ status: 'rejected', reason: { name: 'GpuLost' } });
  await expect(connection.call(() => Promise.resolve(1))).rejects.toMatchObject({ name: 'GpuLost', message: 'why' });
  expect([ends(), connection.alive, connection.openCalls]).toEqual([1, false, 0]);
});

test('an uncaught error ends it by the name of its worker; a script that never ran is the engine’s', async () => {
  const damaged = worker();
  const connection = new Connection(damaged.ending, {}, 'DamagedFile');
  damaged.say(Object.assign(new Event('error'), { message: 'broken' }));
  await expect(connection.call(() => Promise.resolve(1))).rejects.toMatchObject({
    name: 'DamagedFile',
    message: 'broken',
  });
  const unstarted = worker();
  const other = new Connection(unstarted.ending, {}, 'DamagedFile');
  unstarted.say(new Event('error'));
  await expect(other.call(() => Promise.resolve(1))).rejects.toMatchObject({ name: 'EngineFailed' });
});

test('an abort rejects at once, before and after the task began', async () => {
  const stop = new AbortController();
  const waits = unlessAborted(stop.signal, new Promise<never>(() => {}));
  stop.abort();
  await expect(waits).rejects.toMatchObject({ name: ABORTED });
  await expect(unlessAborted(stop.signal, Promise.resolve(1))).rejects.toMatchObject({ name: ABORTED });
});

test('arrivals are waited for by their number', async () => {
  const arrivals = new Arrivals();
  await arrivals.atLeast(0);
  let both = false;
  const two = arrivals.atLeast(2).then(() => (both = true));
  arrivals.add();
  await Promise.resolve();
  expect(both).toBe(false);
  arrivals.add();
  await two;
  await arrivals.atLeast(1);
});
