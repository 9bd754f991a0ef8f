/** The shipped media worker in a real browser, seen from the engine's end of the port. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, needsShared, shared, test } from '../browser.ts';
import { wav } from '../fixtures/wav.ts';
import { decodeFile, decodeMade, soundOf, type Media } from './sound.ts';

/** Best normalised correlation of two recordings and where: positive lag means `b` is late. */
function correlate(a: Float32Array, b: Float32Array, reach: number): { correlation: number; lag: number } {
  const length = Math.min(a.length, b.length);
  let best = { correlation: -1, lag: 0 };
  for (let lag = -reach; lag <= reach; lag++) {
    let [ab, aa, bb] = [0, 0, 1e-30];
    for (let i = Math.max(0, -lag); i < length - Math.max(0, lag); i++) {
      const x = a[i];
      const y = b[i + lag];
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    const correlation = ab / Math.sqrt(aa * bb + 1e-30);
    if (correlation > best.correlation) best = { correlation, lag };
  }
  return best;
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length));
}

function tone(hertz: number, rate: number, seconds: number, gain = 0.5): Float32Array {
  return Float32Array.from(
    { length: Math.round(rate * seconds) },
    (_, i) => gain * Math.sin((2 * Math.PI * hertz * i) / rate),
  );
}

/** Deterministic noise: bytes. */
function garbage(length: number): Uint8Array {
  let state = 42;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
}

/** Every recording that came with a true length. */
function recordings(): { file: string; seconds: number }[] {
  return ['speech/manifest.json', 'speech/derived/manifest.json']
    .map((list) => shared(list))
    .flatMap((path) => (path ? (JSON.parse(readFileSync(path, 'utf8')) as { file: string; seconds: number }[]) : []))
    .filter(({ file }) => !/without_audio/.test(file));
}

test.describe('WAV made here', () => {
  test('every sample format gives the same tone', async ({ harness }) => {
    for (const [tag, bits, tolerance] of [
      [1, 8, 0.01],
      [1, 16, 1e-4],
      [1, 24, 1e-4],
      [1, 32, 1e-4],
      [3, 32, 1e-4],
      [6, 8, 0.03],
      [7, 8, 0.03],
    ] as const) {
      const made = wav({ samples: [tone(440, 16000, 1)], tag, bits });
      const outcome = await decodeMade(harness, made, 'tone.wav', { keep: true });
      expect(outcome.end, `tag ${tag}, ${bits} bits`).toEqual({ totalSamples: 16000, truncated: false, loss: null });
      const truth = tone(440, 16000, 1);
      const worst = soundOf(outcome).reduce((most, value, i) => Math.max(most, Math.abs(value - truth[i])), 0);
      expect(worst, `tag ${tag}, ${bits} bits`).toBeLessThan(tolerance);
    }
  });

  test('speech in one channel of a 48 kHz stereo file is heard, and 10 kHz is not', async ({ harness }) => {
    const silence = new Float32Array(96000);
    for (const samples of [
      [silence, tone(1000, 48000, 2)],
      [tone(1000, 48000, 2), silence],
    ]) {
      const outcome = await decodeMade(harness, wav({ samples, rate: 48000 }), 'side.wav', { keep: true });
      expect(outcome.facts).toMatchObject({
        container: 'WAVE',
        sampleRate: 48000,
        channels: 2,
        seconds: 2,
        video: false,
      });
      expect(rms(soundOf(outcome).subarray(1600, 30400))).toBeCloseTo(0.5 / Math.SQRT2, 3);
    }
    const high = await decodeMade(
      harness,
      wav({ samples: [tone(10000, 48000, 2, 1)], rate: 48000, bits: 24 }),
      'high.wav',
      {
        keep: true,
      },
    );
    expect(20 * Math.log10(rms(soundOf(high).subarray(1600, 30400)) * Math.SQRT2)).toBeLessThan(-60);
  });

  test('rates, and clips of any length', async ({ harness }) => {
    for (const rate of [8000, 11025, 22050, 32000, 44100, 48000, 96000]) {
      for (const seconds of [0.1, 1.2345]) {
        const samples = tone(440, rate, seconds);
        const outcome = await decodeMade(harness, wav({ samples: [samples], rate }), 'clip.wav');
        expect(outcome.end?.totalSamples, `${seconds} s at ${rate} Hz`).toBe(
          Math.round((samples.length * 16000) / rate),
        );
        expect(outcome.samples).toBe(outcome.end?.totalSamples);
        expect(outcome.rms).toBeGreaterThan(0.3);
      }
    }
  });

  test('a header that does not know the length is no obstacle, one that lies is noticed', async ({ harness }) => {
    const samples = [tone(440, 16000, 3)];
    for (const size of [0, 0xffffffff]) {
      const outcome = await decodeMade(harness, wav({ samples, dataSize: size, riffSize: size }), 'pipe.wav');
      expect(outcome.end).toEqual({ totalSamples: 48000, truncated: false, loss: null });
    }
    const cut = await decodeMade(harness, wav({ samples }).slice(0, 44 + 32000), 'cut.wav');
    expect(cut.end).toEqual({ totalSamples: 16000, truncated: true, loss: { where: 'end', seconds: 2 } });
  });

  test('starting anywhere gives the same samples', async ({ harness }) => {
    const made = wav({ samples: [tone(440, 44100, 6), tone(1234, 44100, 6)], rate: 44100 });
    const whole = soundOf(await decodeMade(harness, made, 'tones.wav', { keep: true }));
    for (const fromSample of [1, 16000, 47777, 90000]) {
      const rest = await decodeMade(harness, made, 'tones.wav', { keep: true, fromSample });
      expect(rest.firstStart).toBe(fromSample);
      expect(rest.end?.totalSamples).toBe(whole.length);
      expect(soundOf(rest)).toEqual(whole.slice(fromSample));
    }
  });
});

