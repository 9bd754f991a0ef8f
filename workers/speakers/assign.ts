/** From the table of voices to who speaks when. */
import type { SpeakerTurn, StatedSpeakers, VoiceTable } from '../protocol';
import { speakersIn } from './count';
import { frameSeconds } from './pieces';
import { inTime, OWN_VOICE, TWO_VOICES, VOICE_SIZE, voiceAt } from './table';
import { product, treeOf, voiceCluster, type Cluster } from './tree';

/** A piece this long has a voice that can found a cluster; shorter ones only join. CAM++ tells those apart (pieces.ts). Seconds. */
const FOUNDING = 0.6;
/** A longer piece is no better a sample: pieces are no longer than this (pieces.ts). Seconds. */
const FULL_WEIGHT = 1.5;
/** Rounds of moving voices to the nearest centre and centres to the middle of their voices (Lloyd 1982). A choice. */
const ROUNDS = 5;
/** Who overlaps with somebody has spoken just before or will just after: within so many seconds. A choice. */
const OVERLAP_REACH = 2;

/**
 * Makes the tree of a recording's voices once; the answer cuts it for a number of speakers, which takes milliseconds.
 * Speakers are called "1", "2", … in the order of first appearance. The same table gives the same turns, in whatever order
 * its pieces come.
 */
export function createCut(unordered: VoiceTable): (stated: StatedSpeakers | null) => SpeakerTurn[] {
  const table = inTime(unordered);
  const own = [...table.kinds.keys()].filter((piece) => table.kinds[piece] === OWN_VOICE);
  const voices = new Map(own.map((piece) => [piece, voiceAt(table, piece)]));
  const seconds = (piece: number): number => frameSeconds(table.ends[piece]) - frameSeconds(table.starts[piece]);
  const long = own.filter((piece) => seconds(piece) >= FOUNDING);
  const founding = long.length > 1 ? long : own;
  const weights = new Map(founding.map((piece) => [piece, Math.min(seconds(piece), FULL_WEIGHT)]));
  const tree = treeOf(founding.map((piece) => voiceCluster(voices.get(piece)!, weights.get(piece)!)));

  return (stated) => {
    if (!tree) return [];
    const centres = settled(speakersIn(tree, stated).map(centreOf), voices, weights);
    const speakers = new Int16Array(table.starts.length).fill(-1);
    for (const piece of own) speakers[piece] = nearest(voices.get(piece)!, centres);
    return turnsOf(table, speakers);
  };
}

/** The middle of a cluster's voices, of length 1. */
function centreOf({ sum }: Pick<Cluster, 'sum'>): Float32Array {
  const length = Math.sqrt(sum.reduce((total, value) => total + value * value, 0)) || 1;
  return sum.map((value) => value / length);
}

/** Spherical k-means from these centres. */
function settled(
  start: Float32Array[],
  voices: ReadonlyMap<number, Float32Array>,
  weights: ReadonlyMap<number, number>,
): Float32Array[] {
  let centres = start;
  const placed = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const sums = centres.map(() => new Float32Array(VOICE_SIZE));
    const filled = new Set<number>();
    let moved = false;
    for (const [piece, weight] of weights) {
      const voice = voices.get(piece)!;
      const centre = nearest(voice, centres);
      if (placed.get(piece) !== centre) moved = true;
      placed.set(piece, centre);
      filled.add(centre);
      const sum = sums[centre];
      for (let i = 0; i < VOICE_SIZE; i++) sum[i] += weight * voice[i];
    }
    // Nothing would move any more.
    if (!moved) break;
    centres = sums.map((sum, i) => (filled.has(i) ? centreOf({ sum }) : centres[i]));
  }
  return centres;
}

function nearest(voice: Float32Array, centres: readonly Float32Array[]): number {
  let best = 0;
  let most = -Infinity;
  for (let i = 0; i < centres.length; i++) {
    const like = product(voice, centres[i]);
    if (like > most) {
      best = i;
      most = like;
    }
  }
  return best;
}

/** Gives pieces without a voice of their own to who speaks around them, and puts touching pieces together. */
function turnsOf(table: VoiceTable, speakers: Int16Array): SpeakerTurn[] {
  const names = new Map<number, string>();
  const open = new Map<number, SpeakerTurn>();
  const turns: SpeakerTurn[] = [];
  for (let piece = 0; piece < speakers.length; piece++) {
    const [start, end] = [frameSeconds(table.starts[piece]), frameSeconds(table.ends[piece])];
    for (const speaker of whoIn(table, speakers, piece)) {
      const name = names.get(speaker) ?? String(names.size + 1);
      names.set(speaker, name);
      const last = open.get(speaker);
      if (last && start - last.end < 1e-6) last.end = end;
      else {
        const turn = { start, end, speaker: name };
        turns.push(turn);
        open.set(speaker, turn);
      }
    }
  }
  return turns;
}

/** The speakers of a piece, one or two. */
function whoIn({ starts, ends, kinds }: VoiceTable, speakers: Int16Array, piece: number): number[] {
  if (speakers[piece] >= 0) return [speakers[piece]];
  let [first, second] = [-1, -1];
  let [firstGap, secondGap] = [Infinity, Infinity];
  const look = (other: number): boolean => {
    const gap = Math.max(
      0,
      frameSeconds(starts[other]) - frameSeconds(ends[piece]),
      frameSeconds(starts[piece]) - frameSeconds(ends[other]),
    );
    const speaker = speakers[other];
    if (speaker < 0) return true;
    if (gap < firstGap) {
      if (speaker !== first) [second, secondGap] = [first, firstGap];
      [first, firstGap] = [speaker, gap];
    } else if (speaker !== first && gap < secondGap) [second, secondGap] = [speaker, gap];
    return gap < OVERLAP_REACH || first < 0;
  };
  for (let other = piece - 1; other >= 0 && look(other); other--);
  for (let other = piece + 1; other < speakers.length && look(other); other++);
  if (first < 0) return [];
  return kinds[piece] === TWO_VOICES && second >= 0 && secondGap < OVERLAP_REACH ? [first, second] : [first];
}
