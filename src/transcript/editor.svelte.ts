/**
 * The document that a person corrects, as the page draws it: which rows are new, what can be undone, and when what was
 * changed goes to the queue and with it to the disk.
 */
import { flushSync, untrack } from 'svelte';
import type { EditableCue, Job, Speaker } from '../queue/job.ts';
import { queue } from '../queue/queue.svelte.ts';
import { atOnce, inSlices } from '../slices.ts';
import { isSameList } from '../speakers/labels.ts';
import type { Block } from './cue-order.ts';
import { TranscriptDocument } from './document.ts';
import { DrawQueue } from './draw-queue.ts';
import type { Place, StepKind } from './history.ts';

/** Typing that pauses this long goes on as a step of its own. */
const TYPING_PAUSE_MS = 1500;
/** What is typed goes to the queue this long after the last key, or when its box is left. */
const SETTLE_MS = 500;

/**
 * A block whose rows are drawn again when it changes, and only then. It has the names as its rows show them: one list that
 * all rows look at would have thousands of them asked at once when somebody is named anew.
 */
class DrawnBlock {
  readonly key: number;
  cues: readonly EditableCue[] = $state.raw([]);
  speakers: readonly Speaker[] = $state.raw([]);

  constructor({ key, cues }: Block, speakers: readonly Speaker[]) {
    this.key = key;
    this.cues = cues;
    this.speakers = speakers;
  }
}

