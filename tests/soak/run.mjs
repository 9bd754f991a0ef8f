/**
 * `npm run soak`: what a long night of work costs. The shipped page hears ten hours of spoken digits in one file and then 200
 * files in a queue, with the digits model on the CPU, and prints every so often what is held: the page's and the workers'
 * heaps, the runtime's, the GPU's bytes and the disk's. It fails where one of them is not bounded.
 *
 *   npm run soak                            ten hours, 200 files
 *   npm run soak -- --hours 0.2 --files 20  shorter
 *   npm run soak -- --speech                two hours of real speech with Whisper base (needs ../shared)
 *   npm run soak -- --gpu                   with a GPU where there is one
 *
 * The tests hold the same for half an hour and for 300 files (page/long.spec.ts, page/many.spec.ts). Needs a build
 * (`npm run build`).
 */
import { createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { recordings } from '../accuracy/recordings.mjs';
import { launchOptions } from '../chromium.mjs';
import { headersForAll, serve } from '../serve.mjs';
import { decodeFlac } from '../speakers/flac.mjs';
import { decodeWav, monoAt16k } from '../speakers/sound.mjs';
import { heldBy, watchHeld } from './held.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../..');
const folder = join(here, '../.out/soak');
const { values: args } = parseArgs({
  options: {
    hours: { type: 'string' },
    files: { type: 'string' },
    speech: { type: 'boolean', default: false },
    gpu: { type: 'boolean', default: false },
  },
});
const hours = Number(args.hours ?? (args.speech ? 2 : 10));
const files = args.speech ? 0 : Number(args.files ?? 200);
const RATE = 16_000;

/** Bodies of 16 bit mono sound at 16 kHz. */
function bodies() {
  const windows = join(here, '../fixtures/windows');
  if (!args.speech)
    return readdirSync(windows)
      .filter((name) => /_en_10s_\d\.wav$/.test(name))
      .map((name) => readFileSync(join(windows, name)).subarray(44));
  const spoken = recordings(join(repository, '../shared')).filter(
    ({ kind, language, path }) => kind === 'speech' && language === 'en' && /\.(wav|flac)$/i.test(path),
  );
  if (spoken.length === 0) throw new Error('../shared/speech is not on this machine');
  return spoken.flatMap(({ path }) => {
    try {
      const bytes = new Uint8Array(readFileSync(path));
      const sound = monoAt16k(path.endsWith('flac') ? decodeFlac(bytes) : decodeWav(bytes), path);
      const samples = Int16Array.from(sound, (value) => Math.round(32_767 * Math.max(-1, Math.min(1, value))));
      return [Buffer.from(samples.buffer)];
    } catch {
      // A format that these small readers do not know.
      return [];
    }
  });
}

/** @param {number} bytes of sound that follow */
function head(bytes) {
  const out = Buffer.alloc(44);
  out.write('RIFF', 0);
  out.writeUInt32LE(36 + bytes, 4);
  out.write('WAVEfmt ', 8);
  out.writeUInt32LE(16, 16);
  out.writeUInt16LE(1, 20);
  out.writeUInt16LE(1, 22);
  out.writeUInt32LE(RATE, 24);
  out.writeUInt32LE(2 * RATE, 28);
  out.writeUInt16LE(2, 32);
  out.writeUInt16LE(16, 34);
  out.write('data', 36);
  out.writeUInt32LE(bytes, 40);
  return out;
}

