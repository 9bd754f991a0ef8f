/** What the media worker holds while it sends a long file. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'playwright/test';
import { streamPcm } from '../../workers/media/stream.ts';
import type { PcmMessage } from '../../workers/protocol.ts';
import { au } from '../fixtures/containers.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('nothing of a block that was sent stays behind, and a stop ends the wait for the next', async () => {
  const seconds = 200;
  const layout = { kind: 'signed', bytes: 1, littleEndian: false } as const;
  const file = new Blob([au({ rate: 8000, channels: 1, layout, bytes: new Uint8Array(8000 * seconds) })]);
  const { port1, port2 } = new MessageChannel();
  const sent: WeakRef<object>[] = [];
  const send = port1.postMessage.bind(port1);
  port1.postMessage = (message: PcmMessage, ...rest: unknown[]) => {
    if (message.type === 'pcm') sent.push(new WeakRef(message.samples));
    send(message, ...(rest as [Transferable[]]));
  };
  let alive = Infinity;
  const streaming = streamPcm(file, port1);
  const ask = async (): Promise<void> => {
    if (sent.length < seconds - 20) return port2.postMessage({ type: 'pull', blocks: 1 });
    // A turn of the event loop: what a WeakRef was made of in this one stays until it is over.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    alive = sent.filter((ref) => ref.deref() !== undefined).length;
    // The next block is never asked for.
    port2.postMessage({ type: 'stop' });
  };
  port2.onmessage = ({ data }: MessageEvent<PcmMessage>) => {
    if (data.type === 'fault') throw new Error(data.message);
    if (data.type === 'pcm') void ask();
  };
  port2.postMessage({ type: 'begin', sampleRate: 16000, fromSample: 0 });
  port2.postMessage({ type: 'pull', blocks: 1 });
  await streaming;
  port2.close();
  expect(sent.length).toBeGreaterThan(100);
  expect(alive, `of ${sent.length} blocks`).toBeLessThan(10);
});
