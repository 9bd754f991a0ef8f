/** Markdown (CommonMark): the file's name as the heading, paragraphs, who speaks in bold. */
import { clock } from '../clock.ts';
import { mapping } from '../mapping.ts';
import type { Paragraph } from './paragraphs.ts';

/** Every mark that could mean something, wherever it stands: the text is seen as it is said. */
function escape(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>#|~$&!]/g, '\\$&')
    .replace(/^([-+=])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/(https?|ftp)(:\/\/)|\b(www)(\.)/gi, (all, scheme?: string, rest?: string, www?: string) =>
      // A link is made of an address by many readers; with its colon or point escaped it stays text.
      scheme !== undefined ? `${scheme}\\:${(rest ?? '').slice(1)}` : www !== undefined ? `${www}\\.` : all,
    );
}

export function* markdown(
  paragraphs: readonly Paragraph[],
  title: string,
  { times, names }: { times: boolean; names: boolean },
): Generator<void, string> {
  const longest = paragraphs.at(-1)?.end ?? 0;
  const blocks = yield* mapping(paragraphs, ({ start, name, text }) => {
    const at = times ? `\\[${clock(start, longest)}\\] ` : '';
    const who = names && name !== undefined ? `**${escape(name)}:** ` : '';
    return `${at}${who}${escape(text)}\n`;
  });
  return [`# ${escape(title)}\n`, ...blocks].join('\n');
}
