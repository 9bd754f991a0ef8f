/** The screen stays on while a job runs, also after the tab was hidden in between. */
import { expect, test } from 'playwright/test';

/** The browser's part: it lets go of every lock when the tab is hidden. */
function browser() {
  const locks: { released: boolean }[] = [];
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const request = () => {
    if (page.visibilityState !== 'visible') return Promise.reject(new Error('hidden'));
    const lock = { released: false, release: async () => void (lock.released = true) };
    locks.push(lock);
    return Promise.resolve(lock);
  };
  const turn = async (state: 'visible' | 'hidden') => {
    page.visibilityState = state;
    if (state === 'hidden') for (const lock of locks) lock.released = true;
    page.dispatchEvent(new Event('visibilitychange'));
    // The request is answered in a later microtask.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const held = () => locks.filter(({ released }) => !released).length;
  return { page, request, turn, held };
}

const GLOBALS = ['document', 'navigator'] as const;
const before = GLOBALS.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
// The specs after this one run in the same process, and libraries look for a `document` to tell where they are.
test.afterEach(() => {
  for (const [name, own] of before) {
    if (own) Object.defineProperty(globalThis, name, own);
    else Reflect.deleteProperty(globalThis, name);
  }
});

test('the lock is taken again when the tab is back, and never after the job', async () => {
  const { page, request, turn, held } = browser();
  Object.defineProperty(globalThis, 'document', { configurable: true, value: page });
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { wakeLock: { request } } });
  const { sleepAgain, stayAwake } = await import('../../src/queue/awake.ts');
  await stayAwake('job');
  expect(held()).toBe(1);
  await turn('hidden');
  expect(held()).toBe(0);
  await turn('visible');
  expect(held(), 'after a tab switch').toBe(1);
  await stayAwake('job');
  expect(held(), 'one lock is enough').toBe(1);
  await stayAwake('recording');
  await sleepAgain('recording');
  expect(held(), 'a recording that ends leaves the job its lock').toBe(1);
  await sleepAgain('job');
  expect(held()).toBe(0);
  await turn('hidden');
  await turn('visible');
  expect(held(), 'after the job').toBe(0);
  // Hidden while a file begins: the lock comes with the tab.
  await turn('hidden');
  await stayAwake('job');
  await turn('visible');
  expect(held()).toBe(1);
  await sleepAgain('job');
});
