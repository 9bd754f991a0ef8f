/**
 * Where there is speech, told from blocks of sound as they come. Two finders: everything is speech (for music and
 * noisy rooms), and Silero's voice activity detection (vad.ts).
 */
import type { SampleRange } from './ranges';
import { quietestCut } from './windows';

/** What a finder goes on from. Plain data. */
export type FinderState = { received: number };

export type SpeechFinder = {
  /**
   * Takes the next block (mono, contiguous). Gives the regions that are final now: in order, not overlapping, none
   * longer than a window. Regions that touch were cut out of one.
   */
  push(block: Float32Array): Promise<SampleRange[]>;
  /** What was still open when the sound ended. */
  flush(): Promise<SampleRange[]>;
  /** Sound from here on may still come to lie in a region. */
  readonly neededFrom: number;
  /** What is speech is known up to this sample, save for a region that is still open. */
  readonly knownTo: number;
  /** Where a region began that is still open; null: none is. */
  readonly openFrom: number | null;
  /** Milliseconds of work so far, waiting for the GPU's runs left out. */
  readonly spentMs: number;
  /** Given to a new finder of the same kind, that one goes on where this one is. */
  readonly state: FinderState;
};

/** Reads sound that is still buffered: [start, end) in samples of the file. */
export type ReadSound = (start: number, end: number) => Float32Array;

export type EverythingState = FinderState & { start: number };

/**
 * All sound is one region, cut at its quietest points.
 * @param earlier another finder's state to go on from; `fromSample` then counts for nothing
 */
export function everything(
  windowSamples: number,
  sampleRate: number,
  fromSample: number,
  read: ReadSound,
  earlier: EverythingState | null = null,
): SpeechFinder {
  let start = earlier?.start ?? fromSample;
  let end = earlier?.received ?? fromSample;
  return {
    push(block) {
      end += block.length;
      const regions: SampleRange[] = [];
      while (end - start > windowSamples) {
        const cut = start + quietestCut(read(start, start + windowSamples), windowSamples, sampleRate);
        regions.push({ start, end: cut });
        start = cut;
      }
      return Promise.resolve(regions);
    },
    flush() {
      return Promise.resolve(end > start ? [{ start, end }] : []);
    },
    get neededFrom() {
      return start;
    },
    get knownTo() {
      return end;
    },
    get openFrom() {
      return end > start ? start : null;
    },
    get state(): EverythingState {
      return { start, received: end };
    },
    spentMs: 0,
  };
}
