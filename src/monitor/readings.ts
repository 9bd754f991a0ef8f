import type { Gauge, GpuBytes } from '../../workers/protocol.ts';

/** One reading of the gauge. `gpuBytes` null: the engine could not be read then (its worker was ended). */
export type Reading = {
  atMs: number;
  gpuBytes: number | null;
  gpuBusy: number;
  kinds: GpuBytes | null;
  wasmBytes: number;
  /** As in the gauge: since the worker started, and from 0 again with the next worker. */
  gpuBusyMs: number;
  runBusyMs: number;
  model: string | null;
  jobs: number;
  windows: number;
};

/** Five minutes of work at two readings a second, or most of an hour of rest. */
export const MOST_READINGS = 600;

/** The whole visit in no more than `MOST_READINGS`: one reading for each `bucketMs`. */
export type Visit = { bucketMs: number; readings: readonly Reading[] };
export const NEW_VISIT: Visit = { bucketMs: 500, readings: [] };

/**
 * The gauge as a reading; null: a gap that `last` already shows, or that nothing comes before, or what the page says of a
 * worker that is too busy to answer: busy, and nothing counted.
 */
export function readingOf(gauge: Gauge | null, last: Reading | undefined, atMs: number): Reading | null {
  if (gauge === null) {
    if (last === undefined || last.gpuBytes === null) return null;
    const nothing = { gpuBusy: 0, gpuBusyMs: 0, runBusyMs: 0, jobs: 0, windows: 0, wasmBytes: 0 };
    return { ...nothing, atMs, gpuBytes: null, kinds: null, model: null };
  }
  const { gpuBytesNow: gpuBytes, gpuKinds: kinds, wasmHeapBytes: wasmBytes, modelId: model } = gauge;
  const { gpuBusy, gpuBusyMs, runBusy, runBusyMs, jobs, windows } = gauge;
  if (runBusy > 0 && runBusyMs === last?.runBusyMs) return null;
  return { atMs, gpuBytes, gpuBusy, kinds, wasmBytes, gpuBusyMs, runBusyMs, model, jobs, windows };
}

/** The newest readings with one more. */
export function after(readings: readonly Reading[], reading: Reading): readonly Reading[] {
  return [...readings.slice(-(MOST_READINGS - 1)), reading];
}

/** The visit with one more reading. Of those in one bucket the most bytes are kept, and the latest of all that counts up. */
export function intoVisit(visit: Visit, reading: Reading): Visit {
  const { bucketMs, readings } = visit;
  const last = readings.at(-1);
  const bucket = ({ atMs }: Reading) => Math.floor(atMs / bucketMs);
  const same = last !== undefined && bucket(last) === bucket(reading);
  const next = same ? [...readings.slice(0, -1), merged(last, reading)] : [...readings, reading];
  if (next.length <= MOST_READINGS) return { bucketMs, readings: next };
  return next.reduce(intoVisit, { bucketMs: bucketMs * 2, readings: [] });
}

function merged(first: Reading, second: Reading): Reading {
  // What became of the engine in the end counts: a gap stays a gap, and an end of one too.
  if (first.gpuBytes === null || second.gpuBytes === null || first.gpuBytes <= second.gpuBytes) return second;
  const { gpuBytes, kinds } = first;
  return { ...second, gpuBytes, kinds };
}

/** A point of the chart, both in [0, 1]: time from left to right, bytes from zero to `topBytes`. */
type Point = { x: number; y: number };

/**
 * The readings as lines over `[fromMs, toMs]`, one per stretch without a gap. A reading holds until the next one: bytes
 * change in steps, and a slope between two readings would be a guess.
 * @param bytesOf what is drawn of a reading; never asked in a gap
 */
export function lines(
  readings: readonly Reading[],
  fromMs: number,
  toMs: number,
  topBytes: number,
  bytesOf: (reading: Reading) => number = ({ gpuBytes }) => gpuBytes ?? 0,
): Point[][] {
  const span = Math.max(1, toMs - fromMs);
  const stretches: Point[][] = [];
  let stretch: Point[] = [];
  let level: number | null = null;
  const x = (atMs: number) => Math.min(1, Math.max(0, (atMs - fromMs) / span));
  const end = () => {
    if (stretch.length > 0) stretches.push(stretch);
    stretch = [];
  };
  for (const reading of readings) {
    const { atMs } = reading;
    if (atMs > toMs) break;
    if (level !== null) stretch.push({ x: x(atMs), y: level });
    level = reading.gpuBytes === null ? null : bytesOf(reading) / Math.max(1, topBytes);
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
