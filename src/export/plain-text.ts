/** The words alone, to read or to paste. */
import type { Cue } from '../../workers/protocol.ts';
import { clock } from '../clock.ts';
import { mapping } from '../mapping.ts';
import { atOnce } from '../slices.ts';
import { gathering } from './paragraphs.ts';
import type { Speaker } from './speakers.ts';

type PlainTextOptions = {
  /** "[0:07] " before each paragraph. */
  times?: boolean;
  /** False: a line for each cue, no blank lines. */
  paragraphs?: boolean;
  /** False: who speaks is not said. */
  names?: boolean;
  speakers?: readonly Speaker[] | undefined;
};

/**
 * @param language ISO code, or null when unknown: decides whether a space stands between two cues, where the cue itself
 * does not say what it is in
 */
export function* writingPlainText(
  cues: readonly (Cue & { language?: string })[],
  language: string | null,
  { times = false, paragraphs = true, names = true, speakers }: PlainTextOptions = {},
): Generator<void, string> {
  const longest = cues.at(-1)?.end ?? 0;
  const gathered = yield* gathering(cues, { language, paragraphs, speakers });
  const blocks = yield* mapping(gathered, ({ start, name, text }) => {
    const at = times ? `[${clock(start, longest)}] ` : '';
    const who = names && name !== undefined ? `${name}: ` : '';
    return `${at}${who}${text}\n`;
  });
  return blocks.join(paragraphs ? '\n' : '');
}

/** At once: browsers let a page write to the clipboard only while a press is fresh. */
export function plainText(...of: Parameters<typeof writingPlainText>): string {
  return atOnce(writingPlainText(...of));
}
