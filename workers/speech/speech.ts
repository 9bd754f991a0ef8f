/**
 * Where there is speech, told from blocks of sound as they come. Two finders: everything is speech (for music and
 * noisy rooms), and Silero's voice activity detection (vad.ts).
 */
import { quietestCut, type Span } from './windows';

export type SpeechFinder = {
  /**
   * Takes the next block (mono, contiguous). Gives the regions that are final now: in order, not overlapping, none
   * longer than a window. Regions that touch were cut out of one.
   */
  push(block: Float32Array): Promise<Span[]>;
  /** What was still open when the sound ended. */
  flush(): Promise<Span[]>;
  /** Sound from here on may still come to lie in a region. */
  readonly neededFrom: number;
  /** Milliseconds of work so far, waiting for the GPU's runs left out. */
  readonly spentMs: number;
};

/** Reads sound that is still buffered: [start, end) in samples of the file. */
export type ReadSound = (start: number, end: number) => Float32Array;

/** All sound is one region, cut at its quietest points. */
export function everything(
  windowSamples: number,
  sampleRate: number,
  fromSample: number,
  read: ReadSound,
): SpeechFinder {
  let start = fromSample;
  let end = fromSample;
  return {
    push(block) {
      end += block.length;
      const regions: Span[] = [];
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
    spentMs: 0,
  };
}
