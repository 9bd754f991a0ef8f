/**
 * `npm run bench`: the plain `pipeline()` of transformers.js and ours on the same samples, model and backend, each in a
 * fresh worker of one browser, printed as a table and as ratios; the JSON goes to tests/.out/bench.json.
 *
 *   npm run bench                      the digits models on the CPU and, briefly, on WebGPU
 *   npm run bench -- --only cpu        or gpu, base, warm
 *   npm run bench -- --seconds 60      of sound per run
 *
 * Whisper base hears five minutes of real readers where those recordings are beside the repository (`../shared`), and both
 * sides' errors are printed with their times. The pipeline gets the same weights in fp32.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { recordings } from '../accuracy/recordings.mjs';
import { score } from '../accuracy/score.mjs';
import { launchOptions } from '../chromium.mjs';
import { serve } from '../serve.mjs';
import { printWarm, warmStart } from './warm.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../..');
const out = join(here, '../.out');
const { values: args } = parseArgs({
  options: { only: { type: 'string' }, seconds: { type: 'string' }, batch: { type: 'string' } },
});

execFileSync('npx', ['vite', 'build', '-c', 'tests/harness/vite.config.ts'], { cwd: repository, stdio: 'inherit' });

const base64 = (path) => readFileSync(path).toString('base64');
/** Windows of spoken digits end to end, as WAV of 16 kHz 16 bit: fixtures of this repository. */
function digits(windowSeconds) {
  const folder = join(repository, 'tests/fixtures/windows');
  const files = readdirSync(folder).filter(
    (name) => name.endsWith(`_${windowSeconds}s_0.wav`) || name.endsWith(`_${windowSeconds}s_1.wav`),
  );
  const bodies = files
    .filter((name) => name.includes('_en_'))
    .map((name) => readFileSync(join(folder, name)).subarray(44));
  return bodies;
}
function wav(bodies) {
  const data = Buffer.concat(bodies);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(16000, 24);
  head.writeUInt32LE(32000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]).toString('base64');
}
const repeat = (bodies, seconds) => {
  const list = [];
  for (let length = 0, i = 0; length < seconds * 32000; i++) {
    const body = bodies[i % bodies.length];
    list.push(body);
    length += body.length;
  }
  return wav(list);
};

const readers = recordings(join(repository, '../shared')).find(({ file }) => file === 'derived/long_english.mp3');
const seconds = (value) => Number(args.seconds ?? value);
const cases = [
  {
    name: 'digits, 30 s windows',
    kind: 'cpu',
    backend: 'cpu',
    model: 'whisper-digits',
    windowSeconds: 30,
    seconds: seconds(300),
    sound: () => repeat(digits(30), seconds(300)),
    fixedTokens: null,
  },
  {
    name: 'digits, 10 s windows',
    kind: 'cpu',
    backend: 'cpu',
    model: 'whisper-digits-10s',
    windowSeconds: 10,
    seconds: seconds(300),
    sound: () => repeat(digits(10), seconds(300)),
    fixedTokens: null,
  },
  {
    name: 'digits, 10 s windows',
    kind: 'gpu',
    backend: 'gpu',
    model: 'whisper-digits-10s',
    windowSeconds: 10,
    seconds: seconds(20),
    sound: () => repeat(digits(10), seconds(20)),
    fixedTokens: null,
  },
  ...(readers
    ? [
        {
          name: 'Whisper base, real readers',
          kind: 'base',
          backend: 'cpu',
          model: 'whisper-base',
          windowSeconds: 30,
          seconds: args.seconds ? Number(args.seconds) : null,
          sound: () => base64(readers.path),
          fixedTokens: null,
          truth: args.seconds ? null : readers.truth,
        },
      ]
    : []),
].filter((one) => !args.only || args.only === one.kind);

const site = await serve(join(out, 'harness'), {
  headers: {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
  },
});
const results = [];
/** One run in a browser of its own: what another left behind, a gigabyte of wasm heap to give back, is not measured. */
const measure = async (one, who, safetyNets) => {
  const browser = await chromium.launch(launchOptions({ gpu: one.backend === 'gpu' }));
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(site.url);
  const measured = await page.evaluate(
    async ({ one, sound, batch, who, safetyNets }) => {
      const bench = await window.harness.load('bench');
      const model = await bench.entryOf(one.model);
      const pcm = await bench.samplesOf(sound, one.seconds);
      const result = await bench.run({
        backend: one.backend,
        model,
        baseUrl: document.baseURI,
        pcm,
        windowSeconds: one.windowSeconds,
        fixedTokens: one.fixedTokens,
        language: 'en',
        batch,
        who,
        safetyNets,
      });
      return { audio: pcm.length / 16000, result };
    },
    { one: { ...one, sound: undefined }, sound: one.sound(), batch: Number(args.batch ?? 0), who, safetyNets },
  );
  await browser.close();
  return measured;
};

