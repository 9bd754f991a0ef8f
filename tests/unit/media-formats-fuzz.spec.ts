/**
 * Damaged and hostile files of every container and codec that is read here: each ends, in sound or in a named fault,
 * never in a hang or an error without a name. The seed is fixed; another, and more rounds: EARSHOT_FUZZ=seed,rounds.
 */
import { expect, test } from 'playwright/test';
import { aiff, au, caf, interleaved, riff, wave64 } from '../fixtures/containers.ts';
import { fixture, hear } from './heard.ts';
import { randomFrom, type Random } from './random.ts';

const [SEED, ROUNDS] = (process.env['EARSHOT_FUZZ'] ?? '1,40').split(',').map(Number);
const NAMED = ['EmptyFile', 'UnsupportedFormat', 'NoAudioTrack', 'DamagedFile'];
/** Seconds of sound after which a file that invents some is let go. */
const MOST_BLOCKS = 20;
/** No file of this size takes longer to refuse or to hear. Milliseconds. */
const MOST_MS = 8000;

function sources(): [string, Uint8Array<ArrayBuffer>][] {
  const layout = { kind: 'signed', bytes: 2, littleEndian: false } as const;
  const codes = [0, 1].map((k) => Array.from({ length: 3000 }, (_, i) => Math.round(9000 * Math.sin(i / (9 + k)))));
  const bytes = interleaved(codes, layout);
  const big = { rate: 8000, channels: 2, layout, bytes };
  const little = { ...big, layout: { ...layout, littleEndian: true } };
  return [
    ['AIFF', aiff(big)],
    ['AIFC', aiff(little)],
    ['CAF', caf(big)],
    ['AU', au(big)],
    ['RIFX', riff(big)],
    ['Wave64', wave64(little)],
    ...[
      'gsm_8k.wav',
      'ms_adpcm_8k.wav',
      'ms_adpcm_8k.w64',
      'ima_adpcm_22k_stereo.wav',
      'ima4_8k.caf',
      'lossless_16bit_stereo.caf',
      'lossless_16bit_stereo.m4a',
      'amr_122.amr',
      'amr_wb.3gp',
      'ac3_51.ac3',
      'eac3.eac3',
      'ac3.mp4',
      'wma2_44k_stereo.wma',
      'film.wmv',
      'aac.caf',
      'mp3.wav',
    ].map((name): [string, Uint8Array<ArrayBuffer>] => [name, fixture(`codecs/${name}`)]),
  ];
}

/** Changes that damage headers more often than sound: bits, whole fields of extreme numbers, cuts, repeats. */
function mutated(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  let out = bytes.slice();
  const place = (): number =>
    random.next() < 0.7 ? random.whole(0, Math.min(out.length - 1, 400)) : random.whole(0, out.length - 1);
  for (let changes = random.whole(1, 6); changes > 0 && out.length > 0; changes--) {
    const at = place();
    const kind = random.whole(0, 5);
    if (kind === 0) out[at] ^= 1 << random.whole(0, 7);
    else if (kind === 1) out[at] = random.whole(0, 255);
    else if (kind === 2) out.fill([0, 255, 127, 128][random.whole(0, 3)], at, at + [1, 2, 4, 8][random.whole(0, 3)]);
    else if (kind === 3) out = out.slice(0, random.next() < 0.5 ? at : random.whole(1, out.length));
    else if (kind === 4) out = new Uint8Array([...out.subarray(0, at), ...out.subarray(at + random.whole(1, 40))]);
    else out = new Uint8Array([...out.subarray(0, at), ...out.subarray(Math.max(0, at - 30), at), ...out.subarray(at)]);
  }
  return out;
}

for (const [name, bytes] of sources()) {
  test(`damaged ${name}`, async () => {
    test.setTimeout(240_000);
    const random = randomFrom(SEED + name.length * 31 + bytes.length);
    for (let round = 0; round < ROUNDS; round++) {
      const hostile = mutated(bytes, random);
      const fromSample = random.next() < 0.3 ? random.whole(1, 30_000) : 0;
      const began = performance.now();
      const outcome = await hear(hostile, { fromSample, mostBlocks: MOST_BLOCKS }).catch((error: Error) => error);
      const what = `round ${round} of ${name}, seed ${SEED}`;
      if (outcome instanceof Error) expect(NAMED, `${what}: ${outcome.stack}`).toContain(outcome.name);
      else {
        expect(outcome.sound.length, what).toBeLessThanOrEqual(MOST_BLOCKS * 16000);
        expect(outcome.sound.every(Number.isFinite), what).toBe(true);
      }
      expect(performance.now() - began, `${what}, ms`).toBeLessThan(MOST_MS);
    }
  });
}
