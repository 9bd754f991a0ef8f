/**
 * The fault matrix: what can go wrong, in each phase in which it can, injected into the shipped page. Every row ends with the
 * words of a run to which nothing happened; how it got there, by itself or by one question, is in the table that is written
 * to tests/.out/faults.md. Faults of the GPU: tests/unit/recovery.spec.ts, job-memory.spec.ts and gpu/page.spec.ts; two tabs:
 * tabs.spec.ts; a database that is not there: kept.spec.ts; a tab that crashes, a browser that is killed: resume-offer.spec.ts.
 */
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, test, type App } from '../browser.ts';
import { lineOf, writeTable, type Survived } from '../fault-table.ts';
import { poison, sleepy, suspend, unplug, whenWindowIsPut, type Harm, type Moment } from './harm.ts';
import { addFiles, heard, repeated, useInputPicker } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const WORDS = Array<string>(3).fill('two eight six seven zero four four zero').join(' ');
const LONG = { timeout: 60_000 };

const row = (page: Page) => page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
const firstWords = (page: Page) => page.getByRole('region', { name: 'Transcript' }).getByRole('textbox').first();

type Given = { app: App; path: string };
type Row = {
  fault: string;
  phase: string;
  /** Before the page is opened. */
  before?: (given: Given) => Promise<unknown>;
  /** When the file was added. Left out: the fault comes by itself. */
  then?: (given: Given) => Promise<void>;
  /** A worker is harmed, or the page, and says so just before. */
  harms?: true;
  /** Who has timers that fire at once when the machine wakes up, or none: all of them say that they slept. */
  sleepers?: readonly string[];
  /** Engines that are started, where one sleeps; left out: one. */
  engines?: number;
  /** What the page asks; left out: it recovers by itself. */
  asks?: string;
};

const workerRow = (worker: 'engine' | 'media', what: Harm, when: Moment): Row => ({
  fault: `${worker} worker ${what}`,
  phase: when,
  harms: true,
  before: ({ app }) => poison(app, worker, when, what),
});
/** Once the worker was harmed, time passes for the page, whose timers run, until it has taken a fresh one. */
const patience = (one: Row): Row => {
  let harmed = false;
  let fresh = false;
  return {
    ...one,
    before: async (given) => {
      const { app } = given;
      await app.clock.install();
      app.on('console', (message) => (harmed ||= message.text() === 'harmed'));
      app.on('worker', (worker) => (fresh ||= harmed && /(engine|media)\.worker/.test(worker.url())));
      await one.before?.(given);
    },
    then: async ({ app }) => {
      await expect.poll(() => harmed, LONG).toBe(true);
      await expect(async () => {
        // No more than the page needs: the fresh worker is to have its time.
        if (!fresh) await app.clock.runFor(20_000);
        expect(fresh).toBe(true);
      }).toPass({ ...LONG, intervals: [100] });
    },
  };
};

/** The engine stands still behind the first window until the page is closed. */
const standStill = ({ app }: Given) => poison(app, 'engine', 'writing the second window', 'hangs', 2);

/** What a person does then: the drive is plugged in again, and the file chosen again. */
async function chooseAgain({ app, path }: Given): Promise<void> {
  await app.evaluate('plugIn()');
  await addFiles(app, path);
}

const player = (page: Page) => page.getByRole('region', { name: 'Player' });

