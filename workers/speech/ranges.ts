/** Stretches of sound, [start, end). */

/** In samples of the file, an absolute clock. */
export type SampleRange = { start: number; end: number };

/** In seconds, of the clock that is named beside it: the window's or the file's. */
export type TimeRange = { start: number; end: number };
