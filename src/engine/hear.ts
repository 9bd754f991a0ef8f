/** One job: the media worker decodes a file, the engine worker hears it, and they talk over a port of their own. */
import {
  ABORTED,
  fault,
  type JobEvent,
  type JobReport,
  type JobRequest,
  type Levels,
  type SoundChoice,
} from '../../workers/protocol.ts';
import { asFault } from '../faults.ts';
import { Arrivals } from './connection.ts';
import { Silence } from './silence.ts';
import { callback, handOver, type EngineConnection, type MediaConnection } from './workers.ts';

/** A soft stop gets this long before the worker is ended: together with the rest, a cancel takes under a second. */
const GRACE_MS = 800;

/**
 * A job says at least every ten seconds that it goes on (workers/engine.ts), save while a single run of the model lasts: on
 * a slow CPU the encoder takes a minute. A job that is silent for so long has hung, in a GPU or in a file.
 */
const JOB_SILENT_MS = 300_000;

type Hearing = {
  engine: EngineConnection;
  media: MediaConnection;
  file: File;
  request: JobRequest;
  choice: SoundChoice;
  /** Gets the sound that is heard, for the speakers worker. */
  voices?: MessagePort | undefined;
};

/**
 * Runs one job on the model that is loaded. `onEvent` is called for events of this job only, never after the promise has
 * settled, and for every finished window before it resolves.
 *
 * An abort resolves with `cancelled`, or rejects with AbortError where the engine's worker had to be ended. A fault of
 * the file rejects when everything before it was heard; where the file is only out of reach, all whole windows before it.
 */
export async function hear(
  { engine, media, file, request, choice, voices }: Hearing,
  onEvent: (event: JobEvent) => void,
  signal: AbortSignal,
): Promise<JobReport> {
  const { port1, port2 } = new MessageChannel();
  let open = true;
  const windows = new Arrivals();
  const silence = new Silence(JOB_SILENT_MS, () => engine.end(fault('EngineFailed', 'the job made no progress')));
  const listen = (event: JobEvent) => {
    if (!open) return;
    silence.heard();
    try {
      onEvent(event);
    } finally {
      if (event.type === 'window') windows.add();
    }
  };

  const timers: ReturnType<typeof setTimeout>[] = [];
  const stop = () => {
    engine.call((remote) => remote.cancel()).catch(() => {});
    timers.push(setTimeout(() => engine.end(fault(ABORTED)), GRACE_MS));
  };
  signal.addEventListener('abort', stop, { once: true });

  let mediaFault = null as Error | null;
  const tellLevels = callback((levels: Levels) => listen({ type: 'levels', levels }));
  const sent = media.call((remote) => remote.stream(file, handOver(port1), choice, tellLevels));
  const run = engine.call((remote) =>
    remote.transcribe(request, handOver(port2), callback(listen), voices && handOver(voices)),
  );
  sent.catch((error: unknown) => {
    const { name, detail } = asFault(error);
    mediaFault = fault(name, detail);
    // The engine is told over the port and ends by itself when it has heard what came before; a dead worker tells nothing.
    if (open && !media.alive) stop();
  });
  try {
    const report = await run;
    // Events travel on another port than the report, and a page that is busy takes them later. Windows still under way
    // are part of the result: they are waited for as long as the worker lives, which a cancel ends after its grace.
    await engine.call(() => windows.atLeast(report.windows));
    if (mediaFault !== null && !signal.aborted) throw mediaFault;
    return report;
  } catch (error) {
    throw mediaFault !== null && !signal.aborted ? mediaFault : error;
  } finally {
    open = false;
    silence.end();
    timers.forEach(clearTimeout);
    signal.removeEventListener('abort', stop);
  }
}
