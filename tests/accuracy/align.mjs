/**
 * What was heard against what was said: minimum edit distance, and one alignment of all those that reach it. Of those it
 * is the one with the fewest separate gaps, so that words that were lost together stay together; what is still equal is
 * settled by a fixed order. The same two texts always give the same alignment.
 */

/** The last step of a path: a word of both sides (the same or another), one of the truth alone, one of what was heard. */
const [BOTH, LOST, ADDED] = [0, 1, 2];

/**
 * Fewest substitutions, deletions and insertions between two lists. 32 rows of a column of the table at once, each as the
 * bit that says whether it is one more or one less than the row above (Myers 1999, for long lists as in Hyyrö 2003): a
 * hundred thousand characters against as many take seconds, in any case.
 * @param {string[]} truth
 * @param {string[]} heard
 * @returns {number}
 */
export function editDistance(truth, heard) {
  const blocks = Math.ceil(truth.length / 32);
  /** @type {Map<string, Int32Array>} Where in the truth each word stands. */
  const where = new Map();
  truth.forEach((word, i) => {
    let bits = where.get(word);
    if (!bits) where.set(word, (bits = new Int32Array(blocks)));
    bits[i >> 5] |= 1 << (i & 31);
  });
  const nowhere = new Int32Array(blocks);
  const more = new Int32Array(blocks).fill(-1);
  const less = new Int32Array(blocks);
  const lastBit = (truth.length - 1) & 31;
  let distance = truth.length;
  for (const word of heard) {
    const equal = where.get(word) ?? nowhere;
    // What the row above this block changes by from the last column to this one; the top row grows by one each time.
    let change = 1;
    for (let block = 0; block < blocks; block++) {
      const [up, down] = [more[block], less[block]];
      const same = equal[block] | (change < 0 ? 1 : 0);
      const vertical = equal[block] | down;
      const diagonal = (((same & up) + up) ^ up) | same;
      const grows = down | ~(diagonal | up);
      const shrinks = up & diagonal;
      const bit = block === blocks - 1 ? lastBit : 31;
      const right = (grows << 1) | (change > 0 ? 1 : 0);
      more[block] = (shrinks << 1) | (change < 0 ? 1 : 0) | ~(vertical | right);
      less[block] = right & vertical;
      change = ((grows >>> bit) & 1) - ((shrinks >>> bit) & 1);
    }
    distance += change;
  }
  return distance;
}

/**
 * The alignment, row by row over the truth. Only the diagonals that a best path can touch are looked at, and only every
 * so many rows are kept: those between two kept ones are made again on the way back. 20,000 words against 20,000 quite
 * different ones take 70 MB.
 * @param {string[]} truth
 * @param {string[]} heard
 * @returns {Int32Array} for each word of the truth the place of the word heard for it (the same or another), or -1
 */
export function align(truth, heard) {
  const rows = truth.length;
  const surplus = heard.length - rows;
  const edits = editDistance(truth, heard);
  // With so many edits a path that ends `surplus` diagonals to the right strays no further than this to the left, and
  // touches `edits + 1` diagonals at most.
  const band = { truth, heard, left: Math.floor((edits - surplus) / 2), width: edits + 1 };

  const stride = Math.max(1, Math.ceil(Math.sqrt(rows)));
  const kept = [firstRow(band)];
  for (let i = 1, row = kept[0]; i <= rows; i++) {
    row = nextRow(band, row, i);
    if (i % stride === 0 || i === rows) kept.push(row);
  }

  const places = new Int32Array(rows).fill(-1);
  let at = surplus + band.left + 1;
  const end = kept[kept.length - 1].subarray(3 * at);
  let step = cheapest(end[BOTH], end[LOST], end[ADDED]);
  for (let block = kept.length - 2; block >= 0; block--) {
    const first = block * stride;
    const last = Math.min(first + stride, rows);
    /** @type {Uint8Array[]} */
    const traces = [];
    for (let i = first + 1, row = kept[block]; i <= last; i++) {
      traces[i] = new Uint8Array(band.width + 2);
      row = nextRow(band, row, i, traces[i]);
    }
    for (let i = last; i > first;) {
      const before = (traces[i][at] >> (2 * step)) & 3;
      if (step === BOTH) places[i - 1] = i - band.left + at - 2;
      if (step === LOST) at++;
      if (step === ADDED) at--;
      else i--;
      step = before;
    }
  }
  return places;
}

/**
 * A row holds three costs a diagonal: those of the best path here whose last step is BOTH, LOST or ADDED. The lowest
 * diagonal has place 1; the places around the band stay at infinity. An edit costs more than all gaps together, the first
 * word of a gap costs one more than an edit.
 * @typedef {{ truth: string[], heard: string[], left: number, width: number }} Band
 * @param {Band} band
 */
function firstRow(band) {
  const row = new Float64Array(3 * (band.width + 2)).fill(Infinity);
  row[3 * (band.left + 1) + BOTH] = 0;
  const edit = band.truth.length + band.heard.length + 1;
  for (let j = 1; j <= band.heard.length && band.left + 1 + j <= band.width; j++)
    row[3 * (band.left + 1 + j) + ADDED] = j * edit + 1;
  return row;
}

/**
 * @param {Band} band
 * @param {Float64Array} above
 * @param {number} i words of the truth up to this row
 * @param {Uint8Array} [trace] is given the step before each last step, two bits each
 */
function nextRow({ truth, heard, left, width }, above, i, trace) {
  const row = new Float64Array(above.length).fill(Infinity);
  const edit = truth.length + heard.length + 1;
  const word = truth[i - 1];
  const from = Math.max(1, left + 1 - i);
  const to = Math.min(width, heard.length - i + left + 1);
  for (let at = from; at <= to; at++) {
    const j = i - left + at - 1;
    const [here, beside, next] = [3 * at, 3 * at - 3, 3 * at + 3];
    const both = cheapest(above[here], above[here + 1], above[here + 2]);
    const lost = cheapest(above[next] + 1, above[next + 1], above[next + 2] + 1);
    const added = cheapest(row[beside] + 1, row[beside + 1] + 1, row[beside + 2]);
    if (j > 0) row[here + BOTH] = above[here + both] + (word === heard[j - 1] ? 0 : edit);
    row[here + LOST] = above[next + lost] + edit + (lost === LOST ? 0 : 1);
    if (j > 0) row[here + ADDED] = row[beside + added] + edit + (added === ADDED ? 0 : 1);
    if (trace) trace[at] = both | (lost << 2) | (added << 4);
  }
  return row;
}

/** The last step that costs least; the first of several. */
function cheapest(/** @type {number} */ both, /** @type {number} */ lost, /** @type {number} */ added) {
  if (both <= lost && both <= added) return BOTH;
  return lost <= added ? LOST : ADDED;
}
