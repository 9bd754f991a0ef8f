/**
 * Which recordings' speakers are told apart: heard beside the transcription or afterwards, counted anew, laid on the
 * transcript. What was heard is kept on this device (src/speakers/kept.ts), so that a later visit need not hear it again.
 */
import {
  ABORTED,
  type SoundChoice,
  type SpeakerTurn,
  type SpeakerVoice,
  type StatedSpeakers,
  type VoiceProgress,
  type VoiceReport,
} from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { startSpeakersWorker } from '../engine/speakers-worker.ts';
import { startMediaWorker } from '../engine/workers.ts';
import { asFault } from '../faults.ts';
import { ledger } from '../network/ledger.svelte.ts';
import { settings } from '../settings/settings.svelte.ts';
import { nextTask } from '../slices.ts';
import { forgetVoices, keepVoices, voicesOf, type KeptVoices } from './kept.ts';
import { LabelsSoFar } from './labels-so-far.ts';
import { asManyAs, joinedTurns, joinsIn } from './joins.ts';
import { isSameList } from './labels.ts';
import { spokenIn } from './spoken.ts';
import { SpeakerTeller } from './teller.ts';
import { stillMeant, toldCues, type Talk } from './tell-cues.ts';
import { tellingFaultWords } from './telling-words.ts';

export type TellingState =
  | { phase: 'off' }
  /** The networks are brought and loaded. */
  | { phase: 'loading' }
  /** There may be labels already; they are of what was heard so far, and may change. */
  | { phase: 'listening'; doneSeconds: number }
  /** `whole`: to the end of the recording. */
  | { phase: 'told'; stated: StatedSpeakers | null; whole: boolean }
  | { phase: 'failed'; sentence: string; next: string };

/** `first`: as it was told when it was heard, of what is counted anew. */
type Heard = Pick<KeptVoices, 'table'> & Partial<KeptVoices>;

/** A job does not wait longer than this for the networks: then the recording is heard afterwards. */
const PATIENCE_MS = 5000;
/** So much of a recording may be missing in what was heard before: a window's worth of words without a name. Samples. */
const GAP_SAMPLES = 5 * 16_000;
/** Of a `VoiceTable`. */
const FRAME_SAMPLES = 270;
/** So many counts can be undone without their labels being taken for a person's. */
const MOST_BEFORE = 4;
const MINUTE_MS = 60_000;

