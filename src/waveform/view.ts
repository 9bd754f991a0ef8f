/** Which stretch of a recording is seen. Pure; seconds throughout. */

/** `from` its left edge, `span` how much is seen at once. */
export type View = { from: number; span: number };

/** Nearer than this there is nothing to see: a hundred values are one second of it. */
const LEAST_SPAN = 2;
/** How much is seen at first: enough to find a sentence in. */
const FIRST_SPAN = 60;

export function firstView(length: number): View {
  return { from: 0, span: Math.min(Math.max(length, LEAST_SPAN), FIRST_SPAN) };
}

/** The same view where the recording has it. */
export function inside({ from, span }: View, length: number): View {
  const most = Math.max(length, LEAST_SPAN);
  const seen = Math.min(most, Math.max(LEAST_SPAN, span));
  return { from: Math.max(0, Math.min(from, most - seen)), span: seen };
}

/** @param factor over 1: more is seen @param anchor the moment that stays where it is on the screen */
export function zoomed(view: View, factor: number, anchor: number, length: number): View {
  const { span } = inside({ from: 0, span: view.span * factor }, length);
  const place = Math.min(1, Math.max(0, (anchor - view.from) / view.span));
  return inside({ from: anchor - place * span, span }, length);
}

/** The view that has a moment in it: the same as long as it can be, then one that begins a little before it. */
export function showing(view: View, moment: number, length: number): View {
  if (moment >= view.from && moment <= view.from + view.span) return view;
  return inside({ from: moment - view.span * 0.1, span: view.span }, length);
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/** Moments to be written below, at least `leastSeconds` from one to the next. */
export function ticks({ from, span }: View, leastSeconds: number): number[] {
  const step = STEPS.find((one) => one >= leastSeconds) ?? STEPS[STEPS.length - 1];
  const first = Math.ceil(from / step);
  const last = Math.floor((from + span) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step);
}
