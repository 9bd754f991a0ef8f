/**
 * Blocks whose cues were changed, until their rows are drawn anew: a few at once with the change, thousands of rows in
 * slices, because at once they would hold the page up for seconds. Pure.
 */
import type { Block } from './cue-order.ts';

/** So many blocks are drawn at once: what a person does to a cue changes one or two. */
export const DRAWN_AT_ONCE = 4;

/** @template Drawn what a block is on the screen */
export class DrawQueue<Drawn> {
  readonly #draw: (drawn: Drawn, block: Block) => void;
  /** Changed since `drawing` was last called. */
  readonly #changed = new Map<Drawn, Block>();
  readonly #waiting = new Map<Drawn, Block>();

  constructor(draw: (drawn: Drawn, block: Block) => void) {
    this.#draw = draw;
  }

  note(drawn: Drawn, block: Block): void {
    this.#changed.set(drawn, block);
  }

  /** All of it was drawn in another way. */
  clear(): void {
    this.#changed.clear();
    this.#waiting.clear();
  }

  /**
   * Draws what was changed, where that is little.
   * @param first the key of the block to begin with, where the person is
   * @returns the drawing of much, block by block; null: all is drawn, or an earlier drawing takes it on
   */
  drawing(first: number | undefined): Generator<void, void> | null {
    const changed = [...this.#changed];
    this.#changed.clear();
    if (changed.length <= DRAWN_AT_ONCE) {
      for (const [drawn, block] of changed) this.#put(drawn, block);
      return null;
    }
    const isDrawing = this.#waiting.size > 0;
    const at = Math.max(
      0,
      changed.findIndex(([, { key }]) => key === first),
    );
    for (const [drawn, block] of [...changed.slice(at), ...changed.slice(0, at)]) this.#waiting.set(drawn, block);
    return isDrawing ? null : this.#drawing();
  }

  *#drawing(): Generator<void, void> {
    for (const [drawn, block] of this.#waiting) {
      this.#put(drawn, block);
      yield;
    }
  }

  #put(drawn: Drawn, block: Block): void {
    this.#waiting.delete(drawn);
    this.#draw(drawn, block);
  }
}
