/** A decoder that says it can and then fails at the packets, as WebKitGTK's does with MP3, or must not be asked. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { fixture } from '../browser.ts';
import { openMedia } from '../../workers/media/open.ts';

const file = (name: string) => new Blob([readFileSync(fixture(`media/${name}`))]);

/** As much of the interface as is used here. `#bad`: so many packets fail, each of them for good. */
function failingDecoder(counts: { made: number }, bad: number) {
  return class {
    static isConfigSupported = (config: object) => Promise.resolve({ supported: true, config });
    decodeQueueSize = 0;
    state = 'configured';
    readonly #init: AudioDecoderInit;
    constructor(init: AudioDecoderInit) {
      this.#init = init;
      counts.made += 1;
    }
    addEventListener() {}
    configure() {}
    decode(chunk: { timestamp: number }) {
      if (chunk.timestamp < bad) return this.#init.error(new DOMException('Decode error', 'EncodingError'));
      this.#init.output({
        ...{ numberOfChannels: 1, numberOfFrames: 1152, sampleRate: 48_000, timestamp: 0 },
        copyTo: () => {},
        close: () => {},
      } as unknown as AudioData);
    }
    flush = () => Promise.resolve();
    close() {
      this.state = 'closed';
    }
  };
}

async function withDecoder<T>(decoder: object, userAgent: string, task: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.assign(globalThis, {
    AudioDecoder: decoder,
    self: globalThis,
    EncodedAudioChunk: class {
      constructor(init: object) {
        Object.assign(this, init);
      }
    },
  });
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent }, configurable: true });
  try {
    return await task();
  } finally {
    for (const name of ['AudioDecoder', 'EncodedAudioChunk', 'self', 'navigator'])
      Reflect.deleteProperty(globalThis, name);
    if (before) Object.defineProperty(globalThis, 'navigator', before);
  }
}

const CHROMIUM =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const WEBKIT_GTK =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15';

test('one that fails from the first packet to the last is doubted, one that gets over a damaged beginning is not', async () => {
  const counts = { made: 0 };
  const doubt = async (bad: number) => {
    const decoder = failingDecoder(counts, bad);
    const media = await withDecoder(decoder, CHROMIUM, () => openMedia(file('stereo-48k.mp3')));
    media.dispose();
    return media.facts.doubt;
  };
  expect(await doubt(Infinity)).toBe('holds MP3 in MP3');
  expect(await doubt(1_000_000)).toBeUndefined();
  // It has given sound in this worker: what fails from now on is the file's damage.
  expect(await doubt(Infinity)).toBeUndefined();
});

test('what would end the page in WebKitGTK is not asked of it', async () => {
  const counts = { made: 0 };
  for (const [name, detail] of [
    ['mono-16k.aac', 'holds AAC in ADTS'],
    ['opus.opus', 'holds Opus in Ogg'],
  ]) {
    const opening = withDecoder(failingDecoder(counts, 0), WEBKIT_GTK, () => openMedia(file(name)));
    await expect(opening, name).rejects.toMatchObject({ name: 'UnsupportedFormat', message: detail });
  }
  expect(counts.made).toBe(0);
});