test.describe('the conversation', () => {
  const minute = wav({ samples: [tone(440, 16000, 60)] });

  test('blocks are consecutive and short, and the end agrees with them', async ({ harness }) => {
    const outcome = await decodeMade(harness, minute, 'minute.wav');
    expect(outcome).toMatchObject({ consecutive: true, firstStart: 0, samples: 960000, fault: null });
    expect(outcome.longestBlock).toBeLessThanOrEqual(16000);
    expect(outcome.end).toEqual({ totalSamples: 960000, truncated: false, loss: null });
  });

  test('never more blocks than credits, and a stop ends the wait for more', async ({ harness }) => {
    const outcome = await decodeMade(harness, minute, 'minute.wav', { credits: 5, starveMs: 700 });
    expect(outcome).toMatchObject({ blocks: 5, samples: 80000, end: null, fault: null, rejectedAs: null });
    expect(outcome.stopMs).toBeLessThan(1000);
  });

  test('the log-mel of a window is made here, while the file is read and after it, also after a fault', async ({
    harness,
  }) => {
    const melOfTone = (bytes: Uint8Array, name: string): ReturnType<Media['melOfTone']> =>
      harness.evaluate(
        async ([base64, fileName]) => {
          const media = await window.harness.load<Media>('media');
          return media.melOfTone(base64, fileName);
        },
        [Buffer.from(bytes).toString('base64'), name] as const,
      );
    const good = await melOfTone(wav({ samples: [tone(440, 16000, 3)] }), 'three.wav');
    expect(good).toEqual({ distances: [0, 0], over: 'end' });
    expect(await melOfTone(garbage(5000), 'noise.mp3')).toEqual({ distances: [0, 0], over: 'fault' });
  });

  test('a stop in full run is heard at once', async ({ harness }) => {
    const long = wav({ samples: [tone(440, 48000, 60)], rate: 48000 });
    const outcome = await decodeMade(harness, long, 'long.wav', { credits: 1000, stopAfter: 3 });
    expect(outcome).toMatchObject({ end: null, fault: null, rejectedAs: null });
    expect(outcome.stopMs).toBeLessThan(1000);
    expect(outcome.blocks).toBeLessThan(60);
  });
});

test.describe('times', () => {
  for (const container of ['webm', 'mp4'] as const) {
    test(`sound that begins late and pauses lies where the clock of the ${container} says`, async ({ harness }) => {
      const outcome = await harness.evaluate(
        async (kind) =>
          (await window.harness.load<Media>('media')).decodeHoles(
            kind,
            [
              [0.5, 1.5],
              [3.5, 4.5],
            ],
            { keep: true },
          ),
        container,
      );
      expect(outcome.fault).toBeNull();
      const sound = soundOf(outcome);
      const level = (from: number, to: number): number => rms(sound.subarray(from * 16000, to * 16000));
      expect(level(0, 0.47)).toBeLessThan(1e-3);
      expect(level(0.56, 1.44)).toBeGreaterThan(0.3);
      expect(level(1.55, 3.45)).toBeLessThan(1e-3);
      expect(level(3.56, 4.44)).toBeGreaterThan(0.3);
      expect(Math.abs(sound.length - 4.5 * 16000)).toBeLessThan(0.03 * 16000);
    });
  }
});

