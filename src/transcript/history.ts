/** Steps that can be undone and redone, without limit: each has what it changed, before and after, and nothing else. */
import type { EditableCue, Speaker } from '../queue/job.ts';

/** What a step did, to be said. `outside`: the cues were changed by something else than this document's operations. */
export type StepKind =
  'text' | 'split' | 'merge' | 'insert' | 'delete' | 'times' | 'speaker' | 'replace' | 'again' | 'rules' | 'outside';

/** A place in a cue's text, in UTF-16 code units. */
export type Place = { id: string; at: number };

export type Step = {
  kind: StepKind;
  /** Each id once. null: the cue is not there. */
  cues: readonly { id: string; before: EditableCue | null; after: EditableCue | null }[];
  /** null: the names stay. */
  speakers: { before: readonly Speaker[]; after: readonly Speaker[] } | null;
  /** Where to go on, before and after. */
  places: { before: Place | null; after: Place | null };
};

export class History {
  readonly #done: Step[] = [];
  readonly #undone: Step[] = [];
  /** Further typing in the same cue belongs to the last step. */
  #open = false;

  get canUndo(): boolean {
    return this.#done.length > 0;
  }
  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** The step that would be taken back; null: there is none. */
  get last(): Step | null {
    return this.#done.at(-1) ?? null;
  }

  /** A step was made: what was undone before is no longer to be had. `open`: it may grow (`growing`). */
  add(step: Step, open = false): void {
    this.#done.push(step);
    this.#undone.length = 0;
    this.#open = open;
  }

  /**
   * A step that comes before everything a person did: of cues that are new, so no other step knows them. Those of this kind
   * stand in their own order.
   */
  addBeneath(step: Step): void {
    this.#done.splice(this.#done.findLastIndex(({ kind }) => kind === step.kind) + 1, 0, step);
  }

  /** The last step, where it is one that may still grow with a change of this cue. */
  growing(id: string): Step | null {
    const last = this.#done.at(-1);
    return this.#open && last?.cues[0]?.id === id ? last : null;
  }

  /** The last step becomes another; null: it came to nothing. */
  amend(step: Step | null): void {
    if (step === null) this.#done.pop();
    else this.#done[this.#done.length - 1] = step;
    this.#open = step !== null;
  }

  /** What is typed from here on is a step of its own. */
  close(): void {
    this.#open = false;
  }

  /** The step to take back; null: there is none. */
  undo(): Step | null {
    return this.#move(this.#done, this.#undone);
  }

  /** The step to do again; null: there is none. */
  redo(): Step | null {
    return this.#move(this.#undone, this.#done);
  }

  #move(from: Step[], to: Step[]): Step | null {
    this.#open = false;
    const step = from.pop() ?? null;
    if (step !== null) to.push(step);
    return step;
  }
}
