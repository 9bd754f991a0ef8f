/** The text of a batch of encoded windows, with Whisper's second tries. */
import type { Tensor } from 'onnxruntime-common';
import { gatherRows } from '../whisper/cache';
import { decodeBatch, detectLanguages, type DecodedRow, type LanguageGuess } from '../whisper/decode';
import {
  compressionRatio,
  doubtOf,
  failed,
  leastBad,
  mayEndAt,
  seededRandom,
  TEMPERATURES,
  unforced,
  upTo,
  withinSpeech,
  type Attempt,
} from '../whisper/fallback';
import { isNumbers, likeliest, type Language, type LanguageTrack } from '../whisper/language';
import { lengthOf, speechSecondsOf, type JobContext, type Prepared } from './context';
import { unheard } from './leftovers';
import { glossaryOf, promptFor } from './prompt';

/** Partial text goes out ten times a second at most. */
const PARTIAL_MS = 100;

/** Told while windows are heard. `start`: seconds of the file. */
export type OnPartial = (start: number, text: string) => void;

/**
 * The language of each window of a batch: the person's choice, the one given (windows that are heard again), or told by
 * the windows themselves in the order of the file.
 */
export type Languages = { given: readonly Language[] } | { track: LanguageTrack };

/** `counted`: the window has told the track of languages its own. */
export type Written = { attempt: Attempt; language: Language; counted: boolean };

/**
 * Writes at temperature 0, and the rows that fail again at higher ones.
 * @param hidden encoder output of the group, [rows, positions, width]
 * @returns per window; null when stopped
 */
export async function write(
  context: JobContext,
  hidden: Tensor,
  group: readonly Prepared[],
  languages: Languages,
  onPartial: OnPartial,
): Promise<Written[] | null> {
  const { model, request, safetyNets, stopped, counts } = context;
  const { sampleRate } = model.mel;
  const attempts: Attempt[][] = group.map(() => []);
  const { chosen, counted, onLanguages } = await languagesOf(context, hidden, group, languages);
  let rows = group.map((_, row) => row);
  let partialMs = -Infinity;

  for (const temperature of safetyNets ? TEMPERATURES : [0]) {
    if (stopped()) return null;
    const some = rows.length < group.length;
    const input = some ? gatherRows(model, hidden, rows) : hidden;
    try {
      const decoded = await decodeBatch(model, input, {
        prompts: rows.map((row) => promptFor(model, request, chosen[row].language)),
        ...(temperature === 0 && onLanguages && { onLanguages }),
        temperature,
        // The same draw for the same window, whatever batch it is in.
        randoms: rows.map((row) => seededRandom(group[row].window.pieces[0].start + Math.round(temperature * 10))),
        stopLoops: safetyNets,
        stopped,
        ...(safetyNets && {
          mayEnd: (position: number, seconds: number) => mayEndAt(group[rows[position]].speech, seconds),
        }),
        onStep: () => {
          counts.decoderSteps += 1;
        },
        onTokens: (position, tokens) => {
          counts.tokens += 1;
          // Only the earliest window of the batch is shown while it is heard.
          if (position !== 0 || performance.now() - partialMs < PARTIAL_MS) return;
          const text = model.text.decode(tokens).trim();
          if (text === '') return;
          partialMs = performance.now();
          onPartial(group[rows[0]].window.pieces[0].start / sampleRate, text);
        },
      });
      if (stopped()) return null;
      for (const [position, row] of rows.entries()) {
        // What is heard again has no third time: all of it is kept, and marked where it is unlikely.
        const last = 'given' in languages || !safetyNets;
        const kept = last ? decoded[position] : trusted(model, group[row], decoded[position]);
        attempts[row].push(await judged(model, kept, temperature));
      }
    } finally {
      if (some) input.dispose();
    }
    rows = rows.filter((row) => failed(attempts[row].at(-1)!, speechSecondsOf(group[row])));
    if (rows.length === 0) break;
  }
  return Promise.all(
    attempts.map(async (list, row) => {
      const last = list.at(-1)!;
      const { speech, seconds } = group[row];
      const told = { language: chosen[row], counted: counted.has(row) };
      if (!safetyNets || !failed(last, speechSecondsOf(group[row]))) return { attempt: last, ...told };
      const best = leastBad(list);
      if (doubtOf(best) !== 'repetition') return { attempt: best, ...told };
      const cut = withinSpeech(best, speech ? lengthOf(speech) : seconds, model.text, model.tokens);
      // What was cut off made it a repetition, and what is left of one is still to be looked at.
      const attempt = cut === best ? best : { ...(await judged(model, cut, best.temperature)), ended: 'loop' as const };
      return { attempt, ...told };
    }),
  );
}

