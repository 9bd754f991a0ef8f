/**
 * Packs speech into windows: at most the model's length, cut in silence, long silences left out, never overlapping,
 * in order. A window is a list of pieces of the file laid end to end, with the map back to the file's clock.
 */
import type { SampleRange } from './ranges';

export type AudioWindow = {
  index: number;
  /** In order, not overlapping, at least one. Their lengths add up to at most the model's window. */
  pieces: SampleRange[];
  /** The speech that was found in them, in order, in samples of the file; null: nobody looked for it. */
  speech: SampleRange[] | null;
};

/**
 * A silence of up to this stays whole, seconds. With shorter ones cut Whisper base lost words that it hears with the sound
 * left whole: in a minute of Spanish four, where silences of over 2 s were shortened to that (2026-11).
 */
const WHOLE_SECONDS = 4;
/**
 * Of a longer silence this much is kept on each side of speech, seconds (faster-whisper vad.py, speech_pad_ms, has 0.4). More
 * would cost windows: half an hour of speech with as much silence in it takes 1.1 of them a minute.
 */
const PAD_SECONDS = 1;

/**
 * A window is cut in the longest silence of its last seconds, not simply where it is full: the silence between two
 * sentences is longer than one inside. More than this would cost windows: eleven of 30 s hold five minutes of speech with
 * 2.4 s to spare in each.
 */
const LOOK_BACK_SECONDS = 2.4;

type Packer = {
  /** Takes the next region (not overlapping, in order, not longer than a window). Gives the window it closed, if any. */
  add(region: SampleRange): AudioWindow | null;
  /** The last window. `totalSamples`: where the sound ends. */
  flush(totalSamples: number): AudioWindow | null;
  /** Sound that lies in no region yet may still be needed this far back, as the silence before one. */
  readonly padSamples: number;
  /** The sound is known up to here. */
  reached(sample: number): void;
  /** Everything before this sample is not needed for the regions it holds; Infinity: it holds none. */
  readonly neededFrom: number;
  /** Given to a new packer, that one goes on where this one is. */
  readonly state: PackerState;
};

/** Plain data, never written to. `begin`: nothing before it was ever used. */
export type PackerState = {
  begin: number;
  index: number;
  regions: readonly SampleRange[];
  floor: number;
  fits: boolean;
};

/**
 * @param windowSamples the model's window
 * @param fromSample nothing before it is used (a job that goes on)
 * @param earlier another packer's state to go on from; `fromSample` then counts for nothing
 */
export function createPacker(
  windowSamples: number,
  sampleRate: number,
  fromSample = 0,
  earlier: PackerState | null = null,
): Packer {
  const pad = Math.round(PAD_SECONDS * sampleRate);
  const whole = Math.round(WHOLE_SECONDS * sampleRate);
  const lookBack = Math.round(LOOK_BACK_SECONDS * sampleRate);
  const begin = earlier?.begin ?? fromSample;
  let index = earlier?.index ?? 0;
  let regions: SampleRange[] = [...(earlier?.regions ?? [])];
  /** Where the previous window ended, pads included: the next may not begin before. */
  let floor = earlier?.floor ?? fromSample;
  /** All the sound so far fits one window: if it stays so, that window is the sound left whole. */
  let fits = earlier?.fits ?? fromSample === 0;

  /** Pieces of regions with their pads, between `floor` and `ceiling`. */
  const pieces = (list: readonly SampleRange[], ceiling: number): SampleRange[] => {
    const out: SampleRange[] = [];
    let before = -Infinity;
    for (const region of list) {
      const start = Math.max(floor, region.start - pad);
      const end = Math.min(ceiling, region.end + pad);
      const last = out[out.length - 1];
      if (last && region.start - before <= whole) last.end = Math.max(last.end, end);
      else out.push({ start, end });
      before = region.end;
    }
    return out;
  };
  const lengthOf = (list: readonly SampleRange[]): number =>
    list.reduce((sum, piece) => sum + piece.end - piece.start, 0);

  /** `ceiling`: the window may not go beyond. */
  const close = (speech: SampleRange[], ceiling: number): AudioWindow => {
    const cut = trim(pieces(speech, ceiling), windowSamples, speech);
    floor = cut[cut.length - 1].end;
    return { index: index++, pieces: cut, speech };
  };

  /** How many of the regions the window takes whose next one would be too much. */
  const taken = (next: SampleRange): number => {
    const all = [...regions, next];
    let best = regions.length;
    for (let count = best - 1; count > 0; count--) {
      if (lengthOf(pieces(regions.slice(0, count), regions[count - 1].end)) < windowSamples - lookBack) break;
      // What is left over must find room beside the next region.
      if (all[all.length - 1].end - all[count].start > windowSamples) break;
      const gap = (after: number): number => all[after].start - all[after - 1].end;
      if (gap(count) > gap(best)) best = count;
    }
    return best;
  };

  return {
    add(region) {
      if (regions.length > 0 && lengthOf(pieces([...regions, region], region.end)) > windowSamples) {
        const count = taken(region);
        const rest = [...regions.slice(count), region];
        const { end } = regions[count - 1];
        // Half of a short silence goes to either side.
        const gap = rest[0].start - end;
        const closed = close(regions.slice(0, count), gap < 2 * pad ? end + Math.floor(gap / 2) : rest[0].start);
        regions = rest;
        return closed;
      }
      regions.push(region);
      return null;
    },
    flush(totalSamples) {
      if (regions.length === 0) return null;
      // A job that goes on has its last window as it would have been without the break.
      if (index > 0 || begin > 0 || totalSamples > windowSamples) return close(regions, totalSamples);
      return { index: index++, pieces: [{ start: begin, end: totalSamples }], speech: regions };
    },
    reached(sample) {
      fits &&= sample - begin <= windowSamples;
    },
    padSamples: pad,
    get neededFrom() {
      if (fits) return begin;
      return regions.length === 0 ? Infinity : Math.max(floor, regions[0].start - pad);
    },
    get state() {
      return { begin, index, regions: [...regions], floor, fits };
    },
  };
}

