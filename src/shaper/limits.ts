/**
 * What subtitles must keep to, and the presets. Sizes are in columns: a character as a person sees it (a grapheme) is
 * one column wide, a full-width one (East Asian Wide or Fullwidth, emoji) two.
 */
import { phrase, type Phrase } from '../locale/text.ts';

export type Limits = {
  /** Columns a line. 0: no limit. */
  charactersPerLine: number;
  /** The same where most of the text is full-width, counted in full-width characters. 0: no limit. */
  fullWidthPerLine: number;
  /** Lines a subtitle, 1 or more. */
  lines: number;
  /** Columns a second, without the line breaks. 0: no limit. */
  charactersPerSecond: number;
  /** The same where most of the text is full-width, counted in full-width characters. 0: no limit. */
  fullWidthPerSecond: number;
  /** Seconds that a subtitle stays at least. 0: no limit. */
  minSeconds: number;
  /** Seconds that a subtitle stays at most. 0: no limit. */
  maxSeconds: number;
  /** Milliseconds between two subtitles. 0: they may touch. */
  gapMs: number;
  /** Words a subtitle. 0: no limit. */
  words: number;
};

export type PresetId = 'broadcast' | 'youtube' | 'short' | 'raw';

/** `limits` null: the cues as they are. */
export type Preset = { id: PresetId; name: Phrase; about: Phrase; limits: Limits | null };

/**
 * Broadcast: 42 characters in two lines and 17 a second are Netflix's English template of 2016 to 2022, 16 full-width
 * characters a line and 9 a second its Simplified Chinese one (Netflix Partner Help Center, "Timed Text Style Guide");
 * 80 ms are two frames at 25 a second. YouTube's own player fits about 60 characters at its usual size. Short form:
 * one word at a time, as on upright videos.
 */
export const PRESETS: readonly Preset[] = [
  {
    id: 'broadcast',
    name: phrase('Broadcast'),
    about: phrase('42 characters, 2 lines, 17 a second'),
    limits: {
      charactersPerLine: 42,
      fullWidthPerLine: 16,
      lines: 2,
      charactersPerSecond: 17,
      fullWidthPerSecond: 9,
      minSeconds: 1,
      maxSeconds: 7,
      gapMs: 80,
      words: 0,
    },
  },
  {
    id: 'youtube',
    name: phrase('YouTube'),
    about: phrase('60 characters, 2 lines, 20 a second'),
    limits: {
      charactersPerLine: 60,
      fullWidthPerLine: 24,
      lines: 2,
      charactersPerSecond: 20,
      fullWidthPerSecond: 11,
      minSeconds: 0.8,
      maxSeconds: 7,
      gapMs: 0,
      words: 0,
    },
  },
  {
    id: 'short',
    name: phrase('Short form'),
    about: phrase('Word by word'),
    limits: {
      charactersPerLine: 24,
      fullWidthPerLine: 10,
      lines: 1,
      charactersPerSecond: 0,
      fullWidthPerSecond: 0,
      minSeconds: 0,
      maxSeconds: 3,
      gapMs: 0,
      words: 1,
    },
  },
  { id: 'raw', name: phrase('Raw'), about: phrase('The cues as they are'), limits: null },
];

/** The longest that a number of each kind may be set to; what is beyond is taken as this. */
const MOST: Limits = {
  charactersPerLine: 200,
  fullWidthPerLine: 100,
  lines: 6,
  charactersPerSecond: 100,
  fullWidthPerSecond: 50,
  minSeconds: 20,
  maxSeconds: 60,
  gapMs: 2000,
  words: 50,
};

/** Limits that can be worked with, whatever was typed or kept: missing and damaged ones as in `otherwise`. */
export function validLimits(value: unknown, otherwise: Limits): Limits {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof Limits, unknown>>;
  const number = (key: keyof Limits, least = 0): number => {
    const one = given[key];
    return typeof one === 'number' && Number.isFinite(one) ? Math.min(MOST[key], Math.max(least, one)) : otherwise[key];
  };
  const minSeconds = number('minSeconds');
  const maxSeconds = number('maxSeconds');
  return {
    charactersPerLine: Math.round(number('charactersPerLine')),
    fullWidthPerLine: Math.round(number('fullWidthPerLine')),
    lines: Math.round(number('lines', 1)),
    charactersPerSecond: number('charactersPerSecond'),
    fullWidthPerSecond: number('fullWidthPerSecond'),
    minSeconds,
    maxSeconds: maxSeconds === 0 ? 0 : Math.max(minSeconds, maxSeconds),
    gapMs: Math.round(number('gapMs')),
    words: Math.round(number('words')),
  };
}
