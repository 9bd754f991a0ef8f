/** How many speakers there are: where the tree of voices is cut. */
import type { StatedSpeakers } from '../protocol';
import { likeness, product, type Cluster } from './tree';

/**
 * Two halves of one speaker's voices are as alike as the voices within each half; of two speakers they are less. That ratio
 * (the correction for attenuation of Spearman 1904) does not depend on how good the line or the room is, as the likeness
 * itself does. But a small half of one speaker's is the least alike of the many there are, and so less than alike: how much
 * less goes with one over the root of the seconds in it, as an error does. Of 88 conversations (readers of seven languages,
 * telephone band, music, noise, a room, 1 to 6 speakers; BENCHMARKS.md, 2026-11) one speaker's halves of ten seconds and
 * more never came below 0.87, of six to ten never below 0.82, two speakers never above 0.83. The third table there is of
 * conversations that were made afterwards.
 */
const MOST_SAMENESS = 0.84;
const ENDLESS_SAMENESS = 0.94;
const SAMENESS_OF_A_SECOND = 0.33;
/** How alike one speaker's pieces of about a second are, as a start where a cluster has too few to tell. */
const USUAL_LIKENESS = 0.55;
/** That many pairs of seconds the start is worth. */
const USUAL_PAIRS = 10;
/** A voice that says the same again and again is more like itself than a voice is. */
const MOST_LIKENESS = 0.72;
/** Less speech in all makes no speaker, seconds, and this share of the recording's speech on top. */
const SHORTEST_SPEAKER = 2.5;
const SMALLEST_SHARE = 0.001;

/** Nobody needs more than this many, and nobody can look at them. */
const MOST_SPEAKERS = 60;

/** Where a person says that there are more speakers than that finds, this is enough for one. Seconds. */
const SHORTEST_STATED = 0.6;

/**
 * Cuts the tree at the speakers: the two halves that are least one speaker first, until all that is left is.
 * @param stated by the person; null: to be found
 * @returns a cluster for each speaker; what was too little to be one is in none of them
 */
export function speakersIn(tree: Cluster, stated: StatedSpeakers | null): Cluster[] {
  const least = SHORTEST_SPEAKER + SMALLEST_SHARE * tree.weight;
  const found = cut([tree], least, stated?.least ?? 1, stated?.most ?? MOST_SPEAKERS);
  return stated && found.length < stated.least ? cut(found, SHORTEST_STATED, stated.least, stated.least) : found;
}

/** @param from clusters to cut; @param least seconds a cluster must keep; @param some,most how many there are to be */
function cut(from: readonly Cluster[], least: number, some: number, most: number): Cluster[] {
  const speakers = from.map((cluster) => ({ cluster, fork: forkIn(cluster, least) }));
  while (speakers.length < Math.min(most, MOST_SPEAKERS)) {
    let next = -1;
    for (const [i, { fork }] of speakers.entries())
      if (fork && (next < 0 || fork.worst < speakers[next].fork!.worst)) next = i;
    if (next < 0) break;
    const { worst, parts } = speakers[next].fork!;
    if (worst >= 0 && speakers.length >= some) break;
    speakers.splice(next, 1, ...parts.map((cluster) => ({ cluster, fork: forkIn(cluster, least) })));
  }
  return speakers.map(({ cluster }) => cluster);
}

/** `worst`: of this fork and those below it the least there is of sameness above what one speaker's halves have; below 0 they are two. */
type Fork = { parts: [Cluster, Cluster]; worst: number };

/**
 * The first fork of the tree whose two sides are both long enough to be a speaker. Whether it is one within a speaker is
 * said by all forks below it as well: several speakers on either side are as little alike as the two sides are.
 */
function forkIn(tree: Cluster, least: number): Fork | null {
  for (let cluster = tree; cluster.parts;) {
    const [a, b] = cluster.parts;
    if (Math.min(a.weight, b.weight) >= least) {
      const below = [forkIn(a, least)?.worst ?? Infinity, forkIn(b, least)?.worst ?? Infinity];
      return { parts: [a, b], worst: Math.min(sameness(a, b) - samenessOfOne(a, b), ...below) };
    }
    cluster = a.weight >= b.weight ? a : b;
  }
  return null;
}

/** Likeness of two clusters in shares of the likeness within them. */
function sameness(a: Cluster, b: Cluster): number {
  return likeness(a, b) / Math.sqrt(within(a) * within(b));
}

/** As much of it as two halves of one speaker have at least. */
function samenessOfOne(a: Cluster, b: Cluster): number {
  const seconds = Math.min(a.different, b.different);
  return Math.min(MOST_SAMENESS, ENDLESS_SAMENESS - SAMENESS_OF_A_SECOND / Math.sqrt(seconds));
}

/** Mean cosine of two different sounds of a cluster. */
function within({ sum, weight, ownLikeness, ownPairs }: Cluster): number {
  const pairs = weight * weight - ownPairs;
  const likenesses = product(sum, sum) - ownLikeness;
  return Math.min(MOST_LIKENESS, (likenesses + USUAL_LIKENESS * USUAL_PAIRS) / (pairs + USUAL_PAIRS));
}
