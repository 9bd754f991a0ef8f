/** When stored models are read again by themselves, and what comes of it. */
import { expect, test } from 'playwright/test';
import { ABORTED, fault } from '../../workers/protocol.ts';
import { createRecheck, isDue } from '../../workers/store/recheck.ts';

const DAY_MS = 24 * 3600 * 1000;
const now = Date.UTC(2026, 10, 23);

test('a month after the bytes were last known to be right, and not before', () => {
  expect(isDue(now - 29 * DAY_MS, now)).toBe(false);
  expect(isDue(now - 30 * DAY_MS, now)).toBe(true);
  expect(isDue(now, now)).toBe(false);
  expect(isDue(null, now)).toBe(false);
  // The clock was wrong once: an hour is forgiven, a year is not believed.
  expect(isDue(now + DAY_MS / 24, now)).toBe(false);
  expect(isDue(now + 365 * DAY_MS, now)).toBe(true);
});

/** A recheck at once, of a store that answers so; what it did. */
function recheck(knownRightMs: number | null, verify: (signal: AbortSignal) => Promise<string[]>) {
  const damaged: string[] = [];
  let ended = () => {};
  const end = new Promise<void>((resolve) => (ended = resolve));
  const verified: string[] = [];
  const store = {
    knownRightAt: () => {
      if (!isDue(knownRightMs, Date.now())) setTimeout(ended);
      return Promise.resolve(knownRightMs);
    },
    verify: (modelId: string, signal = new AbortController().signal) => {
      verified.push(modelId);
      return verify(signal).finally(() => setTimeout(ended));
    },
  };
  const made = createRecheck(store, (modelId) => Promise.resolve(void damaged.push(modelId)), 0);
  return { made, end, damaged, verified };
}

const long = 0;

test('a model whose time has come is verified in quiet; right bytes change nothing', async () => {
  const { made, end, damaged, verified } = recheck(long, () => Promise.resolve([]));
  made.later('base');
  await end;
  expect({ damaged, verified }).toEqual({ damaged: [], verified: ['base'] });
});

test('one whose time has not come is left alone', async () => {
  const { made, end, verified } = recheck(Date.now(), () => Promise.resolve([]));
  made.later('base');
  await end;
  expect(verified).toEqual([]);
});

test('damage is told, healed or not: what is in memory came from it', async () => {
  const healed = recheck(long, () => Promise.resolve(['onnx/encoder_model.onnx']));
  healed.made.later('base');
  await healed.end;
  expect(healed.damaged).toEqual(['base']);
  const lost = recheck(long, () => Promise.reject(fault('DownloadFailed', 'offline')));
  lost.made.later('base');
  await lost.end;
  expect(lost.damaged).toEqual(['base']);
});

test('whatever begins stops the check, before it starts and in the middle, and nothing is blamed', async () => {
  const waiting = recheck(long, () => Promise.resolve([]));
  waiting.made.later('base');
  waiting.made.stop();
  const running = recheck(
    long,
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(fault(ABORTED)));
        setTimeout(() => running.made.stop());
      }),
  );
  running.made.later('base');
  await running.end;
  expect(running.damaged).toEqual([]);
  expect(waiting.verified).toEqual([]);
});
