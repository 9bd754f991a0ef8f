/**
 * A recording heard for its voices: beside the job that transcribes it, whose sound the engine passes on, or afterwards,
 * when it is decoded for this alone. The networks have to be on this device: `engine.fetchModel('speakers')`.
 */
import {
  ABORTED,
  fault,
  type SoundChoice,
  type VoiceProgress,
  type VoiceReport,
  type VoiceTable,
} from '../../workers/protocol.ts';
import { unlessAborted } from '../engine/connection.ts';
import type { SpeakersConnection } from '../engine/speakers-worker.ts';
import { callback, handOver, type MediaConnection } from '../engine/workers.ts';

/** A soft stop gets this long before the worker is ended. */
const GRACE_MS = 2000;

export type Voices = {
  /** For `engine.transcribe`; where the job never begins, `report` is stopped by `signal`. */
  port: MessagePort;
  /** `cancelled` where the job was stopped or broke off: the voices until then. Rejects with a fault. */
  report: Promise<VoiceReport>;
};

/**
 * Beside the job.
 * @param earlier the voices of what the job does not hear again
 */
export function hearBeside(
  speakers: SpeakersConnection,
  onProgress: (progress: VoiceProgress) => void,
  signal: AbortSignal,
  earlier: VoiceTable | null = null,
): Voices {
  const { port1, port2 } = new MessageChannel();
  return { port: port1, report: listen(speakers, port2, onProgress, signal, earlier) };
}

/** Afterwards. A fault of the file, after what came before it was heard, gives what was heard as `cancelled`. */
export async function hearAfterwards(
  { speakers, media }: { speakers: SpeakersConnection; media: MediaConnection },
  file: File,
  choice: SoundChoice,
  onProgress: (progress: VoiceProgress) => void,
  signal: AbortSignal,
): Promise<VoiceReport> {
  const { port1, port2 } = new MessageChannel();
  let broken = false;
  const sent = media.call((remote) => remote.stream(file, handOver(port1), choice));
  sent.catch(() => (broken = true));
  try {
    return await listen(speakers, port2, onProgress, signal, null);
  } catch (error) {
    const table = broken && speakers.alive ? await speakers.call((remote) => remote.tableSoFar()) : null;
    if (table === null || table.starts.length === 0) throw error;
    return { outcome: 'cancelled', table, spentMs: 0 };
  }
}

async function listen(
  speakers: SpeakersConnection,
  port: MessagePort,
  onProgress: (progress: VoiceProgress) => void,
  signal: AbortSignal,
  earlier: VoiceTable | null,
): Promise<VoiceReport> {
  let open = true;
  let handedOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    speakers.call((remote) => remote.cancel()).catch(() => {});
    timer = setTimeout(() => speakers.end(fault(ABORTED)), GRACE_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) throw fault(ABORTED);
    await unlessAborted(
      signal,
      speakers.call((remote) => remote.load()),
    );
    const tell = callback((progress: VoiceProgress) => {
      if (open) onProgress(progress);
    });
    handedOver = true;
    return await speakers.call((remote) => remote.hear(handOver(port), tell, earlier));
  } finally {
    open = false;
    // Nobody will ask for the sound: who has it need not wait.
    if (!handedOver) port.close();
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