/** In every phase in which the file is read. */
const READ_ERRORS: readonly Row[] = [
  ...(['opening the file', 'decoding the beginning', 'decoding the middle', 'decoding the last window'] as const).map(
    (phase): Row => ({
      fault: 'the file cannot be read any more',
      phase,
      harms: true,
      before: ({ app }) => unplug(app, phase),
      asks: `The file can't be read any more. Choose it again${/middle|last/.test(phase) ? ' to go on from …' : '.'}`,
      then: async (given) => {
        const words = /The file can't be read any more\. Choose it again( to go on from 0:\d\d)?\./;
        await expect(row(given.app).getByRole('alert')).toContainText(words, LONG);
        await chooseAgain(given);
      },
    }),
  ),
  {
    fault: 'the file cannot be read for a moment',
    phase: 'reading what it is known by',
    harms: true,
    before: ({ app }) =>
      app.addInitScript(() => {
        Blob.prototype.arrayBuffer = () => {
          console.log('harmed');
          return Promise.reject(new DOMException('gone', 'NotReadableError'));
        };
      }),
  },
  {
    fault: 'the file cannot be read any more',
    phase: 'measuring the waveform afterwards',
    harms: true,
    asks: 'Add the file again to hear it.',
    then: async (given) => {
      const { app, path } = given;
      await expect(row(app)).toContainText('Done', LONG);
      await unplug(app, 'opening the file');
      await app.goto('about:blank');
      await app.open(QUERY);
      await app.evaluate(
        () =>
          new Promise<void>((resolve) => {
            const open = indexedDB.open('earshot-levels');
            open.onsuccess = () => {
              const write = open.result.transaction('levels', 'readwrite');
              write.objectStore('levels').clear();
              write.oncomplete = () => (open.result.close(), resolve());
            };
          }),
      );
      await app.reload();
      await expect(row(app)).toContainText('Saved');
      const struck = app.waitForEvent('console', (message) => message.text() === 'harmed');
      await addFiles(app, path);
      await struck;
      await expect(player(app)).toContainText('Add the file again to hear it.');
      await chooseAgain(given);
      await expect(player(app).getByRole('button', { name: 'Play' })).toBeEnabled();
    },
  },
  {
    fault: 'the file is deleted',
    phase: 'playing it afterwards',
    asks: 'Add the file again to hear it.',
    then: async ({ app, path }) => {
      await expect(row(app)).toContainText('Done', LONG);
      await addFiles(app, fixture('windows/synthetic_en_10s_1.wav'));
      await expect(row(app).nth(1)).toContainText('Done', LONG);
      const { atime, mtime } = statSync(path);
      const bytes = readFileSync(path);
      rmSync(path);
      await row(app).first().getByRole('button', { name: 'Open' }).click();
      await expect(player(app)).toContainText('Add the file again to hear it.');
      await expect.poll(() => app.consoleErrors.join()).toContain('ERR_FILE_NOT_FOUND');
      app.consoleErrors.splice(0);
      writeFileSync(path, bytes);
      utimesSync(path, atime, mtime);
      await addFiles(app, path);
      await expect(player(app).getByRole('button', { name: 'Play' })).toBeEnabled();
      await row(app).last().getByRole('button', { name: 'Remove' }).click();
    },
  },
];

/** Three hours go by in which nobody works, every timer that was due then fires, and the clock is set back ten years. */
const sleep = (phase: string, sleepers: readonly string[], rest: Partial<Row>): Row => ({
  fault: 'the laptop sleeps for three hours, and its clock is set back ten years',
  phase,
  sleepers,
  ...rest,
  before: async (given) => {
    await sleepy(given.app);
    await rest.before?.(given);
  },
});
const sleepAt = (worker: 'engine' | 'media', when: Moment): Row =>
  sleep(when, ['page', 'engine', 'media', 'store'], {
    harms: true,
    before: ({ app }) => poison(app, worker, when, 'falls asleep'),
  });

const WEIGHTS = /whisper-digits-10s\/.*\.onnx/;
const SLEEPS: readonly Row[] = [
  sleep('downloading the model', ['page', 'store'], {
    before: ({ app }) =>
      app.route(
        WEIGHTS,
        async (route) => {
          await app.evaluate('fallAsleep()');
          // Connections do not outlive a night.
          await route.abort('connectionreset');
        },
        { times: 1 },
      ),
    then: async ({ app }) => {
      await expect(row(app)).toContainText('Done', LONG);
      const asked = app.requestLog.filter((url) => WEIGHTS.test(url));
      // One of the files was fetched a second time.
      expect(asked.length).toBeGreaterThan(new Set(asked).size);
    },
  }),
  sleepAt('engine', 'loading the model'),
  sleepAt('engine', 'looking for speech'),
  sleepAt('media', 'encoding a window'),
  sleepAt('engine', 'writing the words'),
  sleep('keeping the first window', ['page', 'engine'], {
    harms: true,
    // The page is reloaded in the end.
    engines: 2,
    before: ({ app }) => whenWindowIsPut(app, 1, `console.log('harmed'); fallAsleep();`),
    then: async ({ app }) => {
      await expect(row(app)).toContainText('Done', LONG);
      await expect(app.getByRole('status').filter({ hasText: 'keep transcripts' })).toHaveCount(0);
      await app.reload();
      await expect(row(app)).toContainText('Saved');
    },
  }),
  sleep('resting with the model in memory', ['page', 'engine'], {
    // Nothing to do for so long ends it.
    engines: 2,
    then: async ({ app, path }) => {
      await expect(row(app)).toContainText('Done', LONG);
      await app.evaluate('fallAsleep()');
      await row(app).getByRole('button', { name: 'Remove' }).click();
      await addFiles(app, path);
      await expect(row(app)).toContainText('Done', LONG);
      // The chart goes by a clock that nobody sets.
      await app.getByRole('link', { name: 'Engine', exact: true }).click();
      await expect(app.getByRole('img', { name: /over the last 3\sh/ })).toBeVisible();
      await app.getByRole('link', { name: 'Transcribe' }).click();
    },
  }),
  {
    fault: 'all processes of the browser are stopped for three seconds',
    phase: 'writing the words',
    then: async ({ app }) => {
      test.skip(process.platform !== 'linux', 'the processes are found in /proc');
      await expect(firstWords(app)).toBeVisible(LONG);
      // The browser's own, those of its tabs, of the GPU, of the network.
      expect(await suspend(3000)).toBeGreaterThan(3);
    },
  },
];

