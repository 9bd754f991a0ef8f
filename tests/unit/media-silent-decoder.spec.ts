/** A decoder that takes packets and then neither gives sound nor fails, as WebKitGTK's does with FLAC. */
import { expect, test } from 'playwright/test';
import { decodePackets, type Packet } from '../../workers/media/packets.ts';

/** As much of the interface as is used here. */
class SilentDecoder {
  decodeQueueSize = 0;
  state = 'configured';
  addEventListener() {}
  configure() {}
  decode() {}
  flush = () => new Promise<void>(() => {});
  close() {
    this.state = 'closed';
  }
}

test('silence ends, and is said of the codec', async () => {
  const { setInterval: real } = globalThis;
  const waits: (number | undefined)[] = [];
  Object.assign(globalThis, {
    AudioDecoder: SilentDecoder,
    setInterval: (task: () => void, ms?: number) => {
      waits.push(ms);
      return real(task, 1);
    },
  });
  try {
    const packet: Packet = {
      timestamp: 0,
      config: { codec: 'flac', sampleRate: 16_000, numberOfChannels: 1 },
      chunk: () => ({}) as EncodedAudioChunk,
    };
    async function* packets(): AsyncGenerator<Packet, void> {
      yield packet;
      yield { ...packet, timestamp: 0.1 };
    }
    const end = await decodePackets(packets())
      .next()
      .then(
        () => 'sound',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    expect(end).toBe('UnsupportedFormat: holds FLAC');
    // A machine that was asleep comes back with one wait over: it takes two of them, of seconds each.
    expect(waits).toEqual([5000]);
  } finally {
    globalThis.setInterval = real;
    Reflect.deleteProperty(globalThis, 'AudioDecoder');
  }
});

/** It takes each packet off its queue at once, as WebKitGTK's does with MP3, and gives nothing for any. */
class EatingDecoder extends SilentDecoder {
  override flush = () => Promise.resolve();
}

test('a decoder that eats packets is given up after a hundred of them, however many there are', async () => {
  Object.assign(globalThis, { AudioDecoder: EatingDecoder });
  try {
    let read = 0;
    async function* packets(): AsyncGenerator<Packet, void> {
      const config = { codec: 'mp3', sampleRate: 48_000, numberOfChannels: 2 };
      for (; read < 100_000; read++) yield { timestamp: read * 0.024, config, chunk: () => ({}) as EncodedAudioChunk };
    }
    const all = async (): Promise<void> => {
      for await (const { channels } of decodePackets(packets())) expect(channels).toEqual([]);
    };
    await expect(all()).rejects.toMatchObject({ name: 'UnsupportedFormat', message: 'holds MP3' });
    expect(read).toBeLessThan(200);
  } finally {
    Reflect.deleteProperty(globalThis, 'AudioDecoder');
  }
});
