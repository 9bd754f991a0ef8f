import type { Gauge } from '../../workers/protocol.ts';

/** One reading of the gauge. `gpuBytes` null: the engine could not be read then (its worker was ended). */
export type Reading = { atMs: number; gpuBytes: number | null; gpuBusy: number };

/** Five minutes of work at two readings a second, or most of an hour of rest. */
export const MOST_READINGS = 600;

/** The readings with one more, the oldest dropped when there are too many. A gap is noted once. */
export function after(readings: readonly Reading[], gauge: Gauge | null, atMs: number): readonly Reading[] {
  const last = readings.at(-1);
  if (gauge === null && (last === undefined || last.gpuBytes === null)) return readings;
  const reading: Reading =
    gauge === null
      ? { atMs, gpuBytes: null, gpuBusy: 0 }
      : { atMs, gpuBytes: gauge.gpuBytesNow, gpuBusy: gauge.gpuBusy };
  return [...readings.slice(-(MOST_READINGS - 1)), reading];
}

/** A point of the chart, both in [0, 1]: time from left to right, bytes from zero to `topBytes`. */
export type Point = { x: number; y: number };

/**
 * The readings as lines over `[fromMs, toMs]`, one per stretch without a gap. A reading holds until the next one: bytes
 * change in steps, and a slope between two readings would be a guess.
 */
export function lines(readings: readonly Reading[], fromMs: number, toMs: number, topBytes: number): Point[][] {
  const span = Math.max(1, toMs - fromMs);
  const stretches: Point[][] = [];
  let stretch: Point[] = [];
  let level: number | null = null;
  const x = (atMs: number) => Math.min(1, Math.max(0, (atMs - fromMs) / span));
  const end = () => {
    if (stretch.length > 0) stretches.push(stretch);
    stretch = [];
  };
  for (const { atMs, gpuBytes } of readings) {
    if (atMs > toMs) break;
    if (level !== null) stretch.push({ x: x(atMs), y: level });
    level = gpuBytes === null ? null : gpuBytes / Math.max(1, topBytes);
    if (level === null) end();
    else stretch.push({ x: x(atMs), y: level });
  }
  if (level !== null) stretch.push({ x: 1, y: level });
  end();
  // What lies wholly before the span is one point at its left edge.
  return stretches.filter((points) => points.at(-1)!.x > 0);
}

/** The lines as an SVG area in a box of `width` × `height`. */
export function area(stretches: readonly (readonly Point[])[], width: number, height: number): string {
  const place = ({ x, y }: Point) => `${(x * width).toFixed(1)} ${(height * (1 - Math.min(1, y))).toFixed(1)}`;
  return stretches
    .map((points) => {
      const first = points[0];
      const last = points.at(-1)!;
      const top = points.map(place).join('L');
      return `M${place({ x: first.x, y: 0 })}L${top}L${place({ x: last.x, y: 0 })}Z`;
    })
    .join('');
}

/** A round top for the axis, at least `bytes`, that four steps divide evenly: 4, 8, 20, 40, 60, 80, 100 of a unit. */
export function axisTop(bytes: number): number {
  const unit = 10 ** Math.max(6, Math.floor(Math.log10(Math.max(1, bytes))));
  const top = [1, 2, 4, 6, 8, 10].find((step) => step * unit >= bytes) ?? 10;
  return top * unit;
}
