/** The text of a WebVTT cue: tags, entities, voices and times (https://www.w3.org/TR/webvtt1/, section 6.4). Pure. */
import { momentOf } from './timeline.ts';

/** `at`: seconds from which what follows is said; null: the cue's own start. */
export type VttSpan = { text: string; at: number | null };
type VttText = { spans: VttSpan[]; voice: string };

const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
};

function decoded(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{1,8});/gi, (all, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? all;
    const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : all;
  });
}

/** `<` to the next `>` is a tag; without a `>` the rest is one, as the standard says, and here it is kept as text. */
export function vttText(raw: string): VttText {
  const spans: VttSpan[] = [];
  let voice = '';
  let at: number | null = null;
  let text = '';
  let from = 0;
  const push = (): void => {
    if (text !== '') spans.push({ text: decoded(text).replace(/\\\u2060(?=[Nnh])/g, '\\'), at });
    text = '';
  };
  while (from < raw.length) {
    const open = raw.indexOf('<', from);
    const close = open < 0 ? -1 : raw.indexOf('>', open);
    if (open < 0 || close < 0) {
      text += raw.slice(from);
      break;
    }
    text += raw.slice(from, open);
    const tag = raw.slice(open + 1, close);
    const moment = /^\d/.test(tag) ? momentOf(tag) : null;
    if (moment !== null) {
      push();
      at = moment;
    } else if (/^v(?:\.[^\s]{0,100})?[ \t\n]/.test(tag) && voice === '') {
      voice = decoded(tag.replace(/^v(?:\.[^\s]{0,100})?\s+/, ''));
    }
    from = close + 1;
  }
  push();
  return { spans, voice };
}
