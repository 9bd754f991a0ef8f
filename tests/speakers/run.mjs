/**
 * `npm run speakers`: tells the speakers of conversations apart with the engine's own modules and networks, in ONNX
 * Runtime's wasm on Node, and prints how right that is beside an untuned trial with the same networks, and whether people
 * who speak in two of them would be known again. Needs the conversations beside the repository (`../shared`), which are not
 * part of it.
 *
 *   npm run speakers                            the five conversations
 *   npm run speakers -- --folder DIR            every flac, wav or f32 (raw, mono, 16 kHz) with an rttm of the same name
 *   npm run speakers -- --hard                  made of them: whispered, by telephone, one over the other
 *   npm run speakers -- --only four_meeting     those whose name holds this
 *   npm run speakers -- --count 2-4             with the number of speakers stated
 *   npm run speakers -- --threads 2             on two cores (1 unless said otherwise)
 *   npm run speakers -- --models DIR            networks from another folder
 *   npm run speakers -- --rttm DIR              also writes what was told
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { decodeFlac } from './flac.mjs';
import { hardSounds } from './hard-sounds.mjs';
import { parseRttm, score } from './score.mjs';
import { decodeWav, monoAt16k } from './sound.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../..');
const shared = join(repository, '../shared');
const out = join(here, '../.out/speakers');
const { values: args } = parseArgs({
  options: {
    folder: { type: 'string', default: join(shared, 'speech/conversations') },
    hard: { type: 'boolean', default: false },
    only: { type: 'string' },
    count: { type: 'string' },
    threads: { type: 'string', default: '1' },
    models: { type: 'string', default: join(repository, 'public/models/speakers') },
    rttm: { type: 'string' },
  },
});

/** An untuned trial with windows every second and local speakers clustered by average linkage (2026-11-25). */
const TRIAL = /** @type {Record<string, number[]>} */ ({
  two_long_turns: [16.8, 1.4, 15.3, 0.0, 2],
  two_short_turns: [25.9, 7.2, 12.2, 6.5, 2],
  three_interview: [18.6, 2.0, 11.0, 5.6, 3],
  four_meeting: [43.7, 5.2, 9.1, 29.5, 4],
  five_panel: [15.4, 5.5, 5.5, 4.5, 5],
});
const order = Object.keys(TRIAL);

if (!existsSync(args.folder)) {
  console.log(`No conversations: ${args.folder} is not there.`);
  process.exit(0);
}

await build({
  root: repository,
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  build: {
    ssr: join(here, 'engine.ts'),
    outDir: out,
    emptyOutDir: true,
    rollupOptions: { output: { entryFileNames: 'engine.mjs' } },
  },
});
const { ALIKE, createCut, createMutex, likeness, loadNetworks, meanVoices, SpeakerListener } = await import(
  pathToFileURL(join(out, 'engine.mjs')).href
);
const ort = await import('onnxruntime-web');
ort.env.wasm.numThreads = Number(args.threads);
ort.env.logLevel = 'fatal';
const file = (/** @type {string} */ name) => new Uint8Array(readFileSync(join(args.models, name)));
const networks = await loadNetworks(ort, createMutex(), {
  segmentation: file('segmentation.onnx'),
  embedding: file('embedding.onnx'),
});

const [least, most = least] = (args.count ?? '').split('-').map(Number);
const stated = args.count ? { least, most } : null;
const found = readdirSync(args.folder)
  .filter((name) => /\.(flac|wav|f32)$/.test(name) && existsSync(join(args.folder, `${stem(name)}.rttm`)))
  .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
const rttmOf = (/** @type {string} */ name) => readFileSync(join(args.folder, `${stem(name)}.rttm`), 'utf8');
/** @typedef {import('./hard-sounds.mjs').Talk} Talk */
/** @type {Record<string, () => Talk>} */
const given = Object.fromEntries(
  found.map((name) => [stem(name), () => ({ pcm: soundOf(join(args.folder, name)), truth: parseRttm(rttmOf(name)) })]),
);
const wanted = (/** @type {[string, unknown]} */ [name]) => !args.only || name.includes(args.only);
const talks = Object.entries(args.hard ? made() : given).filter(wanted);

/** @returns {Record<string, () => Talk>} */
function made() {
  const all = Object.fromEntries(Object.entries(given).map(([name, talk]) => [name, talk()]));
  return Object.fromEntries(Object.entries(hardSounds(all)).map(([name, talk]) => [name, () => talk]));
}

