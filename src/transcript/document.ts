/**
 * A transcript that is being corrected: cues in their order, who speaks, and every change of them as a step that can be
 * undone. An operation costs O(log n) in the number of cues, and keeps what it changed, not what it left. Pure.
 *
 * A running job may put in more cues at any time (`absorb`): steps know cues by name, so nothing that comes changes what
 * a step does.
 */
import type { CueChanges, EditableCue, Speaker } from '../queue/job.ts';
import { absorbed } from './absorb.ts';
import { mergeCues, splitCue, withSpeaker, withText, withTimes } from './cue-change.ts';
import { nameBetween } from './cue-ids.ts';
import { CueOrder, MOST_CUES, type Block } from './cue-order.ts';
import { History, type Place, type Step, type StepKind } from './history.ts';
import { atOnce } from '../slices.ts';
import { asHeard } from '../words/rules.ts';
import { endOfChange, toMilliseconds } from '../words/word-times.ts';

/** Seconds that a new cue lasts, where there is room for it. */
const NEW_CUE_SECONDS = 2;

/** So many cues are changed between two looks at the clock: as many as are drawn together, some milliseconds of work. */
const DRAWN_TOGETHER = MOST_CUES / 2;

/** A step that is taken back or done again: where to go on after it, and the work, which changes cues as it goes. */
type Moved = { kind: StepKind; place: Place | null; work: Generator<void, void> };

function moved(step: Moved | null): Omit<Moved, 'work'> | null {
  if (step === null) return null;
  const { work, ...told } = step;
  atOnce(work);
  return told;
}

export class TranscriptDocument {
  readonly #order: CueOrder;
  readonly #history = new History();
  readonly #tell: (block: Block | null) => void;
  #speakers: readonly Speaker[];
  readonly #unsaved = new Map<string, EditableCue | null>();
  #speakersUnsaved = false;

  /**
   * @param cues sorted, each id once
   * @param tell hears of each block whose cues are others; null: the blocks themselves, or the speakers, are others
   */
  constructor(
    cues: readonly EditableCue[],
    speakers: readonly Speaker[] = [],
    tell: (block: Block | null) => void = () => {},
  ) {
    this.#order = new CueOrder(cues, tell);
    this.#speakers = speakers;
    this.#tell = tell;
    this.#noteRules(cues);
  }

  /** The cues, to be read: only operations change them. */
  get cues(): Omit<CueOrder, 'set'> {
    return this.#order;
  }
  get speakers(): readonly Speaker[] {
    return this.#speakers;
  }
  get canUndo(): boolean {
    return this.#history.canUndo;
  }
  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  // ── operations ─────────────────────────────────────────────────────────────────────────────────────────────
  // What names a cue that is not there, or changes nothing, does nothing.

  /**
   * @param typing the change goes on with the last one, if that was in the same cue and `endTyping` was not called since:
   *   together they are one step, and words get their times from the text before both
   */
  setText(id: string, text: string, typing = false): boolean {
    const cue = this.#order.get(id);
    if (cue === undefined || cue.text === text) return false;
    const growing = typing ? this.#history.growing(id) : null;
    const first = growing?.cues[0].before ?? cue;
    const isBack = text === first.text;
    const step: Step = {
      kind: 'text',
      cues: [{ id, before: first, after: isBack ? first : withText(first, text) }],
      speakers: null,
      places: {
        before: { id, at: endOfChange(text, first.text) },
        after: { id, at: endOfChange(first.text, text) },
      },
    };
    if (growing !== null) this.#history.amend(isBack ? null : step);
    else this.#history.add(step, typing);
    this.#apply(step, 'after');
    return true;
  }

