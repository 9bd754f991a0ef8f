/** The sound tracks of a file, in words. Pure. */
import { t } from '../locale/text.ts';
import type { MediaFacts, TrackFacts } from '../../workers/protocol.ts';
import { languageName } from '../settings/languages.ts';
import { lineOf } from './file-name.ts';

/** The bibliographic codes of ISO 639-2, used in mp4 and Matroska: `Intl.DisplayNames` knows only the other ones. */
const BIBLIOGRAPHIC: Record<string, string> = {
  ...{ alb: 'sq', arm: 'hy', baq: 'eu', bur: 'my', chi: 'zh', cze: 'cs', dut: 'nl', fre: 'fr', geo: 'ka', ger: 'de' },
  ...{ gre: 'el', ice: 'is', mac: 'mk', mao: 'mi', may: 'ms', per: 'fa', rum: 'ro', slo: 'sk', tib: 'bo', wel: 'cy' },
};

/** "2: German, Commentary (aac)". A track that cannot be decoded says so. */
export function trackName(track: TrackFacts, index: number): string {
  const code = track.language;
  const language = code === null ? null : languageName(BIBLIOGRAPHIC[code] ?? code);
  const known = [language, track.title === null ? null : lineOf(track.title)].filter((part) => part !== null);
  const words = known.length === 0 ? '' : ` ${known.join(', ')}`;
  return `${index + 1}:${words} (${track.codec})${track.decodable ? '' : t(", can't be opened here")}`;
}

/**
 * Which of several tracks is heard; null: there is no choice.
 * @param chosen index of the one the person chose, or null
 */
export function tracksOf(
  facts: MediaFacts | null,
  chosen: number | null,
): { tracks: readonly TrackFacts[]; heard: number } | null {
  const tracks = facts?.tracks ?? [];
  if (tracks.length < 2) return null;
  return { tracks, heard: chosen ?? facts?.track ?? tracks.findIndex(({ decodable }) => decodable) };
}
