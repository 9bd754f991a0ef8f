/** What can be done by keys, and by which. The keys can be changed; these are the ones to begin with. Pure. */
import { matchKeybindingPress, parseKeybinding } from 'tinykeys';
import { phrase, t, type Phrase } from '../locale/text.ts';

export type KeyAction =
  | 'play'
  | 'back'
  | 'forward'
  | 'slower'
  | 'faster'
  | 'play-cue'
  | 'next-cue'
  | 'previous-cue'
  | 'next-doubt'
  | 'previous-doubt'
  | 'undo'
  | 'redo'
  | 'insert'
  | 'delete'
  | 'start-earlier'
  | 'start-later'
  | 'end-earlier'
  | 'end-later'
  | 'speaker'
  | 'split-speaker'
  | 'find';

/** `keys` in the grammar of tinykeys; letters by their place, since with Alt held a Mac types others. */
export const ACTIONS: readonly { id: KeyAction; does: Phrase; keys: string }[] = [
  { id: 'play', does: phrase('Play or pause'), keys: 'Alt+KeyK' },
  { id: 'back', does: phrase('Back 2 seconds'), keys: 'Alt+KeyJ' },
  { id: 'forward', does: phrase('Forward 2 seconds'), keys: 'Alt+KeyL' },
  { id: 'slower', does: phrase('Slower'), keys: 'Alt+Comma' },
  { id: 'faster', does: phrase('Faster'), keys: 'Alt+Period' },
  { id: 'play-cue', does: phrase('Play from this cue'), keys: 'Alt+Enter' },
  { id: 'next-cue', does: phrase('Next cue'), keys: 'Alt+ArrowDown' },
  { id: 'previous-cue', does: phrase('Cue before'), keys: 'Alt+ArrowUp' },
  { id: 'next-doubt', does: phrase('Next doubtful word'), keys: 'Alt+KeyN' },
  { id: 'previous-doubt', does: phrase('Doubtful word before'), keys: 'Alt+Shift+KeyN' },
  { id: 'undo', does: phrase('Undo'), keys: '$mod+z' },
  { id: 'redo', does: phrase('Redo'), keys: '$mod+Shift+z' },
  { id: 'insert', does: phrase('New cue below'), keys: '$mod+Enter' },
  { id: 'delete', does: phrase('Delete the cue'), keys: '$mod+Shift+Backspace' },
  { id: 'start-earlier', does: phrase('Start 0.1 s earlier'), keys: 'Alt+BracketLeft' },
  { id: 'start-later', does: phrase('Start 0.1 s later'), keys: 'Alt+BracketRight' },
  { id: 'end-earlier', does: phrase('End 0.1 s earlier'), keys: 'Alt+Shift+BracketLeft' },
  { id: 'end-later', does: phrase('End 0.1 s later'), keys: 'Alt+Shift+BracketRight' },
  { id: 'speaker', does: phrase('Name the speaker'), keys: 'Alt+KeyP' },
  { id: 'split-speaker', does: phrase('Somebody else speaks from this cue on'), keys: 'Alt+Digit0' },
  { id: 'find', does: phrase('Find and replace'), keys: 'Alt+KeyR' },
];

/** Keys that always do the same. */
export const FIXED: readonly (readonly [keys: Phrase, does: Phrase])[] = [
  [phrase('Space'), phrase('Play or pause, outside text and buttons')],
  [phrase('Enter'), phrase('In a text: two cues from here on; at its end: the next cue')],
  [phrase('Backspace'), phrase('At the beginning of a text: one cue with the one before')],
  [phrase('Delete'), phrase('At the end of a text: one cue with the next')],
  [phrase('Esc'), phrase('Put the text back')],
  [phrase('Enter, Esc'), phrase('In the bar of a cue: back to its text, with what was typed or without')],
  [phrase('Alt 1 to 9'), phrase('Give the cue to that speaker')],
];

/** What a person has chosen; what is missing has its first keys. */
export type KeyChoices = Partial<Record<KeyAction, string>>;

/** The action that is meant by a press, or null. AltGr types letters, so nothing is meant by it. */
export function actionOf(event: KeyboardEvent, choices: KeyChoices): KeyAction | null {
  if (event.isComposing || event.getModifierState('AltGraph')) return null;
  const meant = ACTIONS.find(({ id, keys }) => {
    const presses = parseKeybinding(choices[id] ?? keys);
    return presses.length === 1 && matchKeybindingPress(event, presses[0]);
  });
  return meant?.id ?? null;
}

/** The place in the list of speakers, from 0, that a press means: Alt and a digit, unless an action has these keys. */
export function speakerPlaceOf(event: KeyboardEvent, choices: KeyChoices): number | null {
  const alone = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const [, digit] = /^Digit([1-9])$/.exec(event.code) ?? [];
  if (!alone || digit === undefined || event.isComposing || event.getModifierState('AltGraph')) return null;
  return actionOf(event, choices) === null ? Number(digit) - 1 : null;
}

const MODIFIERS = ['Control', 'Meta', 'Alt', 'Shift'] as const;

/**
 * The keys of a press, as they are kept. Null where they would not do: a modifier alone, or a key without Alt, Ctrl or Meta
 * that would be typed (function keys are not).
 */
export function keysOf(event: KeyboardEvent): string | null {
  if (MODIFIERS.some((modifier) => modifier === event.key) || event.code === '') return null;
  const held = MODIFIERS.filter((modifier) => event.getModifierState(modifier));
  const types = held.every((modifier) => modifier === 'Shift') && !/^F\d+$/.test(event.code);
  return types ? null : [...held, event.code].join('+');
}

const NAMES: Readonly<Record<string, string>> = {
  Comma: ',',
  Period: '.',
  BracketLeft: '[',
  BracketRight: ']',
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
};

/** Keys as they are shown: "Alt K". @param mac $mod is the command key there */
export function shownKeys(keys: string, mac: boolean): string {
  return keys
    .split('+')
    .map((key) => {
      if (key === '$mod') return mac ? '⌘' : t('Ctrl');
      if (key === 'Control') return t('Ctrl');
      if (key === 'Meta') return mac ? '⌘' : 'Meta';
      return NAMES[key] ?? key.replace(/^(Key|Digit)/, '').replace(/^[a-z]$/, (letter) => letter.toUpperCase());
    })
    .join(' ');
}

/** Choices out of what was kept: only known actions with keys that can be read. */
export function validKeys(kept: unknown): KeyChoices {
  if (typeof kept !== 'object' || kept === null) return {};
  const choices: KeyChoices = {};
  for (const { id } of ACTIONS) {
    const keys: unknown = (kept as Record<string, unknown>)[id];
    if (typeof keys === 'string' && /^((Control|Meta|Alt|Shift|\$mod)\+)*[A-Za-z0-9]+$/.test(keys)) choices[id] = keys;
  }
  return choices;
}

/** Whether the focus is where keys without modifiers are typed or press something. */
export function wantsKeys(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest('button, a[href], input, select, textarea, summary, [role=menuitem], dialog') !== null)
  );
}
