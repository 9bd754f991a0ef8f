/** What the dialog shows of a file before it is saved, made anew whenever the transcript or a choice changes. */
import type { Violation } from '../shaper/check.ts';
import { listing } from '../shaper/shape.ts';
import type { Shaped } from '../shaper/shaped.ts';
import { inSlices } from '../slices.ts';
import type { ExportChoices } from './export-choices.ts';
import type { ExportedJob, ExportOptions } from './exported.ts';
import { formatOf, type FormatId } from './formats.ts';
import type { Subtitle } from './subtitles.ts';
import { limitsFor, subtitlesFor, written } from './write.ts';

/** A text is shown up to here: enough to see what it is like. */
const MOST_CHARACTERS = 20_000;

export type Shown =
  | { kind: 'none' }
  | {
      kind: 'subtitles';
      subtitles: readonly Subtitle[];
      /** As they were shaped; null: the cues as they are. */
      shaped: readonly Shaped[] | null;
      /** By the subtitle's index. */
      violations: ReadonlyMap<number, readonly Violation[]>;
    }
  | { kind: 'text'; text: string; isCut: boolean };

export class Preview {
  #shown = $state.raw<Shown>({ kind: 'none' });
  #working: AbortController | null = null;

  get shown(): Shown {
    return this.#shown;
  }

  /** Makes it anew; what was being made is given up. */
  async make(job: ExportedJob, choices: ExportChoices, options: ExportOptions): Promise<void> {
    this.end();
    const working = new AbortController();
    this.#working = working;
    const shown = await made(job, choices.format, options, working.signal).catch((error: unknown) => {
      if (!working.signal.aborted) console.error(error);
      return null;
    });
    if (shown !== null && !working.signal.aborted) this.#shown = shown;
  }

  end(): void {
    this.#working?.abort();
    this.#working = null;
  }
}

async function made(job: ExportedJob, format: FormatId, options: ExportOptions, signal: AbortSignal): Promise<Shown> {
  const { group, binary } = formatOf(format);
  if (group === 'Subtitles') {
    const { subtitles, shaped } = await inSlices(subtitlesFor(job, format, options), signal);
    const limits = limitsFor(format, options.limits);
    const told = shaped === null || limits === null ? [] : await inSlices(listing(shaped, limits), signal);
    const violations = new Map(told.map((one) => [one.index, one.violations]));
    return { kind: 'subtitles', subtitles, shaped, violations };
  }
  if (binary) return { kind: 'none' };
  const text = await written(format, job, options, signal);
  signal.throwIfAborted();
  if (typeof text !== 'string') return { kind: 'none' };
  return { kind: 'text', text: text.slice(0, MOST_CHARACTERS), isCut: text.length > MOST_CHARACTERS };
}