/** The recordings over and over until the file is full. */
async function longFile() {
  const parts = bodies();
  const total = Math.floor(hours * 3600) * RATE * 2;
  const path = join(folder, 'long.wav');
  const out = createWriteStream(path);
  out.write(head(total));
  for (let written = 0, at = 0; written < total; at++) {
    const part = parts[at % parts.length].subarray(0, total - written);
    written += part.length;
    if (!out.write(part)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return path;
}

function manyFiles() {
  const [body] = bodies();
  return Array.from({ length: files }, (_, index) => {
    const path = join(folder, `file ${index + 1}.wav`);
    writeFileSync(path, Buffer.concat([head(body.length), body]));
    return path;
  });
}

if (!existsSync(join(repository, 'dist/index.html'))) throw new Error('dist/ is missing: npm run build');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const site = await serve(join(repository, 'dist'), {
  headers: headersForAll(readFileSync(join(repository, 'dist/_headers'), 'utf8')),
});
const browser = await chromium.launch(launchOptions({ gpu: args.gpu }));
const page = await browser.newPage({ serviceWorkers: 'block' });
page.on('pageerror', (error) => console.log(`error: ${error.message}`));
await watchHeld(page);
const model = args.speech ? 'whisper-base' : 'whisper-digits-10s';
await page.goto(`${site.url}?model=${model}&backend=${args.gpu ? 'gpu' : 'cpu'}`);

const MB = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const began = Date.now();
/** @type {Awaited<ReturnType<typeof heldBy>>[]} */
const readings = [];

/**
 * Adds files and waits until all are done.
 * @param {string[]} paths
 */
async function hear(paths) {
  const rows = page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  const before = await rows.count();
  await page.getByLabel('Add files').setInputFiles(paths);
  console.log('minutes | done | page and workers | wasm heap | GPU | disk');
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    const held = await heldBy(page);
    // Not what is painted: rows beyond the edge of the list are not (content-visibility), and count as well.
    const texts = await rows.locator('.phase').allTextContents();
    const over = texts.filter((text) => /^\s*(Done|Stopped|The )/.test(text)).length - before;
    const running = texts.find((text) => /\d+ %/.test(text))?.trim();
    readings.push(held);
    console.log(
      [
        ((Date.now() - began) / 60_000).toFixed(1),
        paths.length > 1 ? `${over} of ${paths.length}` : (running ?? ''),
        ...[held.heapBytes, held.wasmBytes, held.gpuBytes, held.diskBytes].map(MB),
      ].join(' | '),
    );
    const failed = texts.find((text) => /^\s*The /.test(text));
    if (failed) throw new Error(failed);
    if (over >= paths.length) return;
  }
}

/** @type {string[]} */
const unbounded = [];
/** @param {string} what @param {number} value @param {number} most */
function bound(what, value, most) {
  console.log(`${what}: ${MB(value)}, at most ${MB(most)}`);
  if (value > most) unbounded.push(what);
}

try {
  await hear([await longFile()]);
  const tenth = readings[Math.floor(readings.length / 10)];
  const last = readings[readings.length - 1];
  // The runtime's heap grows in steps of a fifth; the transcript itself is in the page: about 6 kB a window of ten seconds.
  bound('wasm heap at the end', last.wasmBytes, tenth.wasmBytes * 1.25);
  bound('GPU at the end', last.gpuBytes, tenth.gpuBytes * 1.01);
  bound('page and workers at the end', last.heapBytes, 150e6 + hours * 360 * 20e3);
  bound('disk at the end', last.diskBytes, tenth.diskBytes + hours * 360 * 20e3 + 10e6);
  if (files > 0) {
    const beforeFiles = readings[readings.length - 1];
    await hear(manyFiles());
    const end = readings[readings.length - 1];
    bound('wasm heap after the queue', end.wasmBytes, beforeFiles.wasmBytes * 1.25);
    bound('page and workers after the queue', end.heapBytes, beforeFiles.heapBytes + 20e6 + files * 200e3);
    bound('disk after the queue', end.diskBytes, beforeFiles.diskBytes + 10e6 + files * 60e3);
  }
} finally {
  await browser.close();
  await site.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(unbounded.length === 0 ? 'All of it is bounded.' : `Not bounded: ${unbounded.join(', ')}`);
process.exitCode = unbounded.length === 0 ? 0 : 1;