const ROWS: readonly Row[] = [
  workerRow('engine', 'crashes', 'loading the model'),
  workerRow('engine', 'crashes', 'preparing a window'),
  workerRow('engine', 'crashes', 'writing the words'),
  workerRow('engine', 'crashes', 'telling of a window'),
  {
    fault: 'engine worker crashes twice',
    phase: 'writing the words',
    before: ({ app }) => poison(app, 'engine', 'writing the words', 'crashes', 2),
    asks: 'The engine stopped. … Retry',
    then: async ({ app }) => {
      await expect(row(app).getByRole('alert')).toContainText('The engine stopped.', LONG);
      await row(app).getByRole('button', { name: 'Retry' }).click();
    },
  },
  patience(workerRow('engine', 'hangs', 'loading the model')),
  patience(workerRow('engine', 'hangs', 'writing the words')),
  patience(workerRow('engine', 'hangs', 'looking for speech')),
  patience(workerRow('media', 'hangs', 'opening the file')),
  patience(workerRow('media', 'hangs', 'decoding the file')),
  patience(workerRow('media', 'dies without a word', 'opening the file')),
  patience(workerRow('media', 'dies without a word', 'decoding the file')),
  ...READ_ERRORS,
  ...SLEEPS,
  ...(['loading the model', 'writing the words'] as const).flatMap((phase): Row[] => {
    const begun = async (app: App) => {
      if (phase === 'writing the words') await expect(firstWords(app)).toBeVisible(LONG);
    };
    return [
      {
        fault: 'the browser freezes the tab',
        phase,
        then: async ({ app }) => {
          await begun(app);
          const session = await app.context().newCDPSession(app);
          await session.send('Page.setWebLifecycleState', { state: 'frozen' });
          await session.send('Page.setWebLifecycleState', { state: 'active' });
        },
      },
      {
        fault: 'the tab goes into the background, which draws nothing',
        phase,
        then: async ({ app }) => {
          await begun(app);
          await app.evaluate(() => {
            Object.defineProperty(document, 'hidden', { configurable: true, value: true });
            Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
            globalThis.requestAnimationFrame = () => 0;
            document.dispatchEvent(new Event('visibilitychange'));
          });
        },
      },
    ];
  }),
  ...(['QuotaExceededError', 'InvalidStateError'] as const).flatMap((name) =>
    [1, 2].map((nth): Row => ({
      fault: name === 'QuotaExceededError' ? 'the disk is full' : 'the browser closes the database',
      phase: `keeping the ${nth === 1 ? 'first' : 'second'} window`,
      before: ({ app }) =>
        app.addInitScript(
          ([name, nth]) => {
            const owner = name === 'QuotaExceededError' ? IDBObjectStore.prototype : IDBDatabase.prototype;
            const method = name === 'QuotaExceededError' ? 'put' : 'transaction';
            const native = Object.getOwnPropertyDescriptor(owner, method)?.value as (...given: unknown[]) => unknown;
            let windows = 0;
            const closed = new WeakSet<object>();
            const harm = function (this: object, ...given: unknown[]) {
              const isWindow = method === 'transaction' ? given[1] === 'readwrite' : String(given[1]).includes('/');
              const isIt = isWindow && ++windows === nth;
              // The connection stays closed; a full disk has room again for the next write.
              if (isIt && method === 'transaction') closed.add(this);
              if (isIt || closed.has(this)) throw new DOMException('gone', name);
              return native.apply(this, given);
            };
            Object.defineProperty(owner, method, { configurable: true, writable: true, value: harm });
          },
          [name, nth] as const,
        ),
      then: async ({ app }) => {
        await expect(row(app)).toContainText('Done', LONG);
        await expect(app.getByRole('status').filter({ hasText: 'keep transcripts' })).toHaveCount(0);
        await app.reload();
        await expect(row(app)).toContainText('Saved');
      },
    })),
  ),
  {
    fault: 'the database stops answering, and answers again when the file is done',
    phase: 'keeping the second window',
    before: ({ app }) =>
      whenWindowIsPut(
        app,
        2,
        `// A transaction is not over as long as it has something to do, and nobody says that there is no more.
        this.transaction.commit = () => {};
        const stay = () => {
          if (!('answers' in globalThis)) this.get('nothing').onsuccess = stay;
        };
        stay();`,
      ),
    then: async ({ app }) => {
      const news = app.getByRole('status').filter({ hasText: 'keep transcripts' });
      await expect(row(app)).toContainText('Done', LONG);
      await expect(news).toHaveCount(1);
      expect(await heard(app)).toBe(WORDS);
      await app.evaluate(() => Object.assign(globalThis, { answers: true }));
      // What was not written is, without being asked for.
      await expect(news).toHaveCount(0);
      await app.reload();
      await expect(row(app)).toContainText('Saved');
    },
  },
  {
    fault: 'the tab is closed',
    phase: 'writing the second window',
    before: async (given) => {
      await useInputPicker(given.app);
      await standStill(given);
    },
    asks: '… stopped at …. Add it again, and it goes on from there. Choose the file',
    then: async ({ app, path }) => {
      await expect(firstWords(app)).toBeVisible(LONG);
      await app.goto('about:blank');
      await app.unrouteAll();
      await app.open(QUERY);
      const offer = app.getByRole('status').filter({ hasText: 'Add it again, and it goes on from there.' });
      await expect(offer).toContainText(/long\.wav stopped at 0:0[5-9]/);
      const [picker] = await Promise.all([
        app.waitForEvent('filechooser'),
        offer.getByRole('button', { name: 'Choose the file' }).click(),
      ]);
      await picker.setFiles(path);
      await expect(offer).toHaveCount(0);
    },
  },
];