test.describe('bad files', () => {
  test('each has its name', async ({ harness }) => {
    const text = new TextEncoder().encode('This is a text that somebody renamed.\n'.repeat(200));
    const aiff = new TextEncoder().encode('FORM\0\0\0\x2eAIFFCOMM'.padEnd(4000, '\0'));
    const amr = new TextEncoder().encode('#!AMR\n'.padEnd(4000, '\xff'));
    for (const [name, bytes, fault] of [
      ['empty.mp3', new Uint8Array(0), 'EmptyFile'],
      ['text.mp3', text, 'UnsupportedFormat'],
      ['noise.mp3', garbage(200_000), 'UnsupportedFormat'],
      ['noise.wav', garbage(1000), 'UnsupportedFormat'],
      ['one-byte.wav', new Uint8Array(1), 'UnsupportedFormat'],
      ['sound.aiff', aiff, 'DamagedFile'],
      ['sound.amr', amr, 'DamagedFile'],
      ['truespeech.wav', wav({ samples: [tone(440, 16000, 1)], tag: 0x22 }), 'UnsupportedFormat'],
      [
        'playlist.m3u8',
        new TextEncoder().encode('#EXTM3U\n#EXTINF:9,\nhttp://example.com/a.ts\n'),
        'UnsupportedFormat',
      ],
      ['header.wav', wav({ samples: [new Float32Array(0)] }), 'DamagedFile'],
    ] as const) {
      const outcome = await decodeMade(harness, bytes, name);
      expect([name, outcome.fault, outcome.rejectedAs]).toEqual([name, fault, fault]);
      expect(outcome.blocks).toBe(0);
    }
  });

  test('no sound, no index, half a file', async ({ harness }) => {
    const silentFilm = needsShared(test, 'speech/derived/video_without_audio.mp4');
    expect((await decodeFile(harness, silentFilm)).fault).toBe('NoAudioTrack');
    // Index at the end, as cameras write it.
    const film = readFileSync(needsShared(test, 'speech/video/short.mp4'));
    expect((await decodeMade(harness, film.subarray(0, film.indexOf('moov') - 4), 'no-index.mp4')).fault).toBe(
      'DamagedFile',
    );
    for (const [path, least, most] of [
      ['jfk/jfk.mp3', 4, 7],
      ['jfk/jfk.flac', 3, 8],
      ['derived/jfk_opus.webm', 3, 8],
      ['derived/jfk_video.webm', 3, 8],
      ['derived/jfk_video.mp4', 3, 8], // index first
    ] as const) {
      const file = readFileSync(needsShared(test, `speech/${path}`));
      const half = await decodeMade(harness, file.subarray(0, file.length / 2), basename(path));
      expect([path, half.fault, half.end?.truncated]).toEqual([path, null, true]);
      expect(half.samples / 16000).toBeGreaterThan(least);
      expect(half.samples / 16000).toBeLessThan(most);
    }
  });

  test('a damaged spot does not cost what came before it', async ({ harness }) => {
    // The frames of FLAC and raw AAC, and the clusters of Matroska, are found from one to the next: there the rest may
    // be out of reach, and what is there is kept and called cut.
    for (const [path, goesOn] of [
      ['jfk/jfk.mp3', true],
      ['derived/jfk_video.mp4', true],
      ['jfk/jfk.flac', false],
      ['derived/jfk.aac', false],
      ['derived/jfk_opus.webm', false],
    ] as const) {
      const file = Uint8Array.from(readFileSync(needsShared(test, `speech/${path}`)));
      file.set(garbage(Math.round(file.length / 25)), Math.floor(file.length / 2));
      const outcome = await decodeMade(harness, file, basename(path), { keep: true });
      expect([path, outcome.fault]).toEqual([path, null]);
      expect(outcome.samples / 16000, path).toBeGreaterThan(5);
      if (goesOn) expect(rms(soundOf(outcome).subarray(7 * 16000, 10 * 16000)), path).toBeGreaterThan(0.1);
      else expect(outcome.end?.truncated, path).toBe(true);
    }
  });
});

