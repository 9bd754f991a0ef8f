/** What a tab in the background says of its work: its title and its icon. Pure. */
import { percent } from '../clock.ts';
import { t } from '../locale/text.ts';
import { lineOf } from '../queue/file-name.ts';
import type { Turn } from './batch.ts';

export type Sign =
  | { type: 'idle' }
  | { type: 'recording' }
  /** `share`: [0, 1]; null: not known yet. */
  | { type: 'running'; name: string; share: number | null }
  /** The work ended while nobody looked. */
  | { type: 'over'; done: readonly string[]; failed: readonly string[] };

/** The most urgent of what there is to say. `ended`: what nobody has seen yet. */
export function signOf(
  recording: boolean,
  running: { name: string; share: number | null } | null,
  ended: Extract<Turn, { type: 'over' }> | null,
): Sign {
  if (recording) return { type: 'recording' };
  if (running !== null) return { type: 'running', ...running };
  return ended ?? { type: 'idle' };
}

/** @param idle what the title is when there is nothing to say */
export function titleOf(sign: Sign, idle: string): string {
  switch (sign.type) {
    case 'idle':
      return idle;
    case 'recording':
      return `● ${t('Recording')} · Earshot`;
    case 'running': {
      const share = sign.share === null ? [] : [percent(sign.share)];
      return [...share, lineOf(sign.name), 'Earshot'].join(' · ');
    }
    case 'over':
      return `${overWords(sign)} · Earshot`;
  }
}

/** "interview.mp3 is done", "3 files are done, 1 could not be transcribed". */
export function overWords({ done, failed }: { done: readonly string[]; failed: readonly string[] }): string {
  const alone = done.length + failed.length === 1 ? [...done, ...failed][0] : undefined;
  if (alone !== undefined) {
    const name = lineOf(alone);
    return done.length > 0 ? t('{name} is done', { name }) : t('{name} could not be transcribed', { name });
  }
  const parts = [
    ...(done.length > 0 ? [t('{n} file is done|{n} files are done', { n: done.length })] : []),
    ...(failed.length > 0
      ? [t('{n} file could not be transcribed|{n} files could not be transcribed', { n: failed.length })]
      : []),
  ];
  return parts.join(', ');
}

/** The ring of the icon moves in steps of this share: a new icon with each percent would be a hundred. */
const STEP = 0.05;
// --sheet, --line, --pen, --fault and --proven by day: an icon stands on the browser's colours, not on the page's.
const [SHEET, LINE, PEN, FAULT, PROVEN] = ['#fbfdf9', '#d3dbce', '#1c3c96', '#a0241a', '#1d6638'];

/**
 * The icon as the address of an SVG (`img-src data:` of the policy). Safari does not change a tab's icon.
 * @returns null: the icon of the page
 */
export function iconOf(sign: Sign): string | null {
  const face = faceOf(sign);
  if (face === null) return null;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-width="5"><circle cx="16" cy="16" r="13" fill="${SHEET}" stroke="${LINE}"/>${face}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function faceOf(sign: Sign): string | null {
  switch (sign.type) {
    case 'idle':
      return null;
    case 'recording':
      return `<circle cx="16" cy="16" r="8" fill="${FAULT}"/>`;
    case 'running': {
      const share = Math.floor((sign.share ?? 0) / STEP) * STEP;
      const length = Math.round(100 * share);
      return `<circle cx="16" cy="16" r="13" stroke="${PEN}" pathLength="100" stroke-dasharray="${length} 100" transform="rotate(-90 16 16)"/>`;
    }
    case 'over':
      return sign.failed.length > 0
        ? `<path d="M16 8v9M16 21v4" stroke="${FAULT}"/>`
        : `<path d="M9 16l5 5 9-10" stroke="${PROVEN}"/>`;
  }
}
