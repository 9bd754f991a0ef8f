/** When stored models are read again by themselves, and what comes of it. */
import { expect, test } from 'playwright/test';
import { fault } from '../../workers/protocol.ts';
import { isDue, recheck } from '../../workers/store/recheck.ts';

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

/** A store whose bytes were last known to be right then, and what its check gives; `verified`: what was checked. */
function storeOf(knownRightMs: number | null, verify: () => Promise<string[]>) {
  const verified: string[] = [];
  const store = {
    knownRightAt: () => Promise.resolve(knownRightMs),
    verify: (modelId: string, _signal?: AbortSignal, _onProgress?: unknown, unasked?: boolean) => {
      expect(unasked, 'nobody asked for this check').toBe(true);
      verified.push(modelId);
      return verify();
    },
  };
  return { store, verified };
}

const long = 0;

test('a model whose time has come is verified; right bytes change nothing', async () => {
  const { store, verified } = storeOf(long, () => Promise.resolve([]));
  expect(await recheck(store, 'base')).toBe(false);
  expect(verified).toEqual(['base']);
});

test('one whose time has not come is left alone', async () => {
  const { store, verified } = storeOf(Date.now(), () => Promise.resolve(['onnx/encoder_model.onnx']));
  expect(await recheck(store, 'base')).toBe(false);
  expect(verified).toEqual([]);
});

test('damage is told, healed or not: what is in memory came from it', async () => {
  const healed = storeOf(long, () => Promise.resolve(['onnx/encoder_model.onnx']));
  expect(await recheck(healed.store, 'base')).toBe(true);
  const lost = storeOf(long, () => Promise.reject(fault('DownloadFailed', 'offline')));
  expect(await recheck(lost.store, 'base')).toBe(true);
});
