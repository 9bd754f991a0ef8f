/**
 * The voices of a recording on this device, so that its speakers can be cut anew in a later visit. A table of numbers for
 * each job, never sound; it goes when the job does.
 */
import { createStore, del, get, set, type UseStore } from 'idb-keyval';
import type { SpeakerTurn, StatedSpeakers, VoiceTable } from '../../workers/protocol.ts';

export type KeptVoices = {
  table: VoiceTable;
  /** What the person said; null: it was found. */
  stated: StatedSpeakers | null;
  /** As they were told last, for the names. */
  turns: SpeakerTurn[];
  /** As they were told before, the latest first: where a person has undone a count, the labels are of one of these. */
  before?: SpeakerTurn[][];
  /**
   * As they were told when it was heard: speakers are named by these, so that each number of them gives the same names each
   * time. Missing in what an earlier version kept.
   */
  first?: SpeakerTurn[];
  /** The recording was heard to its end; missing in what an earlier version kept. */
  whole?: boolean;
};

let opened: UseStore | null = null;

function store(): UseStore {
  return (opened ??= createStore('earshot-speakers', 'voices'));
}

/** Turns as they lie on the disk: thousands of small objects would hold the page up while they are written. */
type PackedTurns = { names: string[]; who: Uint16Array; times: Float64Array };
/** Earlier versions wrote turns as they are. */
type Written = Omit<KeptVoices, 'turns' | 'before' | 'first'> & {
  turns: PackedTurns | SpeakerTurn[];
  before?: (PackedTurns | SpeakerTurn[])[];
  first?: PackedTurns | SpeakerTurn[];
};

function packed(turns: readonly SpeakerTurn[]): PackedTurns {
  const names = [...new Set(turns.map(({ speaker }) => speaker))];
  const places = new Map(names.map((name, at) => [name, at]));
  const times = new Float64Array(2 * turns.length);
  for (const [at, { start, end }] of turns.entries()) {
    times[2 * at] = start;
    times[2 * at + 1] = end;
  }
  return { names, who: Uint16Array.from(turns, ({ speaker }) => places.get(speaker)!), times };
}

function unpacked(turns: PackedTurns | SpeakerTurn[]): SpeakerTurn[] {
  if (Array.isArray(turns)) return turns;
  const { names, who, times } = turns;
  return Array.from(who, (place, at) => ({ start: times[2 * at], end: times[2 * at + 1], speaker: names[place] }));
}

export function keepVoices(jobId: string, { turns, before, first, ...rest }: KeptVoices): Promise<void> {
  const written: Written = {
    ...rest,
    turns: packed(turns),
    ...(before && { before: before.map(packed) }),
    ...(first && { first: packed(first) }),
  };
  return set(jobId, written, store());
}

/** Null: none were kept, or by a version of this page that wrote them in another way. */
export async function voicesOf(jobId: string): Promise<KeptVoices | null> {
  const written = await get<Written>(jobId, store());
  // What lies on a disk may be of any version.
  if ((written?.table.version as number | undefined) !== 1) return null;
  const { turns, before, first, ...rest } = written!;
  return {
    ...rest,
    turns: unpacked(turns),
    ...(before && { before: before.map(unpacked) }),
    ...(first && { first: unpacked(first) }),
  };
}

export function forgetVoices(jobId: string): Promise<void> {
  return del(jobId, store());
}
