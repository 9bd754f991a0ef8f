/** One recording, from the sound of the worklet to the disk. */
import type { Recording, RecordingOrder, RecordingProgress, TapMessage } from '../protocol';
import { chooseEncoding } from './encoding';
import { Keeper, type RecordingDatabase } from './keeper';

/** What the port brings, in its order, until the end is said. */
async function* messagesOf(port: MessagePort, signal: AbortSignal): AsyncGenerator<TapMessage, void> {
  const waiting: TapMessage[] = [];
  let wake = () => {};
  const put = (message: TapMessage) => {
    waiting.push(message);
    wake();
  };
  port.onmessage = ({ data }: MessageEvent<TapMessage>) => put(data);
  const end = () => put({ type: 'end' });
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    for (;;) {
      const message = waiting.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      if (message.type === 'end') return;
      yield message;
    }
  } finally {
    signal.removeEventListener('abort', end);
    port.close();
  }
}

/**
 * Records what comes over the port until it says the end, or `signal` does.
 * @returns the recording as it is kept
 * @throws StorageFull, EngineFailed where the disk does not take it; what is there until then stays
 */
export async function record(
  port: MessagePort,
  { id, stem, startedMs, sampleRate }: RecordingOrder,
  database: RecordingDatabase,
  signal: AbortSignal,
  tell: (progress: RecordingProgress) => void,
): Promise<Recording> {
  let keeper: Keeper | null = null;
  const early: Uint8Array[] = [];
  const messages = messagesOf(port, signal);
  const encoding = await chooseEncoding(sampleRate, (bytes) =>
    keeper === null ? early.push(bytes) : keeper.take(bytes),
  );
  const { type, extension } = encoding;
  const name = stem + extension;
  const still = { seconds: 0, bytes: 0, chunks: 0, ended: false, deleted: false };
  const kept = (keeper = new Keeper(database, { version: 1, id, name, startedMs, sampleRate, type, ...still }));
  early.forEach((bytes) => kept.take(bytes));
  let samples = 0;
  const seconds = () => samples / sampleRate;
  const write = async (ended = false) => {
    await kept.write(seconds(), ended);
    tell({ seconds: kept.recording.seconds, bytes: kept.recording.bytes, safe: database.keeps });
  };
  try {
    await write();
    for await (const message of messages) {
      if (message.type === 'pcm') {
        samples += message.samples.length;
        await encoding.add(message.samples);
      }
      if (message.type === 'pause' || kept.isDue(seconds())) await write();
    }
    await encoding.finish();
    await write(true);
  } catch (error) {
    // Nobody waits for it: the error comes first.
    encoding.drop().catch(() => undefined);
    throw error;
  }
  return kept.recording;
}