const rows = [];
/** @type {{ conversation: string, speaker: string, voice: Int8Array }[]} */
const voices = [];
for (const [name, talk] of talks) {
  const { pcm, truth } = talk();
  const listener = new SpeakerListener(networks);
  const began = performance.now();
  const workBegan = process.cpuUsage();
  for (let at = 0; at < pcm.length; at += 16000) await listener.push(pcm.subarray(at, at + 16000));
  const table = await listener.finish();
  const heardMs = performance.now() - began;
  const turns = createCut(table)(stated);
  const allMs = performance.now() - began;
  const work = process.cpuUsage(workBegan);
  const workMs = (work.user + work.system) / 1000;
  rows.push({ name, ...score(truth, turns), seconds: pcm.length / 16000, heardMs, allMs, workMs });
  for (const { speaker, voice } of meanVoices(table, truth)) voices.push({ conversation: name, speaker, voice });
  if (args.rttm) {
    mkdirSync(args.rttm, { recursive: true });
    const lines = turns.map(
      (/** @type {{ start: number, end: number, speaker: string }} */ { start, end, speaker }) =>
        `SPEAKER ${name.replaceAll(' ', '_')} 1 ${start.toFixed(3)} ${(end - start).toFixed(3)} <NA> <NA> ${speaker} <NA> <NA>\n`,
    );
    writeFileSync(join(args.rttm, `${name}.rttm`), lines.join(''));
  }
}
await networks.dispose();

const cell = (/** @type {unknown} */ value, width = 8) => String(value).padStart(width);
const one = (/** @type {number} */ value) => value.toFixed(1);
console.log(
  `${'no collar, % of speech'.padEnd(24)}${['DER', 'missed', 'f.alarm', 'confused', 'found', 'of', 'cost', 'work'].map((head) => cell(head, 9)).join('')}   trial: DER, confused, found`,
);
for (const row of rows) {
  const trial = TRIAL[row.name];
  console.log(
    row.name.padEnd(24) +
      [one(row.der), one(row.missed), one(row.falseAlarm), one(row.confused), row.found, row.speakers]
        .concat((row.allMs / 1000 / row.seconds).toFixed(3), (row.workMs / 1000 / row.seconds).toFixed(3))
        .map((value) => cell(value, 9))
        .join('') +
      (trial ? `   ${cell(one(trial[0]), 10)}${cell(one(trial[3]), 10)}${cell(trial[4], 7)}` : ''),
  );
}
const sum = (/** @type {(row: (typeof rows)[number]) => number} */ of) =>
  rows.reduce((total, row) => total + of(row), 0);
const trials = rows.map(({ name }) => TRIAL[name]?.[0] ?? NaN);
console.log(
  'sum'.padEnd(24) +
    [sum((row) => row.der), sum((row) => row.missed), sum((row) => row.falseAlarm), sum((row) => row.confused)]
      .map((value) => cell(one(value), 9))
      .join('') +
    cell(`${rows.filter(({ found, speakers }) => found === speakers).length}/${rows.length}`, 18) +
    cell((sum((row) => row.allMs) / 1000 / sum((row) => row.seconds)).toFixed(3), 9) +
    cell((sum((row) => row.workMs) / 1000 / sum((row) => row.seconds)).toFixed(3), 9) +
    (trials.some(Number.isNaN) ? '' : `   ${cell(one(trials.reduce((a, b) => a + b, 0)), 10)}`),
);
console.log(
  `cost: seconds by the clock, work: of the processor, for a second of sound; ${args.threads} thread(s) of ${cpus().length} cores, ${cpus()[0].model}`,
);

// Speakers of one name are one person in two conversations: would they be known again, and nobody else for them?
const pairs = voices.flatMap((a, at) =>
  voices.slice(at + 1).map((b) => ({ a, b, like: likeness(a.voice, b.voice), same: a.speaker === b.speaker })),
);
const ones = pairs.filter(({ a, b, same }) => same && a.conversation !== b.conversation).map(({ like }) => like);
const twos = pairs.filter(({ same }) => !same).map(({ like }) => like);
if (ones.length > 0 && twos.length > 0)
  console.log(
    `known voices: of ${ones.length} pairs of one person (cosine ${Math.min(...ones).toFixed(2)} and more) ` +
      `${ones.filter((like) => like < ALIKE).length} are missed at ${ALIKE}, ` +
      `of ${twos.length} of two people (${Math.max(...twos).toFixed(2)} and less) ${twos.filter((like) => like >= ALIKE).length} are taken for one`,
  );

/** @param {string} path */
function soundOf(path) {
  const bytes = new Uint8Array(readFileSync(path));
  switch (extname(path)) {
    case '.flac':
      return monoAt16k(decodeFlac(bytes), path);
    case '.wav':
      return monoAt16k(decodeWav(bytes), path);
    default:
      return new Float32Array(bytes.slice().buffer);
  }
}

/** @param {string} name */
function stem(name) {
  return basename(name, extname(name));
}

/** The five in the order in which they are always told. @param {string} name */
function rank(name) {
  const at = order.indexOf(stem(name));
  return at < 0 ? order.length : at;
}