/** Gives pads back where a window would be too long by them; speech itself always fits. */
function trim(pieces: SampleRange[], windowSamples: number, regions: readonly SampleRange[]): SampleRange[] {
  let excess = pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0) - windowSamples;
  for (let i = pieces.length - 1; i >= 0 && excess > 0; i--) {
    const piece = pieces[i];
    const inside = regions.filter((region) => region.end > piece.start && region.start < piece.end);
    const tail = Math.min(excess, piece.end - inside[inside.length - 1].end);
    piece.end -= Math.max(0, tail);
    excess -= Math.max(0, tail);
    const head = Math.min(excess, inside[0].start - piece.start);
    piece.start += Math.max(0, head);
    excess -= Math.max(0, head);
  }
  return pieces;
}

/** The parts of spans that lie in [start, end). */
export function within(spans: readonly SampleRange[], start: number, end: number): SampleRange[] {
  return spans
    .filter((span) => span.end > start && span.start < end)
    .map((span) => ({ start: Math.max(start, span.start), end: Math.min(end, span.end) }));
}

/** The speech of a window in seconds of its own clock; null: nobody looked for it. */
export function speechOf({ pieces, speech }: AudioWindow, sampleRate: number): { start: number; end: number }[] | null {
  if (speech === null) return null;
  let at = 0;
  return pieces.flatMap((piece) => {
    const offset = at - piece.start;
    at += piece.end - piece.start;
    return within(speech, piece.start, piece.end).map(({ start, end }) => ({
      start: (start + offset) / sampleRate,
      end: (end + offset) / sampleRate,
    }));
  });
}

/** Sound of a window: its pieces end to end. `read` copies [start, end) of the file into `out` at `at`. */
export function soundOf(
  window: AudioWindow,
  read: (start: number, end: number, out: Float32Array, at: number) => void,
): Float32Array<ArrayBuffer> {
  const total = window.pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
  const out = new Float32Array(total);
  let at = 0;
  for (const piece of window.pieces) {
    read(piece.start, piece.end, out, at);
    at += piece.end - piece.start;
  }
  return out;
}

/** From the window's own clock to the file's. A time exactly on a seam is an end before it and a start after it. */
export type FileClock = {
  /** Seconds of the window to seconds of the file. Monotone. */
  toFile(seconds: number, edge: 'start' | 'end'): number;
  /** Which piece a time lies in. */
  piece(seconds: number, edge: 'start' | 'end'): number;
  /** The piece that holds most of a stretch, in seconds of the window. */
  mostly(start: number, end: number): { start: number; end: number };
  /** The pieces in seconds of the window. */
  pieces: { start: number; end: number }[];
};

export function fileClock(window: AudioWindow, sampleRate: number): FileClock {
  let at = 0;
  const pieces = window.pieces.map((piece) => {
    const start = at / sampleRate;
    at += piece.end - piece.start;
    return { start, end: at / sampleRate };
  });
  // Half a sample of slack: sums of hundredths are not exact.
  const slack = 0.5 / sampleRate;
  const piece = (seconds: number, edge: 'start' | 'end'): number => {
    const found = pieces.findIndex(({ end }) => (edge === 'end' ? seconds <= end + slack : seconds < end - slack));
    return found < 0 ? pieces.length - 1 : found;
  };
  const overlap = (one: { start: number; end: number }, start: number, end: number): number =>
    Math.min(one.end, end) - Math.max(one.start, start);
  return {
    pieces,
    piece,
    toFile(seconds, edge) {
      const index = piece(seconds, edge);
      const { start, end } = pieces[index];
      return window.pieces[index].start / sampleRate + Math.min(Math.max(seconds, start), end) - start;
    },
    mostly: (start, end) =>
      pieces.reduce((best, next) => (overlap(next, start, end) > overlap(best, start, end) ? next : best)),
  };
}

/** Part of a full window, from its end, in which a too long region is cut: 25 s to 30 s for Whisper. */
const CUT_SEARCH = 1 / 6;
/** Loudness is taken over this long, seconds: longer than a stop consonant's closure (~0.1 s). */
const QUIET_SECONDS = 0.16;
const HOP_SECONDS = 0.02;

/**
 * The quietest place to cut a region that is longer than a window: the middle of the stretch with the least energy
 * in the last sixth of the window.
 * @param pcm the region's sound, at least `windowSamples` long
 * @returns samples from the start of `pcm`, in (0, windowSamples]
 */
export function quietestCut(pcm: Float32Array, windowSamples: number, sampleRate: number): number {
  const width = Math.round(QUIET_SECONDS * sampleRate);
  const hop = Math.round(HOP_SECONDS * sampleRate);
  const limit = Math.min(windowSamples, pcm.length);
  let best = limit;
  let least = Infinity;
  for (let from = Math.floor(limit * (1 - CUT_SEARCH)); from + width <= limit; from += hop) {
    let energy = 0;
    for (let i = from; i < from + width; i++) energy += pcm[i] * pcm[i];
    // `<=`: of equally quiet places the last, for the fullest window.
    if (energy <= least) {
      least = energy;
      best = from + Math.floor(width / 2);
    }
  }
  return best;
}
