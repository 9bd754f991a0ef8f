/**
 * What holds the page up: tasks of its main thread that take over 50 ms. A query by role reads every node, which in a
 * transcript of ten thousand rows is such a task itself: between two looks elements are taken by handles, or by their ids.
 */
import { expect, type Page } from 'playwright/test';

/** Call before the page is opened. @returns gives the tasks since it was last called, in milliseconds */
export async function longTasks(page: Page): Promise<() => Promise<number[]>> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    const seen = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    seen.observe({ type: 'longtask' });
    const look = () => {
      tasks.push(...seen.takeRecords().map(({ duration }) => duration));
      return tasks.splice(0);
    };
    Object.assign(window, { look });
  });
  return () => page.evaluate(() => (window as unknown as { look: () => number[] }).look());
}

export const longest = (tasks: readonly number[]): number => Math.max(0, ...tasks);

/** The measure sees what holds the page up. */
export async function seesAHold(page: Page, tasks: () => Promise<number[]>): Promise<void> {
  await page.evaluate(() =>
    setTimeout(() => {
      for (const end = performance.now() + 90; performance.now() < end;);
    }),
  );
  await expect.poll(async () => longest(await tasks())).toBeGreaterThan(80);
}
