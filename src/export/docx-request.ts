/** What the worker is asked that makes documents for Word. Pure. */
import type { DocxRequest } from '../../workers/protocol.ts';
import { clock } from '../clock.ts';
import type { Paragraph } from './paragraphs.ts';

export function docxRequest(
  paragraphs: readonly Paragraph[],
  title: string,
  { times, names, language }: { times: boolean; names: boolean; language: string | null },
): DocxRequest {
  const longest = paragraphs.at(-1)?.end ?? 0;
  return {
    title,
    language,
    paragraphs: paragraphs.map(({ start, name, text }) => ({
      time: times ? clock(start, longest) : null,
      name: names ? (name ?? null) : null,
      text,
    })),
  };
}
