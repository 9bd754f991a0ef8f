/**
 * Packs speech into windows: at most the model's length, cut in silence, long silences left out, never overlapping,
 * in order. A window is a list of pieces of the file laid end to end, with the map back to the file's clock.
 */

/** A stretch of the file, in samples: [start, end). */
export type Span = { start: number; end: number };

export type AudioWindow = {
  index: number;
  /** In order, not overlapping, at least one. Their lengths add up to at most the model's window. */
  pieces: Span[];
  /** How much of them is speech, without the pads. */
  speechSamples: number;
};

/**
 * Silence kept on each side of speech, seconds: whisper hears the first and last consonants better with some room
 * (faster-whisper vad.py, speech_pad_ms = 400). A silence of up to twice this stays whole.
 */
const PAD_SECONDS = 0.4;

export type Packer = {
  /** Takes the next region (not overlapping, in order, not longer than a window). Gives the window it closed, if any. */
  add(region: Span): AudioWindow | null;
  /** The last window. `totalSamples`: where the sound ends. */
  flush(totalSamples: number): AudioWindow | null;
  /** Sound that lies in no region yet may still be needed this far back, as the silence before one. */
  readonly padSamples: number;
  /** Everything before this sample is not needed for the regions it holds; Infinity: it holds none. */
  readonly neededFrom: number;
};

/**
 * @param windowSamples the model's window
 * @param fromSample nothing before it is used (a job that goes on)
 */
export function createPacker(windowSamples: number, sampleRate: number, fromSample = 0): Packer {
  const pad = Math.round(PAD_SECONDS * sampleRate);
  let index = 0;
  let regions: Span[] = [];
  /** Where the previous window ended, pads included: the next may not begin before. */
  let floor = fromSample;

  /** Pieces of regions with their pads, between `floor` and `ceiling`. */
  const pieces = (list: readonly Span[], ceiling: number): Span[] => {
    const out: Span[] = [];
    for (const region of list) {
      const start = Math.max(floor, region.start - pad);
      const end = Math.min(ceiling, region.end + pad);
      const last = out[out.length - 1];
      if (last && start <= last.end) last.end = Math.max(last.end, end);
      else out.push({ start, end });
    }
    return out;
  };
  const lengthOf = (list: readonly Span[]): number => list.reduce((sum, piece) => sum + piece.end - piece.start, 0);

  /** `ceiling`: the window may not go beyond. */
  const close = (ceiling: number): AudioWindow => {
    const cut = trim(pieces(regions, ceiling), windowSamples, regions);
    const speechSamples = lengthOf(regions);
    floor = cut[cut.length - 1].end;
    regions = [];
    return { index: index++, pieces: cut, speechSamples };
  };

  return {
    add(region) {
      if (regions.length > 0 && lengthOf(pieces([...regions, region], region.end)) > windowSamples) {
        const { end } = regions[regions.length - 1];
        // Half of a short silence goes to either side.
        const gap = region.start - end;
        const closed = close(gap < 2 * pad ? end + Math.floor(gap / 2) : region.start);
        regions = [region];
        return closed;
      }
      regions.push(region);
      return null;
    },
    flush(totalSamples) {
      return regions.length === 0 ? null : close(totalSamples);
    },
    padSamples: pad,
    get neededFrom() {
      return regions.length === 0 ? Infinity : Math.max(floor, regions[0].start - pad);
    },
  };
}

/** Gives pads back where a window would be too long by them; speech itself always fits. */
function trim(pieces: Span[], windowSamples: number, regions: readonly Span[]): Span[] {
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