  /** Undoes what was typed in a cue, back to this text; what was done before stays. */
  takeBackTyping(id: string, text: string): void {
    while (this.#history.last?.kind === 'text' && this.#history.last.cues[0].id === id) {
      if (this.#order.get(id)?.text === text) return;
      this.undo();
    }
  }

  /** What is typed next is a step of its own. */
  endTyping(): void {
    this.#history.close();
  }

  /**
   * @param at a place in the text, in UTF-16 code units; inside a character it is before it
   * @returns the name of the second half; null where there is nothing on one side of it
   */
  split(id: string, at: number): string | null {
    const cue = this.#order.get(id);
    if (cue === undefined) return null;
    const place = /[\uD800-\uDBFF]/.test(cue.text[at - 1] ?? '') ? at - 1 : at;
    const second = this.#nameBehind(cue);
    const halves = splitCue(cue, place, second);
    if (halves === null) return null;
    this.#do('split', [halves[0], halves[1]], { before: { id, at: place }, after: { id: second, at: 0 } });
    return second;
  }

  /** @returns where the two now meet; null where there is none before it */
  mergeWithPrevious(id: string): Place | null {
    const cue = this.#order.get(id);
    const previous = cue && this.#order.neighbour(cue, -1);
    if (cue === undefined || previous === null || previous === undefined) return null;
    const merged = mergeCues(previous, cue);
    const place = { id: previous.id, at: merged.seam };
    this.#do('merge', [merged.cue], { before: { id, at: 0 }, after: place }, [id]);
    return place;
  }

  /** @param after the cue before it; null: at the beginning. @returns its name */
  insert(after: string | null, language: string): string {
    const previous = after === null ? null : (this.#order.get(after) ?? null);
    const next = previous === null ? this.#order.first() : this.#order.neighbour(previous, 1);
    const latest = next?.start ?? Infinity;
    const start = Math.min(previous?.end ?? 0, latest);
    const id = nameBetween(previous?.id ?? null, next?.id ?? null, (name) => this.#order.get(name) !== undefined);
    const speaker = previous?.speaker ?? next?.speaker;
    const cue: EditableCue = {
      id,
      start,
      end: toMilliseconds(Math.min(start + NEW_CUE_SECONDS, Math.max(start, latest))),
      text: '',
      edited: true,
      language: previous?.language ?? next?.language ?? language,
      ...(speaker !== undefined && { speaker }),
    };
    const before = previous === null ? null : { id: previous.id, at: previous.text.length };
    this.#do('insert', [cue], { before, after: { id, at: 0 } });
    return id;
  }

  /** @returns where to go on: the cue behind them, or before; null where none is left */
  delete(ids: Iterable<string>): Place | null {
    const there = [...new Set(ids)].filter((id) => this.#order.get(id) !== undefined);
    if (there.length === 0) return null;
    const last = this.#order.get(there[there.length - 1])!;
    const first = this.#order.get(there[0])!;
    const gone = new Set(there);
    let beside = this.#order.neighbour(last, 1);
    if (beside === null || gone.has(beside.id)) beside = this.#order.neighbour(first, -1);
    const after = beside === null || gone.has(beside.id) ? null : { id: beside.id, at: 0 };
    this.#do('delete', [], { before: { id: first.id, at: 0 }, after }, there);
    return after;
  }

  /** Seconds. The cue goes where its new start belongs. */
  setTimes(id: string, start: number, end: number): boolean {
    const cue = this.#order.get(id);
    if (cue === undefined || !Number.isFinite(start) || !Number.isFinite(end)) return false;
    const timed = withTimes(cue, start, end);
    if (timed.start === cue.start && timed.end === cue.end) return false;
    return this.#do('times', [timed], { before: { id, at: 0 }, after: { id, at: 0 } });
  }

  /** @param speaker undefined: nobody is named */
  setSpeaker(ids: Iterable<string>, speaker: string | undefined): boolean {
    const changed = [...new Set(ids)].flatMap((id) => {
      const cue = this.#order.get(id);
      return cue === undefined || cue.speaker === speaker ? [] : [withSpeaker(cue, speaker)];
    });
    return this.changeSpeakers(changed, null);
  }

  /**
   * These cues in the place of those of their names, and the list of speakers, in one step.
   * @param speakers null: the names stay
   */
  changeSpeakers(changed: readonly EditableCue[], speakers: readonly Speaker[] | null): boolean {
    if (changed.length === 0 && speakers === null) return false;
    const place = changed.length === 1 ? { id: changed[0].id, at: 0 } : null;
    const renamed = speakers === null ? null : { before: this.#speakers, after: speakers };
    return this.#do('speaker', changed, { before: place, after: place }, [], renamed);
  }

  /** What was heard again, where one's own spellings had changed it. */
  putBackHeard(id: string): boolean {
    const cue = this.#order.get(id);
    if (cue?.heard === undefined) return false;
    return this.#do('replace', [asHeard(cue)], { before: { id, at: 0 }, after: { id, at: 0 } });
  }

  /**
   * Several texts in one step: it grows while this goes on, so that a part of the cues may be drawn before the rest is changed.
   * A cue that says something else than `of` is left as it is. Nothing but `absorb` may be called before the end.
   * @returns how many were other ones
   */
  *setTexts(texts: Iterable<{ id: string; of: string; text: string }>): Generator<void, number> {
    const changes: Step['cues'][number][] = [];
    for (const { id, of, text } of texts) {
      const before = this.#order.get(id);
      if (before === undefined || before.text !== of || of === text) continue;
      const change = { id, before, after: withText(before, text) };
      changes.push(change);
      if (changes.length === 1)
        this.#history.add({ kind: 'replace', cues: changes, speakers: null, places: { before: null, after: null } });
      this.#put(change, 'after');
      if (changes.length % DRAWN_TOGETHER === 0) yield;
    }
    return changes.length;
  }

  /** Other cues in the place of some, in one step. The new ones get names of their own. */
  exchange(ids: readonly string[], cues: readonly Omit<EditableCue, 'id'>[]): boolean {
    const gone = ids.filter((id) => this.#order.get(id) !== undefined);
    if (gone.length + cues.length === 0) return false;
    const taken = new Set<string>();
    const put = cues.map((cue): EditableCue => {
      const before = this.#order.lastFrom(cue.start)?.id ?? null;
      const id = nameBetween(before, null, (name) => taken.has(name) || this.#order.get(name) !== undefined);
      taken.add(id);
      return { ...cue, id };
    });
    const first = gone.length === 0 ? null : { id: gone[0], at: 0 };
    return this.#do('again', put, { before: first, after: put.length === 0 ? null : { id: put[0].id, at: 0 } }, gone);
  }

  // ── back and forth ─────────────────────────────────────────────────────────────────────────────────────────

  /** @returns what is taken back when `work` has come to its end, as in `setTexts`; null: nothing was left */
  undoing(): Moved | null {
    const step = this.#history.undo();
    return step && { kind: step.kind, place: step.places.before, work: this.#applying(step, 'before') };
  }

  /** @returns what is done again when `work` has come to its end, as in `setTexts`; null: nothing was left */
  redoing(): Moved | null {
    const step = this.#history.redo();
    return step && { kind: step.kind, place: step.places.after, work: this.#applying(step, 'after') };
  }

  /** @returns what was taken back; null: nothing was left */
  undo(): Omit<Moved, 'work'> | null {
    return moved(this.undoing());
  }

  /** @returns what was done again; null: nothing was left */
  redo(): Omit<Moved, 'work'> | null {
    return moved(this.redoing());
  }

  // ── from outside, to the outside ───────────────────────────────────────────────────────────────────────────

  /**
   * Takes what has happened elsewhere. Cues that a running job has heard are put in; one that was changed, split or taken
   * out there is so here, as a step. What was changed here and there stays as it is here.
   * @param seen the cues there as they were when this document last gave to them or took from them
   * @param now the cues there, sorted
   */
  absorb(seen: readonly EditableCue[], now: readonly EditableCue[], speakers = this.#speakers): void {
    const { heard, changed, removed, kept } = absorbed((id) => this.#order.get(id), this.#unsaved.keys(), seen, now);
    for (const cue of heard) this.#order.set(cue.id, cue);
    this.#noteRules(heard);
    const renamed = speakers === this.#speakers ? null : { before: this.#speakers, after: speakers };
    if (changed.length + removed.length > 0 || renamed !== null) {
      this.#do('outside', changed, undefined, removed, renamed);
      for (const id of [...changed.map((cue) => cue.id), ...removed]) this.#unsaved.delete(id);
      if (renamed !== null) this.#speakersUnsaved = false;
    }
    for (const id of kept) this.#unsaved.set(id, this.#order.get(id) ?? null);
  }

  /** What was changed since this was last called; null: nothing. */
  takeChanges(): { cues: CueChanges; speakers: readonly Speaker[] } | null {
    if (this.#unsaved.size === 0 && !this.#speakersUnsaved) return null;
    const cues = new Map(this.#unsaved);
    this.#unsaved.clear();
    this.#speakersUnsaved = false;
    return { cues, speakers: this.#speakers };
  }

  /** What the person's own spellings have changed can be undone, too: when nothing else is left to undo. */
  #noteRules(cues: readonly EditableCue[]): void {
    const ruled = cues.filter(({ heard }) => heard !== undefined);
    if (ruled.length === 0) return;
    const place = { id: ruled[0].id, at: 0 };
    this.#history.addBeneath({
      kind: 'rules',
      cues: ruled.map((cue) => ({ id: cue.id, before: asHeard(cue), after: cue })),
      speakers: null,
      places: { before: place, after: place },
    });
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

  #do(
    kind: StepKind,
    put: readonly EditableCue[],
    places: Step['places'] = { before: null, after: null },
    gone: readonly string[] = [],
    speakers: Step['speakers'] = null,
  ): true {
    const changed = put.map((after) => ({ id: after.id, before: this.#order.get(after.id) ?? null, after }));
    const removed = gone.map((id) => ({ id, before: this.#order.get(id) ?? null, after: null }));
    const step = { kind, cues: [...changed, ...removed], speakers, places };
    this.#history.add(step);
    this.#apply(step, 'after');
    return true;
  }

  #apply(step: Step, side: 'before' | 'after'): void {
    atOnce(this.#applying(step, side));
  }

  *#applying(step: Step, side: 'before' | 'after'): Generator<void, void> {
    for (const [index, change] of step.cues.entries()) {
      this.#put(change, side);
      if (index % DRAWN_TOGETHER === DRAWN_TOGETHER - 1) yield;
    }
    if (step.speakers === null) return;
    this.#speakers = step.speakers[side];
    this.#speakersUnsaved = true;
    this.#tell(null);
  }

  #put(change: Step['cues'][number], side: 'before' | 'after'): void {
    this.#order.set(change.id, change[side]);
    this.#unsaved.set(change.id, change[side]);
  }

  #nameBehind(cue: EditableCue): string {
    const next = this.#order.neighbour(cue, 1);
    return nameBetween(cue.id, next?.id ?? null, (name) => this.#order.get(name) !== undefined);
  }
}
