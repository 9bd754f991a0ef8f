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

export function keepVoices(jobId: string, voices: KeptVoices): Promise<void> {
  return set(jobId, voices, store());
}

/** Null: none were kept, or by a version of this page that wrote them in another way. */
export async function voicesOf(jobId: string): Promise<KeptVoices | null> {
  const kept = await get<KeptVoices>(jobId, store());
  // What lies on a disk may be of any version.
  return (kept?.table.version as number | undefined) === 1 ? kept! : null;
}

export function forgetVoices(jobId: string): Promise<void> {
  return del(jobId, store());
}
