/**
 * The document that a person corrects, as the page draws it: which rows are new, what can be undone, and when what was
 * changed goes to the queue and with it to the disk.
 */
import { untrack } from 'svelte';
import type { EditableCue, Job, Speaker } from '../queue/job.ts';
import { queue } from '../queue/queue.svelte.ts';
import type { Block } from './cue-order.ts';
import { TranscriptDocument } from './document.ts';
import type { Place, StepKind } from './history.ts';

/** Typing that pauses this long goes on as a step of its own. */
const TYPING_PAUSE_MS = 1500;
/** What is typed goes to the queue this long after the last key, or when its box is left. */
const SETTLE_MS = 500;

/** A change from outside may be of every row, and two thousand rows at once hold the page up: they are drawn by so many blocks. */
const BLOCKS_A_FRAME = 4;

/** A block whose rows are drawn again when it changes, and only then. */
class DrawnBlock {
  readonly key: number;
  cues: readonly EditableCue[] = $state.raw([]);

  constructor(key: number) {
    this.key = key;
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
  /** Drawn with every row: one list as long as nobody is named anew. */
  #speakers = $state.raw<readonly Speaker[]>([]);
  #drawn: Readonly<Partial<Record<number, DrawnBlock>>> = {};
  #regrouped = false;
  /** What is changed now comes from outside: its rows may be drawn a little later. */
  #taking = false;
  /** Some rows are not drawn yet as they are. */
  #late = false;

  /** What the queue had when this editor last gave to it or took from it. */
  #seen: readonly EditableCue[];
  #seenSpeakers: readonly Speaker[];
  readonly #firstWindow: unknown;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastTyped = 0;

  constructor(job: Job) {
    this.jobId = job.id;
    this.#seen = job.cues;
    this.#seenSpeakers = job.speakers;
    this.#firstWindow = job.windows[0];
    this.#document = new TranscriptDocument(job.cues, job.speakers, (block) => {
      const drawn = block && this.#drawn[block.key];
      if (!drawn) this.#regrouped = true;
      else if (!this.#taking) drawn.cues = block.cues;
    });
    this.#regroup();
    this.#catchUp(Infinity);
    this.#speakers = job.speakers;
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
    this.#taking = true;
    this.#document.absorb(this.#seen, job.cues, speakers);
    this.#taking = false;
    this.#seen = job.cues;
    this.#seenSpeakers = job.speakers;
    this.#draw();
    this.#catchUp(BLOCKS_A_FRAME);
  }

  /** What stands in a box while it is typed in. */
  type(id: string, text: string): void {
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
    this.settle();
  }

  /** Does something to the document, and keeps it. @returns what it returns */
  do<T>(change: (document: TranscriptDocument) => T): T {
    const made = change(this.#document);
    const regrouped = this.#regrouped;
    this.#draw();
    if (regrouped) this.#catchUp(Infinity);
    this.settle();
    return made;
  }

  undo(): { kind: StepKind; place: Place | null } | null {
    return this.do((document) => document.undo());
  }

  redo(): { kind: StepKind; place: Place | null } | null {
    return this.do((document) => document.redo());
  }

  /** Gives to the queue what was changed since the last time. */
  settle(): void {
    clearTimeout(this.#timer);
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

  #draw(): void {
    if (this.#regrouped) this.#regroup();
    this.#speakers = this.#document.speakers;
    this.#version += 1;
  }

  #regroup(): void {
    const blocks = this.#document.cues.blocks.map(({ key }) => this.#drawn[key] ?? new DrawnBlock(key));
    this.#drawn = Object.fromEntries(blocks.map((block) => [block.key, block]));
    this.#blocks = blocks;
    this.#regrouped = false;
  }

  /** Draws the rows of so many blocks as they are now, and the others in the frames that follow. */
  #catchUp(count: number): void {
    const isLate = ({ key, cues }: Block) => this.#drawn[key] !== undefined && this.#drawn[key].cues !== cues;
    // Who takes what has come looks at the job alone, not at what is drawn.
    const late = untrack(() => this.#document.cues.blocks.filter(isLate));
    const waits = this.#late;
    for (const { key, cues } of late.slice(0, count)) this.#drawn[key]!.cues = cues;
    this.#late = late.length > count;
    if (!this.#late || waits) return;
    requestAnimationFrame(() => {
      this.#late = false;
      this.#catchUp(BLOCKS_A_FRAME);
    });
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
