/** Tables of voices as CAM++ makes them, from directions instead of sound. */
import type { SpeakerTurn, VoiceTable } from '../../workers/protocol.ts';
import { TableBuilder, VOICE_SIZE } from '../../workers/speakers/table.ts';
import { randomFrom, type Random } from './random.ts';

/** Frames of a second, about. */
const SECOND = 59;

/**
 * Mean cosine of two pieces of one speaker, and of two speakers, with those networks. Speakers share a direction: that of
 * being a voice at all.
 */
const SAME = 0.58;
const OTHER = 0.35;

export function direction(random: Random): Float32Array {
  return ofLengthOne(Float32Array.from({ length: VOICE_SIZE }, () => random.normal()));
}

export function ofLengthOne(values: Float32Array): Float32Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / length);
}

function mixed(parts: [number, Float32Array][]): Float32Array {
  return Float32Array.from({ length: VOICE_SIZE }, (_, i) =>
    parts.reduce((sum, [share, of]) => sum + share * of[i], 0),
  );
}

export type Forged = { table: VoiceTable; truth: SpeakerTurn[] };

/**
 * @param order who speaks, piece by piece: numbers of speakers; -1: two at once
 * @param seconds of a piece
 * @param other how alike two speakers' pieces are
 */
export function forgedTable(order: readonly number[], seed = 1, seconds = 1.2, other = OTHER): Forged {
  const random = randomFrom(seed);
  const common = direction(random);
  const speakers = Array.from({ length: Math.max(0, ...order) + 1 }, () =>
    mixed([
      [Math.sqrt(other), common],
      [Math.sqrt(SAME - other), direction(random)],
    ]),
  );
  const builder = new TableBuilder();
  const truth: SpeakerTurn[] = [];
  const length = Math.round(seconds * SECOND);
  for (const [i, speaker] of order.entries()) {
    const start = i * (length + 12);
    const overlap = speaker < 0;
    const voice = overlap
      ? null
      : ofLengthOne(
          mixed([
            [1, speakers[speaker]],
            [Math.sqrt(1 - SAME), direction(random)],
          ]),
        );
    builder.add({ start, end: start + length, overlap }, voice);
    const begin = (start * 270 + 585) / 16000;
    if (!overlap) truth.push({ start: begin, end: begin + (length * 270) / 16000, speaker: String(speaker) });
  }
  return { table: builder.table(order.length * (length + 12)), truth };
}

/** `count` pieces, each by one of `speakers` at random, in turns of a few pieces. */
export function conversation(speakers: number, count: number, seed = 1): number[] {
  const random = randomFrom(seed);
  const order = Array.from({ length: speakers }, (_, i) => i);
  while (order.length < count) {
    const speaker = random.whole(0, speakers - 1);
    for (let i = random.whole(1, 4); i > 0 && order.length < count; i--) order.push(speaker);
  }
  return order;
}
