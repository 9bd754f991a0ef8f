/**
 * `npm run accuracy`: hears real recordings with the model that comes with the page and prints how right it is, beside what
 * a peer hears with the same weights. Needs the recordings beside the repository (`../shared`), which are not part of it.
 *
 *   npm run accuracy                          every recording, on the CPU
 *   npm run accuracy -- --only long_english   those whose path holds this, or one of several: --only jfk,sonnet1
 *   npm run accuracy -- --backend gpu         on WebGPU (on a software adapter four minutes a window)
 *   npm run accuracy -- --keep-silence        with "Skip silence" off
 *   npm run accuracy -- --only jfk --glossary "Ada Lovelace, Fresnel lens"   with known names and spellings
 *   npm run accuracy -- --model whisper-base-hub --form q4
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openEngine } from './hear.mjs';
import { evaluate, markdownOf, reportOf } from './report.mjs';
import { recordings } from './recordings.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../..');
const out = join(here, '../.out');
const shared = join(repository, '../shared');
const { values: args } = parseArgs({
  options: {
    only: { type: 'string' },
    backend: { type: 'string', default: 'cpu' },
    model: { type: 'string', default: 'whisper-base' },
    form: { type: 'string', default: 'b8' },
    'keep-silence': { type: 'boolean', default: false },
    glossary: { type: 'string', default: '' },
    words: { type: 'boolean', default: false },
  },
});

if (!existsSync(join(shared, 'speech/manifest.json'))) {
  console.log('No recordings: ../shared/speech is not beside this repository.');
  process.exit(0);
}
execFileSync('npx', ['vite', 'build', '-c', 'tests/harness/vite.config.ts'], { cwd: repository, stdio: 'inherit' });

const list = recordings(shared).filter(
  ({ file }) => !args.only || args.only.split(',').some((part) => file.includes(part)),
);
const engine = await openEngine(join(out, 'harness'), {
  model: args.model,
  backend: args.backend === 'gpu' ? 'gpu' : 'cpu',
  form: args.form,
});
const results = [];
for (const { file, path, ...known } of list) {
  const { glossary, words, 'keep-silence': keepSilence } = args;
  const { fault, ...heard } = await engine.hear(path, { skipSilence: !keepSilence, words, glossary });
  if (fault) console.log(`${file}: ${fault}`);
  results.push({ file, ...known, ...heard, seconds: heard.seconds || known.seconds });
  process.stderr.write('.');
}
process.stderr.write('\n');
const gauge = await engine.gauge();
await engine.close();

const reference = JSON.parse(readFileSync(join(shared, 'speech/reference-base.json'), 'utf8')).files;
const evaluation = evaluate(results, reference);
console.log(reportOf(evaluation));
console.log(markdownOf(evaluation, { peer: 'faster-whisper' }));
const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
console.log(
  `\n${args.model} (${args.form}), ${args.backend}, ${cpus().length} cores, ${cpus()[0].model}; loaded in ` +
    `${(engine.load.loadMs / 1000).toFixed(1)} s as ${engine.load.memoryForm}; wasm heap ${megabytes(gauge.wasmHeapBytes)} MB, ` +
    `GPU now ${megabytes(gauge.gpuBytesNow)} MB, peak ${megabytes(gauge.gpuBytesPeak)} MB`,
);
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'accuracy.json'), JSON.stringify({ date: new Date().toISOString(), args, results }, null, 1));
