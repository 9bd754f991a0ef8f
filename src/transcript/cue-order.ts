/**
 * Cues in their order, in blocks, so that no change copies or compares all of them: a cue is found in O(log n), and
 * changed by copying its block. A block is an array that is never written to: whoever draws it sees by its identity
 * whether anything in it is new.
 */
import { mapping } from '../mapping.ts';
import { atOnce } from '../slices.ts';
import { compareCues, type EditableCue } from '../queue/job.ts';

/** A block is cut in two when it has more. Between half of it and this many rows are drawn as one. */
export const MOST_CUES = 64;

export type Block = { readonly key: number; cues: readonly EditableCue[] };

export class CueOrder {
  readonly #blocks: Block[] = [];
  readonly #named = new Map<string, EditableCue>();
  /** Gives cues their places in `#named`; null: all have them. */
  #naming: Generator<void, void> | null;
  readonly #tell: (block: Block | null) => void;
  #keys = 0;

  /**
   * @param cues sorted (`inOrder`), each id once
   * @param tell hears of each block whose cues are others; null: the blocks themselves are others
   */
  constructor(cues: readonly EditableCue[], tell: (block: Block | null) => void = () => {}) {
    this.#tell = tell;
    for (let from = 0; from < cues.length; from += MOST_CUES / 2) {
      this.#blocks.push({ key: this.#keys++, cues: cues.slice(from, from + MOST_CUES / 2) });
    }
    this.#naming = this.#name(cues);
  }

  /** Names are found before this has come to its end, too; that of 100,000 cues would hold the page up for 40 ms. */
  *naming(): Generator<void, void> {
    while (this.#naming?.next().done === false) yield;
  }

  *#name(cues: readonly EditableCue[]): Generator<void, void> {
    yield* mapping(cues, (cue) => this.#named.set(cue.id, cue));
    this.#naming = null;
  }

  get #byId(): Map<string, EditableCue> {
    if (this.#naming !== null) atOnce(this.#naming);
    return this.#named;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** In order, none of them empty. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  get(id: string): EditableCue | undefined {
    return this.#byId.get(id);
  }

  /** All of them, in order. O(n). */
  toArray(): EditableCue[] {
    return this.#blocks.flatMap(({ cues }) => cues);
  }

  first(): EditableCue | null {
    return this.#blocks[0]?.cues[0] ?? null;
  }

  /** The one behind, or before (`by` -1); null at the end. */
  neighbour(cue: EditableCue, by: 1 | -1): EditableCue | null {
    const { block, index } = this.#place(cue);
    const inside = this.#blocks[block]?.cues[index + by];
    if (inside !== undefined) return inside;
    const beside = this.#blocks[block + by]?.cues;
    return beside?.at(by === 1 ? 0 : -1) ?? null;
  }

  /** The last one that begins at or before this many seconds; null: none does. */
  lastFrom(seconds: number): EditableCue | null {
    const block = this.#blocks[firstIndex(this.#blocks.length, (at) => this.#blocks[at].cues[0].start > seconds) - 1];
    if (block === undefined) return null;
    return block.cues[firstIndex(block.cues.length, (at) => block.cues[at].start > seconds) - 1] ?? null;
  }

  /** The block that has this cue. */
  blockOf(cue: EditableCue): Block | undefined {
    return this.#blocks[this.#place(cue).block];
  }

  /** Puts a cue in, or in the place of the one of this name. null: takes it out. */
  set(id: string, cue: EditableCue | null): void {
    const old = this.#byId.get(id);
    if (old !== undefined && cue !== null && compareCues(old, cue) === 0) {
      const { block, index } = this.#place(old);
      this.#write(block, this.#blocks[block].cues.with(index, cue));
      this.#byId.set(id, cue);
      return;
    }
    if (old !== undefined) this.#remove(old);
    if (cue !== null) this.#insert(cue);
  }

  #remove(cue: EditableCue): void {
    const { block, index } = this.#place(cue);
    this.#byId.delete(cue.id);
    const cues = this.#blocks[block].cues.toSpliced(index, 1);
    if (cues.length > 0) {
      this.#write(block, cues);
    } else {
      this.#blocks.splice(block, 1);
      this.#tell(null);
    }
  }

  #insert(cue: EditableCue): void {
    this.#byId.set(cue.id, cue);
    if (this.#blocks.length === 0) {
      this.#blocks.push({ key: this.#keys++, cues: [cue] });
      this.#tell(null);
      return;
    }
    const { block, index } = this.#place(cue);
    const cues = this.#blocks[block].cues.toSpliced(index, 0, cue);
    // At the end, where a running job puts them, blocks are filled instead of halved.
    const cut = index === MOST_CUES && block === this.#blocks.length - 1 ? MOST_CUES : cues.length >> 1;
    this.#write(block, cues.length > MOST_CUES ? cues.slice(0, cut) : cues);
    if (cues.length > MOST_CUES) {
      this.#blocks.splice(block + 1, 0, { key: this.#keys++, cues: cues.slice(cut) });
      this.#tell(null);
    }
  }

  #write(block: number, cues: readonly EditableCue[]): void {
    this.#blocks[block].cues = cues;
    this.#tell(this.#blocks[block]);
  }

  /** Where a cue is, or would be put. */
  #place(cue: EditableCue): { block: number; index: number } {
    const behind = firstIndex(this.#blocks.length, (at) => compareCues(this.#blocks[at].cues[0], cue) > 0);
    const block = Math.max(0, behind - 1);
    const cues = this.#blocks[block]?.cues ?? [];
    return { block, index: firstIndex(cues.length, (at) => compareCues(cues[at], cue) >= 0) };
  }
}

/** The first of `length` places where something holds that also holds at all behind it; `length`: nowhere. */
function firstIndex(length: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
