/**
 * "ANNA: Good morning." at the beginning of a subtitle says who speaks, where nothing else of the format can; our own SubRip
 * has it where the speaker changes. A colon stands behind many other words, too: names are taken where the file as a whole
 * leaves no doubt, and everything else stays text. Pure.
 *
 * Subtitle Edit takes capital letters and "Speaker 1" for granted and asks about the rest
 * (https://github.com/SubtitleEdit/subtitleedit/pull/14112); here a name has to come again.
 */
import { mapping } from '../mapping.ts';
import { hasCase, isName, isRole } from './name-shape.ts';
import { Cast, type Imported } from './imported.ts';

/** A text without its name. `name` is null where it begins with small letters and a colon, which a name may have as well. */
type Labelled = { name: string | null; rest: string };

/** A line up to its first colon, and what is said behind it. */
const LABEL = /^([^\n:]{2,40}):[ \u00a0\n]\s*(\S[^]*)$/;
/** One to three words of a line, as somebody may be called; words in the middle of a sentence are more. */
const LIKE_A_NAME = /^\p{Ll}[^\s.,;!?…]*(?: [^\s.,;!?…]+){0,2}$/u;
/** Captions for those who do not hear: sounds in brackets, songs, two who speak in one. They name whoever is not seen. */
const CAPTION = /^[-–—] ?\S[^]*\n[-–—] ?\S|^[[(][^\])]+[\])]$|[♪♫]/;

function labelOf(text: string): Labelled | null {
  const [, name, rest] = LABEL.exec(text) ?? [];
  if (name === undefined) return null;
  // "Genesis 1: 3" is a place in a book.
  const isPlace = /\d$/.test(name) && /^\d/.test(rest) && !isRole(name);
  if (!isPlace && isName(name)) return { name: name.trim().replace(/\s+/g, ' '), rest };
  return LIKE_A_NAME.test(name) ? { name: null, rest: text } : null;
}

/**
 * Who certainly speaks. `inTurns`: the file names a speaker where that changes, as ours does: its first text has a name, and
 * none has that of the text right before it.
 */
function customOf(labels: readonly (Labelled | null)[], hasCaptions: boolean) {
  const times = new Map<string, number>();
  let [before, isTwice, comesBack]: [string | null, boolean, boolean] = [null, false, false];
  for (const [index, label] of labels.entries()) {
    const name = label?.name ?? null;
    if (name === null) continue;
    if (labels[index - 1]?.name === name) isTwice = true;
    if (times.has(name) && before !== name) comesBack = true;
    times.set(name, (times.get(name) ?? 0) + 1);
    before = name;
  }
  const names = [...times.keys()];
  const startsNamed = (labels[0]?.name ?? null) !== null;
  const inTurns = startsNamed && !isTwice && !hasCaptions && (comesBack || names.some(isRole));
  const again = names.filter((name) => times.get(name)! > 1 && hasCase(name));
  const certain = inTurns ? names : [...names.filter(isRole), ...(again.length > 1 ? again : [])];
  return { certain: new Set(certain), inTurns };
}

/** Texts without the names of their speakers, which they have as `speaker`; all as it was where no name is certain. */
export function* namingSpeakers<C extends { text: string; speaker?: string }>(
  cues: readonly C[],
): Generator<void, { cues: C[] } & Pick<Imported, 'speakers' | 'namesInText'>> {
  const cast = new Cast();
  let hasCaptions = false;
  const labels = yield* mapping(cues, ({ text }) => {
    hasCaptions ||= CAPTION.test(text);
    return labelOf(text);
  });
  const { certain, inTurns } = customOf(labels, hasCaptions);
  if (certain.size === 0) return { cues: [...cues], speakers: [] };
  const nextName = nextNames(labels);
  let current: string | null = null;
  const named = yield* mapping(cues, (cue, index) => {
    const label = labels[index];
    const name = label?.name ?? null;
    if (label !== null && name !== null && certain.has(name)) {
      current = inTurns ? name : null;
      return { ...cue, text: label.rest, speaker: cast.id(name) };
    }
    // Nobody knows whether somebody else begins here.
    if (label !== null) current = null;
    // Whoever is named again without another one between was not who spoke between.
    if (current === null || nextName[index] === current) return cue;
    return { ...cue, speaker: cast.id(current) };
  });
  return { cues: named, speakers: cast.speakers, namesInText: true };
}

/** For each place the name that comes next; null: none does. */
function nextNames(labels: readonly (Labelled | null)[]): (string | null)[] {
  const next = Array<string | null>(labels.length).fill(null);
  for (let at = labels.length - 2; at >= 0; at -= 1) next[at] = labels[at + 1]?.name ?? next[at + 1];
  return next;
}
