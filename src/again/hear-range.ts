/** Hears a stretch of a recording once more, with other settings, and changes nothing: what comes of it is the caller's. */
import { ABORTED, fault, type Backend, type BackendChoice, type Cue } from '../../workers/protocol.ts';
import type { EditableCue, HeardWindow, Job } from '../queue/job.ts';
import { SIDES } from '../queue/job.ts';
import { makingOf, type Making } from '../making.ts';
import { transcribeFile, type Order, type Part, type Transcriber } from '../queue/run.ts';
import type { Stretch } from './stretch.ts';

/** Windows are placed by samples at the engine's own rate. */
const SAMPLE_RATE = 16_000;

/** A cue that has no name in the transcript yet. */
export type FreshCue = Omit<EditableCue, 'id'>;

export type AgainSettings = {
  modelId: string;
  backend: BackendChoice;
  /** Of Earshot. */
  version: string;
  request: Order['request'];
};

export type HeardAgain = { cues: FreshCue[]; making: Making };

export type Told =
  | { type: 'loading' }
  | { type: 'hearing'; backend: Backend }
  /** How much of the stretch is heard, [0, 1]. */
  | { type: 'progress'; share: number }
  | { type: 'partial'; text: string };

/**
 * In the caller's turn of the engine. Rejects with a fault, or AbortError.
 * @param sound what is heard of the file
 */
export async function hearRange(
  engine: Transcriber,
  job: Job,
  sound: Stretch,
  { modelId, backend, version, request }: AgainSettings,
  tell: (told: Told) => void,
  signal: AbortSignal,
): Promise<HeardAgain> {
  const [fromSample, untilSample] = [sound.start, sound.end].map((seconds) => Math.round(seconds * SAMPLE_RATE));
  const channels = job.sides ? [...SIDES.keys()] : [null];
  const parts = channels.map((channel): Part => ({
    choice: { track: job.track, channel },
    fromSample,
    heardLanguage: null,
    bookmark: null,
  }));
  const windows: HeardWindow[] = [];
  let making: Making | null = null;
  const report = await transcribeFile(
    engine,
    {
      ...{ file: job.file, facts: job.facts, modelId, backend, track: job.track },
      // The track is settled: another one is not looked for where nothing is heard in this stretch.
      hasWords: true,
      changeTrack: () => Promise.resolve(),
      request: { ...request, untilSample },
      parts: () => parts,
    },
    (step) => {
      if (step.type === 'loading' || step.type === 'opening') tell({ type: 'loading' });
      if (step.type === 'loaded') {
        making = {
          ...makingOf(request, step.load, { at: Date.now(), version }),
          part: { start: sound.start, end: sound.end },
        };
        tell({ type: 'hearing', backend: step.load.backend });
      }
      if (step.type !== 'event') return;
      const { event, part } = step;
      const { channel } = part.choice;
      if (event.type === 'partial') tell({ type: 'partial', text: event.text });
      if (event.type !== 'window') return;
      windows.push(channel === null ? event.window : { ...event.window, channel });
      const done = event.window.endSample - fromSample + (channel ?? 0) * (untilSample - fromSample);
      tell({ type: 'progress', share: Math.min(1, done / (parts.length * (untilSample - fromSample))) });
    },
    signal,
  );
  if (report.outcome === 'cancelled' || making === null) throw fault(ABORTED);
  const made: Making = making;
  const cues = windows.flatMap((window) => window.cues.map((cue) => fresh(cue, window, sound, made.at)));
  return { cues: cues.sort((one, other) => one.start - other.start), making: made };
}

function fresh(cue: Cue, { channel, language }: HeardWindow, { start, end }: Stretch, at: number): FreshCue {
  const inside = (seconds: number) => Math.min(end, Math.max(start, seconds));
  return {
    ...cue,
    ...{ start: inside(cue.start), end: inside(cue.end), edited: false, language, again: at },
    ...(channel !== undefined && { speaker: SIDES[channel] }),
  };
}
