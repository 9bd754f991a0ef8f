/**
 * What holds the page up: tasks of its main thread that take over 50 ms. On a machine that is busy with other things a task
 * also waits for its turn there, so what is asserted is the time it had of the processor. A query by role reads every node,
 * which in a transcript of ten thousand rows is such a task itself: between two looks elements are taken by handles, or by
 * their ids. And a file that is given as bytes is unpacked by such a task: give a path.
 */
import { expect, type CDPSession, type Page } from 'playwright/test';

/** Milliseconds. `busy`: of the processor; `waited`: on the clock. */
export type Task = { busy: number; waited: number };

/** Shorter tasks are nobody's concern. */
const LONG_MS = 25;

type TraceEvent = {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
};

async function start(session: CDPSession): Promise<void> {
  const traceConfig = { includedCategories: ['toplevel'], excludedCategories: ['*'] };
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
}

async function stop(session: CDPSession): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  const collect = ({ value }: { value: object[] }) => void events.push(...(value as TraceEvent[]));
  session.on('Tracing.dataCollected', collect);
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  session.off('Tracing.dataCollected', collect);
  return events;
}

/** @returns gives the tasks since it was last called */
export async function longTasks(page: Page): Promise<() => Promise<Task[]>> {
  const session = await page.context().newCDPSession(page);
  await start(session);
  return async () => {
    const events = await stop(session);
    await start(session);
    const nameOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
    const mains = new Set(
      events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(nameOf),
    );
    return events
      .filter((event) => event.ph === 'X' && event.name.endsWith('RunTask') && mains.has(nameOf(event)))
      .map(({ dur = 0, tdur = 0 }) => ({ busy: Math.round(tdur / 1000), waited: Math.round(dur / 1000) }))
      .filter(({ waited }) => waited >= LONG_MS);
  };
}

/** Milliseconds of the processor. */
export const longest = (tasks: readonly Task[]): number => Math.max(0, ...tasks.map(({ busy }) => busy));

/** For a figure: "41 ms (58 on the clock)". */
export const inWords = (tasks: readonly Task[]): string =>
  `${longest(tasks)} ms (${Math.max(0, ...tasks.map(({ waited }) => waited))} on the clock)`;

/** The measure sees what holds the page up. */
export async function seesAHold(page: Page, tasks: () => Promise<Task[]>): Promise<void> {
  // Looked for when it is over: what still runs when the record ends is in none.
  await page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        setTimeout(() => {
          // By turns as well: the clock of a busy machine goes on while the page does not.
          for (let turn = 0, end = performance.now() + 300; performance.now() < end || turn < 3_000_000; turn += 1)
            Math.sqrt(turn);
          resolve();
        }),
      ),
  );
  await expect.poll(async () => longest(await tasks())).toBeGreaterThan(50);
}
