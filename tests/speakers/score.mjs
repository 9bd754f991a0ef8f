/**
 * Diarization error rate as NIST's md-eval counts it without a collar: missed, false alarm and confused speech as shares of
 * all speech, with the best one-to-one match of speakers (dscore and pyannote.metrics count the same).
 */

/** @typedef {{ start: number, end: number, speaker: string }} Turn */

/** Seconds of a step of the clock that is counted on. */
const STEP = 0.001;

/** @param {string} text an RTTM file @returns {Turn[]} */
export function parseRttm(text) {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([type]) => type === 'SPEAKER')
    .map(([, , , start, length, , , speaker]) => ({
      start: Number(start),
      end: Number(start) + Number(length),
      speaker,
    }));
}

/**
 * @param {Turn[]} truth @param {Turn[]} told
 * @returns {{ der: number, missed: number, falseAlarm: number, confused: number, speech: number, speakers: number, found: number }}
 *   in percent of the speech, and its seconds
 */
export function score(truth, told) {
  const length = Math.ceil(Math.max(0, ...[...truth, ...told].map(({ end }) => end)) / STEP) + 1;
  const wanted = grids(truth, length);
  const given = grids(told, length);
  let [speech, missed, falseAlarm, both] = [0, 0, 0, 0];
  const shared = wanted.map(() => given.map(() => 0));
  for (let t = 0; t < length; t++) {
    let [a, b] = [0, 0];
    for (const grid of wanted) a += grid[t];
    for (const grid of given) b += grid[t];
    speech += a;
    missed += Math.max(0, a - b);
    falseAlarm += Math.max(0, b - a);
    both += Math.min(a, b);
    if (a && b)
      for (let i = 0; i < wanted.length; i++)
        if (wanted[i][t]) for (let j = 0; j < given.length; j++) shared[i][j] += given[j][t];
  }
  const right = match(shared);
  const percent = (/** @type {number} */ steps) => (100 * steps) / Math.max(1, speech);
  return {
    der: percent(missed + falseAlarm + both - right),
    missed: percent(missed),
    falseAlarm: percent(falseAlarm),
    confused: percent(both - right),
    speech: speech * STEP,
    speakers: wanted.length,
    found: given.length,
  };
}

/** One grid of zeros and ones a speaker. @param {Turn[]} turns @param {number} length */
function grids(turns, length) {
  /** @type {Map<string, Uint8Array>} */
  const bySpeaker = new Map();
  for (const { start, end, speaker } of turns) {
    const grid = bySpeaker.get(speaker) ?? new Uint8Array(length);
    bySpeaker.set(speaker, grid);
    grid.fill(1, Math.round(start / STEP), Math.round(end / STEP));
  }
  return [...bySpeaker.values()];
}

/**
 * The largest sum of one-to-one pairs (Kuhn 1955, in the form of Jonker and Volgenant with potentials).
 * @param {number[][]} worth
 */
export function match(worth) {
  const n = Math.max(worth.length, worth[0]?.length ?? 0);
  const cost = (/** @type {number} */ i, /** @type {number} */ j) => -(worth[i - 1]?.[j - 1] ?? 0);
  const [u, v, row] = [new Float64Array(n + 1), new Float64Array(n + 1), new Int32Array(n + 1)];
  for (let i = 1; i <= n; i++) {
    const least = new Float64Array(n + 1).fill(Infinity);
    const from = new Int32Array(n + 1);
    const done = new Uint8Array(n + 1);
    row[0] = i;
    let j = 0;
    do {
      done[j] = 1;
      let [delta, next] = [Infinity, 0];
      for (let k = 1; k <= n; k++) {
        if (done[k]) continue;
        const reduced = cost(row[j], k) - u[row[j]] - v[k];
        if (reduced < least[k]) [least[k], from[k]] = [reduced, j];
        if (least[k] < delta) [delta, next] = [least[k], k];
      }
      for (let k = 0; k <= n; k++) {
        if (done[k]) [u[row[k]], v[k]] = [u[row[k]] + delta, v[k] - delta];
        else least[k] -= delta;
      }
      j = next;
    } while (row[j] !== 0);
    for (; j; j = from[j]) row[j] = row[from[j]];
  }
  let sum = 0;
  for (let j = 1; j <= n; j++) sum -= cost(row[j], j);
  return sum;
}