const told: Survived[] = [];

for (const one of ROWS) {
  test(`${one.fault}: ${one.phase}`, async ({ app }) => {
    const long = repeated(fixture('windows/synthetic_en_10s_0.wav'), 3);
    if (typeof long === 'string') throw new Error('a buffer was expected');
    // On the disk, as a person's file is: chosen again it has the same date.
    const path = test.info().outputPath(long.name);
    writeFileSync(path, long.buffer);
    const given = { app, path };
    let harmed = false;
    /** How many timers have fired in the page, and in each kind of worker, when the machine woke up. */
    const slept = new Map<string, number>();
    let engines = 0;
    app.on('console', (message) => {
      harmed ||= message.text() === 'harmed';
      const [verb, who, timers] = message.text().split(' ');
      if (verb === 'slept') slept.set(who, Number(timers));
    });
    app.on('worker', (worker) => (engines += Number(/engine\.worker/.test(worker.url()))));
    await one.before?.(given);
    await app.open(QUERY);
    await addFiles(app, path);
    await one.then?.(given);
    await expect(row(app)).toContainText(/Done|Saved/, LONG);
    await expect.poll(() => heard(app)).toBe(WORDS);
    await expect(row(app)).toHaveCount(1);
    // What workers say comes by another way than what the page shows, and may be later.
    if (one.harms) await expect.poll(() => harmed).toBe(true);
    if (one.sleepers !== undefined) {
      await expect.poll(() => [...slept.keys()]).toEqual(expect.arrayContaining([...one.sleepers]));
      // Timers have fired in the page, and nobody was taken for hung.
      expect(slept.get('page')).toBeGreaterThan(0);
      expect(engines).toBe(one.engines ?? 1);
    }
    const survived = {
      fault: one.fault,
      phase: one.phase,
      lost: `0 of ${WORDS.split(' ').length} words`,
      how: one.asks === undefined ? 'by itself' : `asks: ${one.asks}`,
    };
    test.info().annotations.push({ type: 'fault matrix', description: lineOf(survived) });
    told.push(survived);
  });
}

test.afterAll(() => writeTable('faults', told));
