/**
 * The warm start: from a model in IndexedDB to a model that is ready, in a browser that has just been started on a
 * profile that has the model on its disk. Time beside that of reading the same bytes plainly out of IndexedDB, in the
 * same run; memory as the most that the page's process (page and workers) grew by, beside the size of the weights.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { launchOptions } from '../chromium.mjs';

/**
 * @param {string} url of the harness
 * @param {{ model: string, backend: 'cpu' | 'gpu' }} one
 */
export async function warmStart(url, { model, backend }) {
  const profile = mkdtempSync(join(tmpdir(), 'earshot-warm-'));
  try {
    await inBrowser(profile, backend, url, (page) => step(page, 'fetch', model, backend));
    return await inBrowser(profile, backend, url, async (page) => {
      // Starts the worker, and reads the disk once before anything is timed: afterwards both sides find it equally warm.
      await step(page, 'read', model, backend);
      const plain = await step(page, 'read', model, backend);
      const peak = watchPeak(pageProcesses(profile));
      const ready = await step(page, 'load', model, backend);
      return {
        plainMs: plain.ms,
        readyMs: ready.ms,
        weightBytes: ready.weightBytes,
        peakBytes: peak.stop(),
        gpuBytes: ready.gpuBytes,
        wasmHeapBytes: ready.wasmHeapBytes,
      };
    });
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

async function inBrowser(profile, backend, url, task) {
  const context = await chromium.launchPersistentContext(profile, launchOptions({ gpu: backend === 'gpu' }));
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(0);
    await page.goto(url);
    return await task(page);
  } finally {
    await context.close();
  }
}

const step = (page, name, model, backend) =>
  page.evaluate(
    async ({ name, model, backend }) => {
      const [warm, bench] = await Promise.all([window.harness.load('warm'), window.harness.load('bench')]);
      window.entry ??= await bench.entryOf(model);
      return warm.step({ step: name, model: window.entry, backend, baseUrl: document.baseURI });
    },
    { name, model, backend },
  );

/** The processes of the page and its workers, without the browser's own and the GPU's. Linux only. */
function pageProcesses(profile) {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const parent = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
        return [{ pid, command, parent }];
      } catch {
        return []; // it has just ended
      }
    });
  const within = new Set(processes.filter(({ command }) => command.includes(profile)).map(({ pid }) => pid));
  for (let grown = true; grown;) {
    const more = processes.filter(({ pid, parent }) => within.has(parent) && !within.has(pid));
    for (const { pid } of more) within.add(pid);
    grown = more.length > 0;
  }
  return processes
    .filter(({ pid, command }) => within.has(pid) && command.includes('--type=renderer'))
    .map(({ pid }) => pid);
}

const resident = (pid, line) =>
  1024 * Number(new RegExp(`${line}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/** The kernel keeps the peak; it is set back to what is resident now. */
function watchPeak(processes) {
  const watched = processes.map((pid) => {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return { pid, before: resident(pid, 'VmRSS') };
  });
  return { stop: () => watched.reduce((sum, { pid, before }) => sum + resident(pid, 'VmHWM') - before, 0) };
}

/** @param {Awaited<ReturnType<typeof warmStart>>} result */
export function printWarm(title, { plainMs, readyMs, weightBytes, peakBytes, gpuBytes, wasmHeapBytes }) {
  const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`\nwarm start, ${title}`);
  console.log(
    `  ready in ${readyMs.toFixed(0)} ms, plain reading ${plainMs.toFixed(0)} ms: ${(readyMs / plainMs).toFixed(1)}x`,
  );
  console.log(
    `  weights ${mb(weightBytes)}; the page's process grew by ${mb(peakBytes)} at most: weights ${peakBytes >= weightBytes ? '+' : '-'} ${mb(Math.abs(peakBytes - weightBytes))}`,
  );
  console.log(`  wasm heap ${mb(wasmHeapBytes)}, on the GPU ${mb(gpuBytes)}`);
}