for (const one of cases) {
  const { audio, result: pipeline } = await measure(one, 'pipeline', false);
  const { result: ours } = await measure(one, 'ours', false);
  const nets = one.fixedTokens === null ? (await measure(one, 'ours', true)).result : null;
  results.push({
    case: `${one.name}, ${one.backend}`,
    audioSeconds: audio,
    pipeline,
    ours,
    nets,
    speedup: pipeline.wallMs / ours.wallMs,
  });
  print(`${one.name}, ${one.backend}, ${audio.toFixed(0)} s of sound`, audio, pipeline, ours, nets, one.truth ?? null);
}
const warm = [];
if (args.only === 'warm') {
  for (const model of ['whisper-digits-10s', 'whisper-base']) {
    for (const backend of ['cpu', 'gpu']) {
      const result = await warmStart(site.url, { model, backend });
      warm.push({ model, backend, ...result });
      printWarm(`${model}, ${backend}`, result);
    }
  }
}
await site.close();
mkdirSync(out, { recursive: true });
writeFileSync(
  join(out, 'bench.json'),
  JSON.stringify(
    { date: new Date().toISOString(), cpu: cpus()[0].model, cores: cpus().length, results, warm },
    null,
    2,
  ),
);
console.log(`\n${cpus().length} cores, ${cpus()[0].model}. JSON: tests/.out/bench.json`);

/**
 * `nets`: ours with its safety nets, work the pipeline does not do; not in the ratio.
 * @param truth what is said, or null
 */
function print(title, audio, pipeline, ours, nets, truth) {
  const heard = (/** @type {{ text: string }} */ r) => score(truth, r.text, 'en');
  const mb = (bytes) => (bytes / 1e6).toFixed(1);
  const rows = [
    ['real-time factor', (r) => r.wallMs / 1000 / audio, 3],
    ['wall time, s', (r) => r.wallMs / 1000, 1],
    ['time to first text, s', (r) => (r.firstTextMs ?? NaN) / 1000, 2],
    ['first text, of its pass', (r) => (r.firstPassMs === null ? NaN : r.firstTextMs / r.firstPassMs), 2],
    ['load, s', (r) => r.loadMs / 1000, 2],
    ['encoder passes', (r) => r.encoderPasses, 0],
    ['passes per minute', (r) => r.encoderPasses / (audio / 60), 2],
    ['decoder runs', (r) => r.decoderSteps, 0],
    ['tokens', (r) => r.tokens, 0],
    ['GPU dispatches', (r) => r.dispatches, 0],
    ['uniforms per token, KB', (r) => r.bytesUniform / Math.max(1, r.tokens) / 1000, 1],
    ['upload per token, KB', (r) => r.bytesUploaded / Math.max(1, r.tokens) / 1000, 1],
    ['read back per token, KB', (r) => r.bytesReadBack / Math.max(1, r.tokens) / 1000, 1],
    ['GPU after load, MB', (r) => mb(r.gpuAfterLoad), null],
    ['GPU peak, MB', (r) => mb(r.gpuPeak), null],
    ['GPU after the job, MB', (r) => mb(r.gpuAfter), null],
    ['GPU growth per window, KB', (r) => (r.gpuAfter - r.gpuAfterLoad) / Math.max(1, r.encoderPasses) / 1000, 1],
    ['wasm heap, MB', (r) => mb(r.wasmHeap), null],
    ...(truth === null
      ? []
      : [
          ['word errors, %', (r) => 100 * heard(r).wer, 1],
          ['words lost', (r) => heard(r).deletions, 0],
          ['longest run lost', (r) => heard(r).longestLostRun, 0],
        ]),
  ];
  console.log(`\n${title}`);
  console.log(
    `${''.padEnd(28)}${'pipeline()'.padStart(12)}${'Earshot'.padStart(12)}${'ratio'.padStart(9)}${(nets ? 'with nets' : '').padStart(12)}`,
  );
  for (const [name, of, digits] of rows) {
    const [a, b] = [of(pipeline), of(ours)];
    const show = (value) => (digits === null ? value : Number(value).toFixed(digits));
    const ratio = Number(b) > 0 && Number(a) > 0 ? `${(Number(a) / Number(b)).toFixed(2)}x` : '';
    console.log(
      `${name.padEnd(28)}${String(show(a)).padStart(12)}${String(show(b)).padStart(12)}${ratio.padStart(9)}${(nets ? String(show(of(nets))) : '').padStart(12)}`,
    );
  }
  console.log(
    `stages of ours, s: ${Object.entries(ours.stages)
      .map(([name, ms]) => `${name.replace('Ms', '')} ${(ms / 1000).toFixed(1)}`)
      .join(', ')}`,
  );
}
