/** Draws a stretch of a recording: bars as high as it is loud, and the cues behind them. */
import { LEVELS_A_SECOND } from '../../workers/protocol.ts';
import type { LevelPyramid } from '../waveform/level-pyramid.ts';
import type { View } from '../waveform/view.ts';

const BAR_PX = 2;
const STEP_PX = 3;
/** Silence is a dot, so that what is known to be silent differs from what is not known. */
const LEAST_PX = 1;
/** Words are written into a cue that is at least this wide. */
const TEXT_PX = 48;

export type Colours = Readonly<Record<'played' | 'unplayed' | 'cue' | 'current' | 'edge' | 'ink', string>>;

export type DrawnCue = { start: number; end: number; text: string; isCurrent: boolean };

/** A canvas takes no custom properties: what they stand for now is asked of the style of an element. */
export function coloursOf(element: HTMLElement): Colours {
  const before = element.style.color;
  const named = (name: string) => {
    element.style.color = `var(--${name})`;
    return getComputedStyle(element).color;
  };
  const read = {
    ...{ played: named('pen'), unplayed: named('ink-3'), cue: named('paper') },
    ...{ current: named('marker-wash'), edge: named('line'), ink: named('ink-2') },
  };
  element.style.color = before;
  return read;
}

/** @param width in CSS pixels, as `height`; the context is scaled to the screen's own already @param time played so far, seconds */
export function drawWaveform(
  context: CanvasRenderingContext2D,
  { width, height }: { width: number; height: number },
  { view, pyramid, cues, time }: { view: View; pyramid: LevelPyramid; cues: readonly DrawnCue[]; time: number },
  colours: Colours,
): void {
  context.clearRect(0, 0, width, height);
  const x = (seconds: number) => ((seconds - view.from) / view.span) * width;
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'bottom';
  for (const { start, end, text, isCurrent } of cues) {
    const [left, right] = [x(start), x(end)];
    context.fillStyle = isCurrent ? colours.current : colours.cue;
    context.fillRect(left, 0, Math.max(1, right - left), height);
    context.fillStyle = colours.edge;
    context.fillRect(left, 0, 1, height);
    context.fillRect(right - 1, 0, 1, height);
    if (right - left < TEXT_PX) continue;
    context.save();
    context.beginPath();
    context.rect(left + 2, 0, right - left - 6, height);
    context.clip();
    context.fillStyle = colours.ink;
    context.fillText(text, Math.max(left, 0) + 5, height - 2);
    context.restore();
  }
  const middle = (height - (cues.length > 0 ? 12 : 0)) / 2;
  const valuesPerPx = (view.span * LEVELS_A_SECOND) / width;
  // Bars stand at the same moments however the view is moved: they would shimmer while it follows the sound.
  const secondsPerBar = (view.span / width) * STEP_PX;
  const firstBar = Math.floor(view.from / secondsPerBar);
  for (let bar = firstBar; x(bar * secondsPerBar) < width; bar++) {
    const from = bar * secondsPerBar * LEVELS_A_SECOND;
    if (from >= pyramid.length) break;
    const size = pyramid.peak(from, from + Math.max(1, STEP_PX * valuesPerPx)) / 255;
    // Speech has most of its energy far below its peaks: a root lifts it, as a meter in decibels would.
    const half = Math.max(LEAST_PX / 2, Math.sqrt(size) * (middle - 2));
    context.fillStyle = bar * secondsPerBar < time ? colours.played : colours.unplayed;
    context.fillRect(x(bar * secondsPerBar), middle - half, BAR_PX, 2 * half);
  }
}