export class Editor {
  readonly jobId: string;
  readonly #document: TranscriptDocument;
  /** Counts changes: what depends on the document looks at it. */
  #version = $state.raw(0);
  #blocks = $state.raw<readonly DrawnBlock[]>([]);
  /** The cue that a person is in, or was in last. */
  #currentId = $state.raw<string | null>(null);
  /** One list as long as nobody is named anew. */
  #speakers = $state.raw<readonly Speaker[]>([]);
  #drawn: Readonly<Partial<Record<number, DrawnBlock>>> = {};
  #regrouped = false;
  readonly #toDraw = new DrawQueue<DrawnBlock>((drawn, block) => {
    drawn.cues = block.cues;
    drawn.speakers = this.#speakers;
  });

  /** What the queue had when this editor last gave to it or took from it. */
  #seen: readonly EditableCue[];
  #seenSpeakers: readonly Speaker[];
  readonly #firstWindow: unknown;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastTyped = 0;
  /** What goes on in slices; null: nothing does. */
  #work: Generator<void, void> | null = null;

  constructor(job: Job) {
    this.jobId = job.id;
    this.#seen = job.cues;
    this.#seenSpeakers = job.speakers;
    this.#firstWindow = job.windows[0];
    this.#document = new TranscriptDocument(job.cues, job.speakers, (block) => {
      const drawn = block && this.#drawn[block.key];
      if (drawn) this.#toDraw.note(drawn, block);
      else this.#regrouped = true;
    });
    this.#speakers = job.speakers;
    this.#regroup();
    void inSlices(this.#document.cues.naming());
  }

  /** In order. */
  get blocks(): readonly DrawnBlock[] {
    return this.#blocks;
  }
  get speakers(): readonly Speaker[] {
    return this.#speakers;
  }
  get document(): TranscriptDocument {
    void this.#version;
    return this.#document;
  }
  get current(): EditableCue | null {
    void this.#version;
    return this.#currentId === null ? null : (this.#document.cues.get(this.#currentId) ?? null);
  }

  /** The person is in this cue now. */
  enter(id: string): void {
    this.#currentId = id;
  }

  /** The job was begun anew: what is corrected here is not its transcript. */
  isOf(job: Job): boolean {
    return job.id === this.jobId && (this.#firstWindow === undefined || this.#firstWindow === job.windows[0]);
  }

  /** Takes what has come to the job since: finished windows, changes that were made elsewhere. */
  take(job: Job): void {
    if (job.cues === this.#seen && job.speakers === this.#seenSpeakers) return;
    const speakers = job.speakers === this.#seenSpeakers ? undefined : job.speakers;
    this.#document.absorb(this.#seen, job.cues, speakers);
    this.#seen = job.cues;
    this.#seenSpeakers = job.speakers;
    // Who takes is drawing the page: what is long is drawn when that is over.
    this.#draw((draw) => setTimeout(draw));
  }

  /** What stands in a box while it is typed in. */
  type(id: string, text: string): void {
    this.#finish();
    const now = performance.now();
    if (now - this.#lastTyped > TYPING_PAUSE_MS) this.#document.endTyping();
    this.#lastTyped = now;
    if (!this.#document.setText(id, text, true)) return;
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.settle(), SETTLE_MS);
  }

  /** A box was left: what is typed next is a step of its own, and what was typed is kept now. */
  leave(): void {
    this.#document.endTyping();
    this.#keep();
  }

  /** Does something to the document, and keeps it. @returns what it returns */
  do<T>(change: (document: TranscriptDocument) => T): T {
    this.#finish();
    const made = change(this.#document);
    this.#draw();
    this.#keep();
    return made;
  }

  /** What is long is done in slices, and where to go on is known before its end. */
  undo(): { kind: StepKind; place: Place | null } | null {
    this.#finish();
    return this.#move(this.#document.undoing());
  }

  redo(): { kind: StepKind; place: Place | null } | null {
    this.#finish();
    return this.#move(this.#document.redoing());
  }

  /** Several texts in one step, in slices. @returns how many were other ones */
  async setTexts(texts: Iterable<{ id: string; of: string; text: string }>): Promise<number> {
    this.#finish();
    // Half of what is replaced is never on the disk, and what was typed before is.
    this.#keep();
    let changed = 0;
    const document = this.#document;
    const work = function* () {
      changed = yield* document.setTexts(texts);
    };
    await this.#inSlices(work());
    return changed;
  }

  /** Gives to the queue what was changed since the last time, and before that comes to the end of what goes on in slices. */
  settle(): void {
    this.#finish();
    this.#keep();
  }

  /** As `settle`, but what goes on in slices is given when it is whole. */
  #keep(): void {
    clearTimeout(this.#timer);
    if (this.#work !== null) return;
    const job = queue.jobs.find(({ id }) => id === this.jobId);
    if (job === undefined || !this.isOf(job)) return;
    this.take(job);
    const changes = this.#document.takeChanges();
    if (changes === null) return;
    queue.change(this.jobId, changes.cues, changes.speakers);
    const kept = queue.jobs.find(({ id }) => id === this.jobId);
    this.#seen = kept?.cues ?? [];
    this.#seenSpeakers = kept?.speakers ?? [];
  }

  #move(step: ReturnType<TranscriptDocument['undoing']>): { kind: StepKind; place: Place | null } | null {
    if (step === null) return null;
    void this.#inSlices(step.work);
    return step;
  }

  /** Changes thousands of cues. What takes less than a slice is done at once. */
  async #inSlices(work: Generator<void, void>): Promise<void> {
    const whole = this.#whole(work);
    this.#work = whole;
    await inSlices(whole);
  }

  *#whole(work: Generator<void, void>): Generator<void, void> {
    yield* work;
    this.#work = null;
    this.#draw();
    this.#keep();
  }

  /** The rest of what goes on in slices, at once: whoever changes the document finds it whole. */
  #finish(): void {
    if (this.#work !== null) atOnce(this.#work);
  }

  /** @param begin begins with thousands of rows, at once unless told; a few are drawn at once */
  #draw(begin: (draw: () => void) => void = (draw) => draw()): void {
    this.#noteNames();
    if (this.#regrouped) this.#regroup();
    const current = this.#currentId === null ? undefined : this.#document.cues.get(this.#currentId);
    const drawing = this.#toDraw.drawing(current && this.#document.cues.blockOf(current)?.key);
    if (drawing !== null) begin(() => void inSlices(flushed(drawing)));
    this.#version += 1;
  }

  /** Somebody was named anew: every row may say so. */
  #noteNames(): void {
    const { speakers, cues } = this.#document;
    if (
      isSameList(
        untrack(() => this.#speakers),
        speakers,
      )
    )
      return;
    this.#speakers = speakers;
    for (const block of cues.blocks) {
      const drawn = this.#drawn[block.key];
      if (drawn) this.#toDraw.note(drawn, block);
    }
  }

  #regroup(): void {
    const speakers = untrack(() => this.#speakers);
    const blocks = this.#document.cues.blocks.map((block) => this.#drawn[block.key] ?? new DrawnBlock(block, speakers));
    this.#drawn = Object.fromEntries(blocks.map((block) => [block.key, block]));
    this.#blocks = blocks;
    this.#toDraw.clear();
    // Who takes what has come looks at the job alone, not at what is drawn.
    untrack(() =>
      this.#document.cues.blocks.forEach((block, index) => {
        const { cues, speakers: names } = blocks[index];
        if (cues !== block.cues || names !== speakers) this.#toDraw.note(blocks[index], block);
      }),
    );
    this.#regrouped = false;
  }
}

/** Each step on the screen before the next. */
function* flushed(steps: Generator<void, void>): Generator<void, void> {
  while (steps.next().done !== true) {
    flushSync();
    yield;
  }
}

let editors: readonly Editor[] = [];

/** The editor of a job: the same one, with its steps, as long as the job is in the list. */
export function editorOf(job: Job): Editor {
  const known = editors.find(({ jobId }) => jobId === job.id);
  if (known?.isOf(job) === true) return known;
  const made = new Editor(job);
  editors = [made, ...editors.filter(({ jobId }) => jobId !== job.id && queue.jobs.some(({ id }) => id === jobId))];
  return made;
}
