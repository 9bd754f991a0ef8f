/**
 * Cues to the worker and back: their times go there, and the labels that come are laid on the cues here, whose texts never
 * leave this thread. Pure.
 */
import type { Cue, CueLabels, CueTimes, Word } from '../../workers/protocol.ts';

/** [from, to) among the words of a cue. */
type Range = { from: number; to: number };

/** @param cues sorted by start */
export function timesOf(cues: readonly Cue[]): CueTimes {
  const wordCounts = Uint32Array.from(cues, ({ words }) => words?.length ?? 0);
  const words = new Float64Array(2 * wordCounts.reduce((sum, count) => sum + count, 0));
  const spans = new Float64Array(2 * cues.length);
  let at = 0;
  for (const [index, cue] of cues.entries()) {
    spans[2 * index] = cue.start;
    spans[2 * index + 1] = cue.end;
    for (const { start, end } of cue.words ?? []) {
      words[at++] = start;
      words[at++] = end;
    }
  }
  return { spans, wordCounts, words };
}

/**
 * @param cues those whose times were labelled; their own `speaker` and `alsoSpeaking` are replaced
 * @returns the same words in the same order, cut where the speaker changes; what else is in a cue stays in each part of it
 */
export function labelledCues<C extends Cue>(cues: readonly C[], labels: CueLabels): C[] {
  const others = new Map<number, string[]>();
  for (let i = 0; i < labels.others.length; i += 2) {
    const name = labels.names[labels.others[i + 1]];
    others.set(labels.others[i], [...(others.get(labels.others[i]) ?? []), name]);
  }
  const named = (cue: C, part: number): C => {
    const { speaker: _, alsoSpeaking: __, ...bare } = cue;
    const speaker = labels.speakers[part];
    const also = others.get(part);
    return {
      ...bare,
      ...(speaker >= 0 && { speaker: labels.names[speaker] }),
      ...(also && { alsoSpeaking: also }),
    } as C;
  };
  let part = 0;
  return cues.flatMap((cue, index) => {
    const first = part;
    while (part < labels.cues.length && labels.cues[part] === index) part += 1;
    if (part - first <= 1) return [named(cue, first)];
    const words = cue.words ?? [];
    const ranges = Array.from(labels.ends.subarray(first, part), (to, at) => ({
      ...{ from: at === 0 ? 0 : labels.ends[first + at - 1], to },
    }));
    const texts = textsOf(cue.text, words, ranges);
    return ranges.map(({ from, to }, at) => {
      const own = words.slice(from, to);
      const start = at === 0 ? cue.start : own[0].start;
      const end = at === ranges.length - 1 ? cue.end : own.at(-1)!.end;
      return named({ ...cue, start, end, text: texts[at], words: own }, first + at);
    });
  });
}

/**
 * The cue's text cut where the parts change. The words are looked up in the text, so that its own spaces and signs stay;
 * where they are not in it (a person changed the text), the words are joined.
 */
function textsOf(text: string, words: readonly Word[], ranges: readonly Range[]): string[] {
  const starts: number[] = [];
  let at = 0;
  for (const word of words) {
    const found = text.indexOf(word.text, at);
    if (found < 0) return ranges.map(({ from, to }) => joined(words.slice(from, to)));
    starts.push(found);
    at = found + word.text.length;
  }
  return ranges.map(({ from, to }) =>
    text.slice(from === 0 ? 0 : starts[from], to === words.length ? undefined : starts[to]).trim(),
  );
}

function joined(words: readonly Word[]): string {
  return words.map(({ text }) => text.trim()).join(' ');
}
