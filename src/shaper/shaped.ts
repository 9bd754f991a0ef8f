/** A subtitle as the shaper gives it. */

/**
 * Whole milliseconds. `lines`: one or more, none empty. `words`: the pieces of the text with their times, inside the
 * subtitle's; `glue` stands before a piece, '\n' where it begins a line.
 */
export type Shaped = {
  startMs: number;
  endMs: number;
  lines: string[];
  /** Of each line, in columns. */
  widths: number[];
  speaker?: string;
  /** Most of the text is full-width: the limits for such text hold. */
  fullWidth: boolean;
  words: { startMs: number; endMs: number; text: string; glue: '' | ' ' | '\n' }[];
};
