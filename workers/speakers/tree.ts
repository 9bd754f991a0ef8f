/**
 * Which voices are alike: agglomerative clustering by average linkage on the cosine (Day and Edelsbrunner 1984; with
 * voices of length 1 the mean of all products of two clusters is the product of their sums). The whole order of joining is
 * kept as a tree, so that another number of speakers is another cut of it.
 */

/** A cluster, or a voice by itself. Sums are over voices of length 1, each times its weight. */
export type Cluster = {
  sum: Float32Array;
  /** Seconds of sound. */
  weight: number;
  /** What of |sum|² comes from sounds compared with themselves, and the squared weights that it is the sum of. */
  ownLikeness: number;
  ownPairs: number;
  /** Seconds of different sound: what is heard again says nothing new of a voice. */
  different: number;
  /** The two it was joined from; null: it is one voice. */
  parts: [Cluster, Cluster] | null;
};

/**
 * Two pieces of one voice are more alike than this only where they are the same sound, played again. Of four readers who say
 * nothing twice 7 of 8,400 pairs of pieces are, also by telephone and with music; the same sound, cut elsewhere, is mostly
 * 0.9 to 0.98 alike (2026-11).
 */
const SAME_SOUND = 0.87;
/** A matrix of more clusters than this is not made, for its time: they are joined in groups first. A choice. */
const MOST_AT_ONCE = 500;
/** Voices that follow each other in time are joined in groups of so many, down to a quarter of it. A choice. */
const GROUP = 160;

export function voiceCluster(voice: ArrayLike<number>, weight: number): Cluster {
  const sum = new Float32Array(voice.length);
  for (let i = 0; i < sum.length; i++) sum[i] = voice[i] * weight;
  const ownPairs = weight * weight;
  return { sum, weight, ownLikeness: ownPairs, ownPairs, different: weight, parts: null };
}

/** Mean cosine of a voice of one with a voice of the other. */
export function likeness(a: Cluster, b: Cluster): number {
  return product(a.sum, b.sum) / (a.weight * b.weight);
}

/** Of voices, whose length is a multiple of four: four sums that do not wait for each other take half the time of one (2026-11). */
export function product(a: Float32Array, b: Float32Array): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i += 4) {
    p += a[i] * b[i];
    q += a[i + 1] * b[i + 1];
    r += a[i + 2] * b[i + 2];
    s += a[i + 3] * b[i + 3];
  }
  return p + q + (r + s);
}

/**
 * Joins all voices into one tree.
 * @param voices in the order of time; of many hours those near in time are joined first, in groups, so that memory and
 *   work do not grow with the square of the length
 * @returns null: there are none
 */
export function treeOf(voices: readonly Cluster[]): Cluster | null {
  let level = [...voices];
  while (level.length > MOST_AT_ONCE) {
    const groups = Math.ceil(level.length / GROUP);
    const size = Math.ceil(level.length / groups);
    level = Array.from({ length: groups }, (_, i) => level.slice(i * size, (i + 1) * size)).flatMap((group) =>
      joined(group, Math.ceil(group.length / 4)),
    );
  }
  return joined(level, 1)[0] ?? null;
}

/** Joins the two most alike until so many are left. */
function joined(clusters: readonly Cluster[], left: number): Cluster[] {
  const alive: (Cluster | null)[] = [...clusters];
  const n = alive.length;
  const like = new Float32Array(n * n);
  /** The most alike of each among the later ones. */
  const best = new Int32Array(n).fill(-1);
  const look = (i: number): void => {
    best[i] = -1;
    for (let j = i + 1; j < n; j++)
      if (alive[j] && (best[i] < 0 || like[i * n + j] > like[i * n + best[i]])) best[i] = j;
  };
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) like[i * n + j] = likeness(clusters[i], clusters[j]);
  for (let i = 0; i < n; i++) look(i);
  for (let count = n; count > left; count--) {
    let i = -1;
    for (let k = 0; k < n; k++)
      if (alive[k] && best[k] >= 0 && (i < 0 || like[k * n + best[k]] > like[i * n + best[i]])) i = k;
    const j = best[i];
    const both = join(alive[i]!, alive[j]!);
    // Of a mean of all pairs no pair needs to be looked at again (Lance and Williams 1967).
    const [a, b] = [alive[i]!.weight / both.weight, alive[j]!.weight / both.weight];
    for (let k = 0; k < n; k++) {
      if (!alive[k] || k === i || k === j) continue;
      const [toI, toJ] = [k < i ? k * n + i : i * n + k, k < j ? k * n + j : j * n + k];
      like[toI] = a * like[toI] + b * like[toJ];
    }
    alive[i] = both;
    alive[j] = null;
    for (let k = 0; k < n; k++) {
      if (!alive[k]) continue;
      if (k === i || best[k] === i || best[k] === j) look(k);
      else if (k < i && like[k * n + i] > like[k * n + best[k]]) best[k] = i;
    }
  }
  return alive.filter((cluster) => cluster !== null);
}

function join(a: Cluster, b: Cluster): Cluster {
  const sum = a.sum.slice();
  for (let i = 0; i < sum.length; i++) sum[i] += b.sum[i];
  const weight = a.weight + b.weight;
  if (isOneSound(a) && isOneSound(b) && likeness(a, b) > SAME_SOUND)
    return {
      ...{ sum, weight, parts: [a, b], different: Math.max(a.different, b.different) },
      ...{ ownLikeness: product(sum, sum), ownPairs: weight * weight },
    };
  return {
    ...{ sum, weight, parts: [a, b], different: a.different + b.different },
    ...{ ownLikeness: a.ownLikeness + b.ownLikeness, ownPairs: a.ownPairs + b.ownPairs },
  };
}

/** All pairs of its voices are of the same sound. */
function isOneSound({ weight, ownPairs }: Cluster): boolean {
  return ownPairs === weight * weight;
}