class Telling {
  #states = $state.raw<Readonly<Partial<Record<string, TellingState>>>>({});
  /** What was heard in this visit, also where the browser keeps nothing. */
  readonly #kept = new Map<string, KeptVoices>();
  readonly #runs = new Map<string, AbortController>();
  readonly #teller = new SpeakerTeller({
    startSpeakers: startSpeakersWorker,
    startMedia: startMediaWorker,
    onRequests: (by, entries) => ledger.add(by, entries),
    model: (id) => engine.model(id),
    fetchModel: (id) => engine.fetchModel(id),
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Recordings that are heard afterwards, or wait for it. */
  #afterwards = 0;
  /** When the last one that was heard beside its job is heard: the worker hears one at a time. */
  #heardBeside: Promise<unknown> = Promise.resolve();
  /** One transcript is changed at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  of(id: string): TellingState {
    return this.#states[id] ?? { phase: 'off' };
  }

  /**
   * Looks whether a recording was heard in an earlier visit, and has its voices ready to be counted anew: the order of joining
   * them, which every count cuts, is made ahead. Never rejects.
   */
  async recall(id: string): Promise<void> {
    const kept = await this.#keptOf(id);
    if (kept === null) return;
    if (this.of(id).phase === 'off') this.#set(id, toldState(kept));
    if (this.#runs.size > 0) return;
    await this.#teller.tell(kept.table, kept.stated).catch(() => {});
    this.#restLater();
  }

  /** Hears a recording for this alone. Never rejects: how it went is in its state. */
  async hear(talk: Talk, file: File, choice: SoundChoice, stated: StatedSpeakers | null = null): Promise<void> {
    if (this.#runs.has(talk.id)) return;
    const stop = this.#begin(talk.id);
    this.#afterwards += 1;
    const onProgress = this.#following(talk, stop, stated);
    const report = engine
      .soundOf(file, stop.signal, choice)
      .then((sound) => this.#teller.afterwards(sound, choice, onProgress, stop.signal))
      .finally(() => (this.#afterwards -= 1));
    await this.#finish(talk, stop, report, stated);
  }

  /**
   * Hears the sound that a job hears.
   * @param fromSample where the job goes on, of a recording that was heard until there before
   * @param signal the job was stopped, or broke off: what was heard until then is told
   * @returns a port for the job, and when all is told; null: it has to be heard afterwards
   */
  async beside(
    talk: Talk,
    fromSample: number,
    signal: AbortSignal,
  ): Promise<{ port: MessagePort; told: Promise<void> } | null> {
    if (this.#runs.has(talk.id) || this.#afterwards > 0 || !(await soon(this.#heardBeside))) return null;
    const earlier = fromSample > 0 ? ((await this.#keptOf(talk.id))?.table ?? null) : null;
    if (fromSample > (earlier?.endFrame ?? 0) * FRAME_SAMPLES + GAP_SAMPLES) return null;
    const stop = this.#begin(talk.id);
    signal.addEventListener('abort', () => stop.abort(), { once: true });
    // What they come with too late serves the next recording.
    if (!(await soon(this.#teller.ready()))) {
      this.#runs.delete(talk.id);
      this.#set(talk.id, { phase: 'off' });
      return null;
    }
    const stated = this.#kept.get(talk.id)?.stated ?? null;
    const { port, report } = this.#teller.beside(this.#following(talk, stop, stated), stop.signal, earlier);
    this.#heardBeside = report.catch(() => {});
    return { port, told: this.#finish(talk, stop, report, stated) };
  }

  /**
   * Lays what was heard on what has come to the transcript since: a job's sound is heard ahead of its words. Never rejects.
   */
  async catchUp(talk: Talk): Promise<void> {
    const kept = await this.#keptOf(talk.id);
    if (kept !== null && !this.#runs.has(talk.id))
      await this.#tryTo(talk.id, () => this.#tell(talk, kept, kept.stated));
  }

  /** What was heard until then is told. */
  stop(id: string): void {
    this.#runs.get(id)?.abort();
  }

  /** Cuts what was heard anew. Never rejects. */
  async count(talk: Talk, stated: StatedSpeakers | null): Promise<void> {
    const kept = await this.#keptOf(talk.id);
    if (kept === null || this.#runs.has(talk.id)) return;
    this.#set(talk.id, { ...toldState(kept), stated });
    await this.#tryTo(talk.id, () => this.#tell(talk, kept, stated));
  }

  /** The voice of each speaker as the transcript has them now; of a recording that was not heard there are none. */
  async voices(talk: Talk): Promise<SpeakerVoice[]> {
    const [kept, seen] = [await this.#keptOf(talk.id), talk.look()];
    if (kept === null || seen === null) return [];
    this.#restLater();
    return this.#teller.voices(kept.table, spokenIn(seen.cues).turns).catch(() => []);
  }

  #begin(id: string): AbortController {
    clearTimeout(this.#timer);
    const stop = new AbortController();
    this.#runs.set(id, stop);
    this.#set(id, { phase: 'loading' });
    return stop;
  }

  async #finish(
    talk: Talk,
    stop: AbortController,
    report: Promise<VoiceReport>,
    stated: StatedSpeakers | null,
  ): Promise<void> {
    await this.#tryTo(talk.id, async () => {
      const { table, outcome } = await report;
      await this.#tell(talk, { table, whole: outcome === 'done' }, stated);
    });
    if (this.#runs.get(talk.id) === stop) this.#runs.delete(talk.id);
    this.#restLater();
  }

  async #tryTo(id: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const { name } = asFault(error);
      const kept = this.#kept.get(id);
      if (name !== ABORTED) this.#set(id, { phase: 'failed', ...tellingFaultWords(name) });
      else this.#set(id, kept ? toldState(kept) : { phase: 'off' });
    }
  }

  async #tell(talk: Talk, heard: Heard, stated: StatedSpeakers | null): Promise<void> {
    const isThere = await this.#lay(talk, heard, stated);
    if (isThere) this.#set(talk.id, { phase: 'told', stated, whole: heard.whole !== false });
  }

  /** Tells how far a recording is heard, and lays on its transcript what is known of its speakers by then. */
  #following(talk: Talk, stop: AbortController, stated: StatedSpeakers | null): (progress: VoiceProgress) => void {
    const isHeard = () => this.#runs.get(talk.id) === stop && !stop.signal.aborted;
    const soFar = new LabelsSoFar(async () => {
      const [table, kept] = [await this.#teller.soFar(), await this.#keptOf(talk.id)];
      // Where more of it was heard before, as in what is heard again, there are better labels already.
      if (table === null || !isHeard() || table.endFrame <= (kept?.table.endFrame ?? 0)) return;
      await this.#lay(talk, { table, whole: false }, stated);
    });
    return ({ doneSeconds }) => {
      this.#set(talk.id, { phase: 'listening', doneSeconds });
      if (isHeard()) soFar.heard(doneSeconds);
    };
  }

  /**
   * Lays what was heard on the transcript, and once more where that has changed in the meantime.
   * @returns false: the transcript is gone
   */
  #lay(
    talk: Talk,
    { table, first, turns: last, whole = true }: Heard,
    stated: StatedSpeakers | null,
  ): Promise<boolean> {
    const laid = this.#turn.then(async () => {
      for (let again = true; again;) {
        const kept = await this.#keptOf(talk.id);
        const seen = talk.look();
        if (seen === null) {
          forgetVoices(talk.id).catch(() => {});
          return false;
        }
        const joins = joinsIn(seen.speakers);
        const named = kept?.first ?? kept?.turns ?? spokenIn(seen.cues).turns;
        const turns = await asManyAs(stated, joins, (cut) => this.#teller.tell(table, cut, named));
        const label = this.#teller.label.bind(this.#teller);
        const told = await toldCues(seen.cues, seen.speakers, toldIn(kept), turns, label);
        await nextTask();
        const now = talk.look();
        if (now === null) continue;
        const changes = stillMeant(told.changes, seen.cues, now.cues);
        if (changes.size > 0 || !isSameList(told.speakers, now.speakers)) talk.change(changes, told.speakers);
        again = now.cues !== seen.cues && changes.size < told.changes.size;
        // Where joining them is undone later, what was laid now is no person's word either.
        const joined = joins.size > 0 ? [[...joinedTurns(turns, joins)]] : [];
        const before = [...joined, ...toldIn(kept)].slice(0, MOST_BEFORE);
        await this.#keep(talk.id, { table, stated, turns, before, first: first ?? last ?? turns, whole });
      }
      return true;
    });
    this.#turn = laid.catch(() => {});
    return laid;
  }

  async #keptOf(id: string): Promise<KeptVoices | null> {
    return this.#kept.get(id) ?? (await voicesOf(id).catch(() => null));
  }

  async #keep(id: string, voices: KeptVoices): Promise<void> {
    this.#kept.set(id, voices);
    // Where the browser keeps nothing, they serve for this visit.
    await keepVoices(id, voices).catch(() => {});
  }

  #set(id: string, state: TellingState): void {
    this.#states = { ...this.#states, [id]: state };
  }

  /** The worker leaves memory when the model would: without work for so long. */
  #restLater(): void {
    clearTimeout(this.#timer);
    const minutes = settings.current.modelIdleMinutes;
    if (minutes === 0) return;
    this.#timer = setTimeout(() => {
      if (this.#runs.size === 0) this.#teller.end();
    }, minutes * MINUTE_MS);
  }
}

/** All that was told of a recording, the latest first. */
function toldIn(kept: KeptVoices | null): SpeakerTurn[][] {
  return kept === null ? [] : [kept.turns, ...(kept.before ?? [])];
}

/** Whether it is fulfilled in time for a job to wait for it. */
async function soon(task: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), PATIENCE_MS)));
  const done = task.then(
    () => true,
    () => false,
  );
  const answer = await Promise.race([done, late]);
  clearTimeout(timer);
  return answer;
}

function toldState({ stated, whole }: KeptVoices): Extract<TellingState, { phase: 'told' }> {
  return { phase: 'told', stated, whole: whole !== false };
}

export const telling = new Telling();