/**
 * A row that ran out of tokens, without the sentence it was in: nobody knows how much of the speech behind its last time
 * that sentence holds. The rest is heard again from there, where there is enough of it to be heard again.
 */
function upToLastTime({ tokens: special }: JobContext['model'], row: DecodedRow): DecodedRow {
  if (row.ended !== 'length') return row;
  const words = row.tokens.findIndex((id) => id < special.endOfText);
  const at = row.tokens.findLastIndex((id) => id >= special.timestampBegin);
  return words < 0 || at < words ? row : upTo(row, at + 1);
}

/** A row without the end that is not to be trusted, where what is taken off will be heard again: else it would be lost. */
function trusted(model: JobContext['model'], { speech }: Prepared, row: DecodedRow): DecodedRow {
  const kept = upToLastTime(model, unforced(row, model.tokens));
  if (kept.tokens.length === row.tokens.length || speech === null) return row;
  const { timestampBegin } = model.tokens;
  const end =
    ((kept.tokens.findLast((id) => id >= timestampBegin) ?? timestampBegin) - timestampBegin) * model.timeStep;
  return unheard(speech, [{ start: 0, end }]).length > 0 ? kept : row;
}

async function judged(model: JobContext['model'], row: DecodedRow, temperature: number): Promise<Attempt> {
  const text = model.text.decode(row.tokens).trim();
  return { ...row, text, compressionRatio: await compressionRatio(text), temperature };
}

type Chosen = {
  /** Per window; `onLanguages` may change it. */
  chosen: Language[];
  /** Rows that the track of languages has heard of, as `chosen` does. */
  counted: Set<number>;
  /** For the first decoding; undefined: the languages are settled. */
  onLanguages?: (guesses: LanguageGuess[]) => number[][];
};

async function languagesOf(
  { model, request, counts }: JobContext,
  hidden: Tensor,
  group: readonly Prepared[],
  languages: Languages,
): Promise<Chosen> {
  const all = (language: Language): Language[] => group.map(() => language);
  const counted = new Set<number>();
  if (model.tokens.languages.size === 0) return { chosen: all({ language: 'en', probability: 1 }), counted };
  if (request.language !== null) return { chosen: all({ language: request.language, probability: 1 }), counted };
  if ('given' in languages) return { chosen: [...languages.given], counted };
  const { track } = languages;
  const told = (guesses: LanguageGuess[]): Language[] =>
    guesses.map((guess, row) => {
      const settled = track.next(guess, speechSecondsOf(group[row]));
      if (isNumbers(guess)) counted.add(row);
      const own = likeliest(guess.languages);
      // A guess without numbers has no likeliest language, and a prompt without one is shorter than the others'.
      return request.languagePerWindow && own.language !== '' ? own : settled;
    });
  if (glossaryOf(model, request).length > 0) {
    // A language is told from the sound alone: what is said after a glossary begins with that.
    counts.decoderSteps += 1;
    return { chosen: told(await detectLanguages(model, hidden, group.length)), counted };
  }
  // Before the first window a guess: where it is wrong, the prompt is taken in once more.
  const [first] = model.tokens.languages.keys();
  const chosen = all(track.assumed ?? { language: model.tokens.languages.has('en') ? 'en' : first, probability: 0 });
  return {
    ...{ chosen, counted },
    onLanguages(guesses) {
      chosen.splice(0, chosen.length, ...told(guesses));
      return chosen.map(({ language }) => promptFor(model, request, language));
    },
  };
}
