/** What every stage of a job works with. */
import type { Kept, Place } from './bookmark';
import type { PassedOnSound } from './pass-on';
import type { PcmSource } from './pcm-source';
import type { GpuHealth } from '../gpu/health';
import type { JobEvent, JobRequest, StageTimes } from '../protocol';
import type { SpeechFinder } from '../speech/speech';
import type { TimeRange } from '../speech/ranges';
import type { AudioWindow } from '../speech/windows';
import type { BatchSizes } from '../whisper/batch';
import type { WhisperModel } from '../whisper/model';

export type JobContext = {
  model: WhisperModel;
  request: JobRequest;
  source: PcmSource;
  /** Where an earlier job on the same sound stood; null: this one begins by itself. */
  place: Kept | null;
  /** Who else hears the job's sound; null: nobody. */
  passOn: PassedOnSound | null;
  /** What of the sound is heard. */
  finder: SpeechFinder;
  /** Where speech is: the finder itself, or another one beside a finder that takes everything; null: nobody looks. */
  detector: SpeechFinder | null;
  /** Retry doubtful windows at higher temperatures, stop loops, drop what is no speech. Off: plain greedy decoding. */
  safetyNets: boolean;
  /** Windows at once. */
  batch: BatchSizes;
  /** The same model on the CPU, to hear again what the GPU cannot have heard right. Null: this is the CPU. */
  cpuTwin: (() => Promise<WhisperModel>) | null;
  /** How the GPU does that the model runs on; null: it runs on the CPU. */
  gpu: GpuHealth | null;
  stopped: () => boolean;
  emit: (event: JobEvent) => void;
  /** Added to as the job goes on; the gauge reads it meanwhile. */
  stages: StageTimes;
  counts: JobCounts;
};

export type JobCounts = {
  tokens: number;
  encoderPasses: number;
  decoderSteps: number;
  doneSeconds: number;
  wallMs: number;
};

/** Of a job that begins. */
export function noCounts(): JobCounts {
  return { tokens: 0, encoderPasses: 0, decoderSteps: 0, doneSeconds: 0, wallMs: 0 };
}

/** As `noCounts`. */
export function noTimes(): StageTimes {
  return { mediaMs: 0, speechMs: 0, melMs: 0, encodeMs: 0, decodeMs: 0, wordsMs: 0 };
}

/** A window ready to be heard. */
export type Prepared = {
  window: AudioWindow;
  /** [bins, frames] */
  mel: Float32Array<ArrayBuffer>;
  /** Length of its sound. */
  seconds: number;
  /** The speech found in it, on its own clock; null: nobody looked. */
  speech: TimeRange[] | null;
};

/** A window in its turn. `place`: where the listening stood when it was closed; null: the sound broke off there. */
export type Ready = Prepared & { place: Place | null };

export function lengthOf(spans: readonly TimeRange[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Seconds of speech in a window; null: not known. */
export function speechSecondsOf({ speech }: Pick<Prepared, 'speech'>): number | null {
  return speech && lengthOf(speech);
}
