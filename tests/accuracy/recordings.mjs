/** The recordings that accuracy is measured on, with what is said in them. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const J =
  'And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country.';
const B = 'Ever tried. Ever failed. No matter. Try again. Fail again. Fail better.';

/** What is said in the media cases of which that is known (media-cases/README.md). By the beginning of their name. */
const CASES = [
  ['01_', J],
  ['02_speech', J],
  ['03_cut', 'And so, my fellow Americans, ask not what you can do for your country.'],
  ['03_trimmed', 'And so, my fellow Americans, ask not'],
  ['04_', `${B} ${J}`],
  ['05_', `${B} ${J}`],
  ['06_', `${B} ${J}`],
  ['07_', B],
  ['08_', J],
  ['09_', J],
  ['10_', J],
  ['11_', J],
  ['13_', `${B} ${J}`],
  ['17_', J],
  ['20_near', J],
];
const SILENT = ['derived/noise_8s.wav', 'derived/silence_5s.wav', 'media-cases/20_music_only.ogg'];

/** In these what the manifest has as transcript is a description of what is said, and no measure. */
const PARAPHRASED = ['multilingual/multilingual.mp3'];

/**
 * @param {string} shared folder of the recordings; where it is missing there are none
 * @returns {{ file: string, path: string, language: string, seconds: number, kind: 'speech' | 'nonspeech',
 *   truth: string | null, segments?: { start: number, end: number, text: string }[] }[]}
 */
export function recordings(shared) {
  if (!existsSync(join(shared, 'speech/manifest.json'))) return [];
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(join(shared, path), 'utf8'));
  const one = (/** @type {string} */ file, /** @type {object} */ facts) => ({
    file,
    path: join(shared, file.startsWith('media-cases/') ? file : `speech/${file}`),
    language: 'en',
    seconds: 0,
    kind: /** @type {'speech' | 'nonspeech'} */ (SILENT.includes(file) ? 'nonspeech' : 'speech'),
    truth: null,
    ...facts,
  });
  const single = read('speech/manifest.json').map((/** @type {any} */ entry) =>
    one(entry.file, {
      language: entry.language,
      seconds: entry.seconds,
      truth: PARAPHRASED.includes(entry.file) ? null : entry.transcript || null,
    }),
  );
  const derived = read('speech/derived/manifest.json')
    .filter((/** @type {any} */ entry) => existsSync(join(shared, 'speech', entry.file)))
    .map((/** @type {any} */ entry) =>
      one(entry.file, {
        seconds: entry.seconds ?? 0,
        ...(entry.file === 'derived/long_english.mp3' && {
          truth: entry.segments.map((/** @type {any} */ segment) => segment.text).join(' '),
          segments: entry.segments,
        }),
      }),
    );
  const cases = readdirSync(join(shared, 'media-cases'))
    .filter((name) => !name.endsWith('.md'))
    .sort()
    .map((name) => {
      const truth = CASES.find(([start]) => name.startsWith(start))?.[1] ?? null;
      return one(`media-cases/${name}`, { truth });
    });
  return [...single, ...derived, ...cases];
}
