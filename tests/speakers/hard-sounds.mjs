/**
 * Sound that is hard to tell speakers in, made of the conversations: whispered, by telephone, with somebody else in the
 * background or over it. The truth is that of the conversations.
 */
/** @typedef {import('./score.mjs').Turn} Turn */
/** @typedef {{ pcm: Float32Array, truth: Turn[] }} Talk */

const RATE = 16000;

/** The same numbers each time, evenly in [0, 1) (mulberry32). @param {number} seed */
function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * What a telephone leaves: 300 to 3400 Hz (two second-order Butterworth filters each way, Bristow-Johnson's cookbook),
 * 8000 samples a second, eight bits of µ-law (ITU-T G.711).
 * @param {Float32Array} pcm
 */
function telephone(pcm) {
  const bounds = /** @type {[number, boolean][]} */ ([
    [300, true],
    [300, true],
    [3400, false],
    [3400, false],
  ]);
  const band = bounds.reduce((sound, [hertz, high]) => filtered(sound, hertz, high), pcm);
  // Back to 16,000: every other sample is left out, and what that puts above 4 kHz is taken away again.
  const coded = band.map((value, n) => (n % 2 === 0 ? 2 * muLaw(value) : 0));
  return [3600, 3600, 3600, 3600].reduce((sound, hertz) => filtered(sound, hertz, false), coded);
}

/** @param {number} value */
function muLaw(value) {
  const size = Math.min(1, Math.abs(value));
  const code = Math.round((127 * Math.log1p(255 * size)) / Math.log(256));
  return (Math.sign(value) * (Math.pow(256, code / 127) - 1)) / 255;
}

/** @param {Float32Array} pcm @param {number} hertz @param {boolean} high what is above stays, else what is below */
function filtered(pcm, hertz, high) {
  const w = (2 * Math.PI * hertz) / RATE;
  const alpha = Math.sin(w) / Math.SQRT2;
  const cos = Math.cos(w);
  const edge = high ? (1 + cos) / 2 : (1 - cos) / 2;
  const b = [edge, high ? -2 * edge : 2 * edge, edge];
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return pcm.map((x) => {
    const y = (b[0] * x + b[1] * x1 + b[2] * x2 + 2 * cos * y1 - (1 - alpha) * y2) / (1 + alpha);
    [x2, x1, y2, y1] = [x1, x, y1, y];
    return y;
  });
}

/**
 * Whispered: the shape of the vocal tract stays (linear prediction of 30 ms every 10 ms, Makhoul 1975), the voice in it
 * becomes noise, and low tones go, as they do in a whisper (Jovičić 1998).
 * @param {Float32Array} pcm
 */
function whispered(pcm) {
  const [frame, hop, order] = [480, 160, 18];
  const random = chance(7);
  // Even noise as strong as 1: no ear and no network tells it from a bell curve's.
  const noise = () => Math.sqrt(12) * (random() - 0.5);
  const out = new Float32Array(pcm.length);
  const hann = Float32Array.from({ length: frame }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / frame));
  for (let at = 0; at + frame <= pcm.length; at += hop) {
    const shape = Float64Array.from(hann, (weight, n) => weight * (pcm[at + n] - 0.97 * (pcm[at + n - 1] ?? 0)));
    const { filter, error } = prediction(shape, order);
    const strength = Math.sqrt(error / frame);
    const past = new Float64Array(order);
    for (let n = 0; n < frame; n++) {
      let value = strength * noise();
      for (let k = 0; k < order; k++) value += filter[k] * past[k];
      past.copyWithin(1, 0);
      past[0] = value;
      out[at + n] += (hann[n] * value * hop) / (frame / 2);
    }
  }
  return filtered(out, 500, true).map((value) => 0.5 * value);
}

/** Levinson and Durbin. @param {Float64Array} frame @param {number} order */
function prediction(frame, order) {
  const r = Array.from({ length: order + 1 }, (_, lag) => {
    let sum = 0;
    for (let n = lag; n < frame.length; n++) sum += frame[n] * frame[n - lag];
    return sum;
  });
  r[0] = r[0] * 1.0001 + 1e-9;
  let filter = new Float64Array(order);
  let error = r[0];
  for (let i = 0; i < order; i++) {
    let sum = r[i + 1];
    for (let k = 0; k < i; k++) sum -= filter[k] * r[i - k];
    const reflection = sum / error;
    const next = filter.slice();
    next[i] = reflection;
    for (let k = 0; k < i; k++) next[k] -= reflection * filter[i - 1 - k];
    filter = next;
    error *= 1 - reflection * reflection;
  }
  return { filter, error };
}

/**
 * One over the other, which begins again until the first is over.
 * @param {Float32Array} pcm @param {Float32Array} other @param {number} decibels of the other
 */
function over(pcm, other, decibels) {
  const gain = Math.pow(10, decibels / 20);
  return pcm.map((value, n) => value + gain * other[n % other.length]);
}

/**
 * Only what one of them says alone, one stretch after the other.
 * @param {Talk} talk @param {string} speaker @param {number} seconds at most
 */
function alone({ pcm, truth }, speaker, seconds) {
  const parts = truth
    .filter((turn) => turn.speaker === speaker && turn.end - turn.start > 1)
    .filter((turn) => truth.every((other) => other === turn || other.end <= turn.start || other.start >= turn.end))
    .map(({ start, end }) => pcm.subarray(Math.round(start * RATE), Math.round(end * RATE)));
  return joined(parts).subarray(0, seconds * RATE);
}

/** @param {readonly Float32Array[]} parts */
function joined(parts) {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * All of them. @param {Record<string, Talk>} talks the conversations by name
 * @returns {Record<string, Talk>}
 */
export function hardSounds(talks) {
  const { two_long_turns: long, two_short_turns: short, four_meeting: meeting } = talks;
  const [first, second] = [...new Set(long.truth.map(({ speaker }) => speaker))];
  const [one, two] = [alone(long, first, 25), alone(long, second, 25)];
  /** @param {Float32Array} pcm @param {string} speaker @returns {Turn[]} */
  const all = (pcm, speaker) => [{ start: 0, end: pcm.length / RATE, speaker }];
  return {
    'a whisper': { pcm: whispered(one), truth: all(one, first) },
    'two whisper': { pcm: whispered(long.pcm), truth: long.truth },
    'somebody at -20 dB': { pcm: over(one, two, -20), truth: all(one, first) },
    'a talk at -20 dB': { pcm: over(one, short.pcm, -20), truth: all(one, first) },
    'one over the other': { pcm: over(one, two, 0), truth: [...all(one, first), ...all(one, second)] },
    'four by telephone': { pcm: telephone(meeting.pcm), truth: meeting.truth },
  };
}