test.describe('recordings', () => {
  test('every one is decoded whole', async ({ harness }) => {
    test.setTimeout(240_000);
    const present = recordings().filter(({ file }) => shared(`speech/${file}`));
    test.skip(present.length === 0, '../shared/speech is not on this machine');
    for (const { file, seconds } of present) {
      const outcome = await decodeFile(harness, shared(`speech/${file}`)!);
      expect([file, outcome.fault, outcome.end?.truncated, outcome.consecutive]).toEqual([file, null, false, true]);
      expect(outcome.samples).toBe(outcome.end?.totalSamples);
      // Truth comes from another decoder, which keeps the padding of MP3 and only guesses the length of raw AAC.
      const tolerance = /\.aac$/.test(file) ? 0.5 : 0.1;
      expect(Math.abs(outcome.samples / 16000 - seconds), file).toBeLessThan(tolerance);
      if (!file.includes('silence_5s')) expect(outcome.rms, file).toBeGreaterThan(0.002);
    }
  });

  test('the same speech in every container, at the same time', async ({ harness }) => {
    const reference = soundOf(await decodeFile(harness, needsShared(test, 'speech/jfk/jfk.wav'), { keep: true }));
    for (const file of [
      'jfk/jfk.flac',
      'jfk/jfk.mp3',
      'jfk/jfk_441khz.m4a',
      'derived/jfk_22k.m4a',
      'derived/jfk.aac',
      'derived/jfk_8k.mp3',
      'derived/jfk_8k_mulaw.wav',
      'derived/jfk_48k_float_stereo.wav',
      'derived/jfk_opus.webm',
      'derived/jfk_opus.ogg',
      'derived/jfk.mka',
      'derived/jfk_video.mp4',
      'derived/jfk_video.mov',
      'derived/jfk_video.webm',
    ]) {
      const path = shared(`speech/${file}`);
      if (!path) continue;
      const outcome = await decodeFile(harness, path, { keep: true });
      const { correlation, lag } = correlate(reference, soundOf(outcome), 800);
      expect(correlation, file).toBeGreaterThan(0.9);
      expect(Math.abs(lag) / 16, `${file}, ms`).toBeLessThan(50);
      expect(outcome.facts?.video, file).toBe(file.includes('video'));
    }
  });

  test('going on from the middle meets the same samples', async ({ harness }) => {
    // Matroska counts whole milliseconds; a seek lands on that grid, everything else to the sample.
    for (const [file, tolerance] of [
      ['jfk/jfk.wav', 0],
      ['jfk/jfk.flac', 0],
      ['jfk/jfk.mp3', 0],
      ['jfk/jfk_441khz.m4a', 0],
      ['derived/jfk_video.mp4', 0],
      ['librivox-sonnets/sonnet1.mp3', 0],
      ['mls/13697_11991_000000.opus', 0],
      ['derived/jfk_opus.webm', 16],
      ['librivox-formats/p001.ogg', 64],
    ] as const) {
      const path = needsShared(test, `speech/${file}`);
      const whole = soundOf(await decodeFile(harness, path, { keep: true }));
      for (const fromSample of [5000, 80001]) {
        const rest = await decodeFile(harness, path, { keep: true, fromSample });
        expect([file, rest.firstStart, rest.consecutive]).toEqual([file, fromSample, true]);
        expect(Math.abs(rest.end!.totalSamples - whole.length), file).toBeLessThanOrEqual(tolerance);
        const piece = whole.subarray(fromSample, fromSample + 32000);
        const { correlation, lag } = correlate(piece, soundOf(rest).subarray(0, 32000), 80);
        expect(correlation, `${file} from ${fromSample}`).toBeGreaterThan(0.95);
        expect(Math.abs(lag), `${file} from ${fromSample}`).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  test('the facts of a long file', async ({ harness }) => {
    const path = needsShared(test, 'speech/derived/long_english.mp3');
    const folder = mkdtempSync(join(tmpdir(), 'earshot-'));
    try {
      const copy = join(folder, 'long.mp3');
      copyFileSync(path, copy);
      await harness.evaluate(() => window.harness.load<Media>('media'));
      await harness.setInputFiles('#media-file', copy);
      const opened = await harness.evaluate(async () => {
        const media = await window.harness.load<Media>('media');
        return media.facts(media.picked());
      });
      expect(opened.facts).toMatchObject({
        container: 'MP3',
        codec: 'mp3',
        sampleRate: 16000,
        channels: 1,
        video: false,
      });
      expect(Math.abs(opened.facts!.seconds! - 304.12)).toBeLessThan(0.2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
