/** Two hours of talk: another number of speakers is there in a second, and nothing of the page hangs. */
import type { Page } from 'playwright/test';
import { createCut } from '../../workers/speakers/assign.ts';
import { labelledCues } from '../unit/label-as-told.ts';
import { expect, test } from '../browser.ts';
import { conversation, forgedTable } from '../unit/forged-voices.ts';
import { keepCues, type KeptCue } from './kept-transcript.ts';
import { keepVoices } from './kept-voices.ts';

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const panel = (page: Page) => region(page).getByRole('region', { name: 'Speakers' });

/** How many rows each has, whoever that is. */
function bySpeaker(rows: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const speaker of rows) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => a - b);
}
const rowsBySpeaker = async (page: Page) =>
  bySpeaker(
    await region(page)
      .locator('[data-cue]')
      .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['speaker'] ?? '')),
  );

/** What one count took: until it is said, and until the page is at rest behind it. `sentBytes`: of numbers, to the worker. */
type Figures = { asked: string[]; sentBytes: number; spentMs: number; longestMs: number };

/** In the page: waits for so many speakers to be said, and notes what was asked of the worker meanwhile (comlink's calls). */
function watch(many: number): void {
  const status = document.querySelector('#speakers-heading ~ [role="status"]')!;
  const asked: string[] = [];
  let [sentBytes, longestMs] = [0, 0];
  const bytesIn = (value: unknown): number => {
    if (ArrayBuffer.isView(value)) return value.byteLength;
    return typeof value === 'object' && value !== null
      ? Object.values(value).reduce((sum: number, each) => sum + bytesIn(each), 0)
      : 0;
  };
  type Post = (this: Worker, message: { path?: string[] }, transfer: Transferable[]) => void;
  const workers = Worker.prototype as { postMessage: Post };
  const original = workers.postMessage;
  workers.postMessage = function (message, transfer) {
    if (message.path !== undefined && /^(tell|label|hear)$/.test(message.path[0])) {
      asked.push(message.path[0]);
      sentBytes += bytesIn(message);
    }
    original.call(this, message, transfer);
  };
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration);
  });
  tasks.observe({ type: 'longtask' });
  const began = performance.now();
  const counted = new Promise<Figures>((resolve) => {
    const told = new MutationObserver(() => {
      if (!status.textContent.includes(`${many} speakers told apart.`)) return;
      told.disconnect();
      const spentMs = performance.now() - began;
      requestIdleCallback(() => {
        tasks.disconnect();
        workers.postMessage = original;
        resolve({ asked, sentBytes, spentMs, longestMs });
      });
    });
    told.observe(status, { subtree: true, childList: true, characterData: true });
  });
  Object.assign(globalThis, { counted });
}

/** In the page: how many rows got another speaker's name in each task, the most of them. */
function watchNames(): void {
  const seen = { most: 0 };
  new MutationObserver((changes) => {
    const rows = changes.filter(({ oldValue, target }) => oldValue !== (target as HTMLElement).dataset['speaker']);
    seen.most = Math.max(seen.most, rows.length);
  }).observe(document.querySelector('.cues')!, {
    ...{ subtree: true, attributes: true, attributeOldValue: true, attributeFilter: ['data-speaker'] },
  });
  Object.assign(globalThis, { named: seen });
}

test('two hours: another number of speakers is there in a second, and nothing hangs', async ({ app }) => {
  test.setTimeout(120_000);
  const { table, truth } = forgedTable(conversation(5, 5200, 12), 12);
  const turns = createCut(table)(null);
  // Every three pieces a cue, of words of four tenths of a second: cues are cut where the speaker changes.
  const cues = Array.from({ length: Math.floor(truth.length / 3) }, (_, index): KeptCue => {
    const words = truth
      .slice(3 * index, 3 * index + 3)
      .flatMap(({ start }) =>
        [0, 0.4, 0.8].map((at) => ({ start: start + at, end: start + at + 0.35, text: `w${index}`, probability: 0.9 })),
      );
    const text = words.map((word) => word.text).join(' ');
    return { start: words[0].start, end: words.at(-1)!.end, text, words };
  });
  await app.open('?model=whisper-digits-10s&backend=cpu');
  const told = labelledCues(cues, turns);
  await keepCues(app, told, {
    speakers: [1, 2, 3, 4, 5].map((id) => ({ id: `${id}`, name: `Speaker ${id}` })),
  });
  await keepVoices(app, table, turns);
  await app.reload();
  await region(app).getByRole('button', { name: 'Speakers', exact: true }).click();
  const count = panel(app).getByRole('group', { name: 'How many speakers?' });
  await expect(panel(app).getByRole('status')).toContainText('5 speakers told apart.', { timeout: 30_000 });

  const figures: Figures[] = [];
  for (const many of [3, 2, 3]) {
    await app.evaluate(watch, many);
    await count.getByRole('radio', { name: `${many}`, exact: true }).check();
    figures.push(await app.evaluate(() => (globalThis as unknown as { counted: Promise<Figures> }).counted));
    const { spentMs, longestMs } = figures.at(-1)!;
    const description = `${many} speakers of two hours: ${spentMs.toFixed(0)} ms, the longest task ${longestMs.toFixed(0)} ms`;
    test.info().annotations.push({ type: 'figures', description });
  }
  // In the end every row has been drawn as it is now.
  const three = labelledCues(told, createCut(table)({ least: 3, most: 3 }));
  await expect.poll(() => rowsBySpeaker(app)).toEqual(bySpeaker(three.map(({ speaker }) => speaker ?? '')));

  // A new name is drawn in slices, too: a list of names that all rows look at would have each of them asked in one task. On a
  // slow machine, so that a slice is not all of them.
  const slow = await app.context().newCDPSession(app);
  await slow.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await app.evaluate(watchNames);
  const rows = three.filter(({ speaker }) => speaker === '1').length;
  const name = panel(app).getByRole('combobox', { name: 'Name of speaker 1' });
  await name.fill('Ada');
  await name.press('Enter');
  await expect(region(app).locator('[data-speaker="Ada"]')).toHaveCount(rows, { timeout: 60_000 });
  const most = await app.evaluate(() => (globalThis as unknown as { named: { most: number } }).named.most);
  test
    .info()
    .annotations.push({ type: 'figures', description: `${rows} rows named anew, ${most} at most in one task` });
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(rows);

  // On a quiet machine a third of a second; what is held is what is done for it: one cut, and the labels of what there was
  // and of what there is, without a text.
  expect(figures.map(({ asked }) => asked)).toEqual(figures.map(() => ['tell', 'label', 'label']));
  for (const { sentBytes, spentMs, longestMs } of figures) {
    expect(sentBytes).toBeLessThan(3_000_000);
    expect(spentMs).toBeLessThan(5000);
    expect(longestMs).toBeLessThan(1000);
  }
});
