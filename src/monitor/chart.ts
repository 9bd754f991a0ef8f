/**
 * What the chart of the engine shows, as figures: layers, busy share, marks and what they mean at a glance. Pure.
 *
 * The chart is SVG of our own. uPlot draws on a canvas: colours would have to be read from the tokens and drawn again with
 * the theme, gaps, stacks, marks and the peak line would be hooks of ours all the same, and it is 22 kB.
 */
import { phrase, t, type Phrase } from '../locale/text.ts';
import type { Backend, GpuBytes } from '../../workers/protocol.ts';
import { preciseSize } from '../clock.ts';
import type { Reading } from './readings.ts';

/** From the bottom of the stack upwards. */
export const LAYERS = [
  { kind: 'weights', name: phrase('Weights') },
  { kind: 'keyValues', name: phrase('K/V cache') },
  { kind: 'activations', name: phrase('Activations') },
  { kind: 'other', name: phrase('Other') },
] as const satisfies { kind: keyof GpuBytes; name: Phrase }[];

/** Bytes of a layer and all below it. */
export function stackedTo(layer: number): (reading: Reading) => number {
  return ({ kinds }) => LAYERS.slice(0, layer + 1).reduce((sum, { kind }) => sum + (kinds?.[kind] ?? 0), 0);
}

/** Whose figures are shown: of where the model is, or was last. Null: no model was in memory in this visit. */
export function chartBackend(readings: readonly Reading[], backend: Backend | null): Backend | null {
  if (backend !== null) return backend;
  const last = readings.findLast(({ model }) => model !== null);
  if (last === undefined) return readings.some(({ wasmBytes }) => wasmBytes > 0) ? 'cpu' : null;
  return (last.gpuBytes ?? 0) > 0 ? 'gpu' : 'cpu';
}

/** The share of the time between two readings in which there was work. */
export type BusySpan = { fromMs: number; toMs: number; share: number };

/** By the count of milliseconds that the gauge gives, so that any two readings have an exact share between them. */
export function busySpans(readings: readonly Reading[], backend: Backend): BusySpan[] {
  const busyMs = (reading: Reading) => (backend === 'gpu' ? reading.gpuBusyMs : reading.runBusyMs);
  return readings.slice(1).flatMap((reading, index): BusySpan[] => {
    const before = readings[index];
    if (reading.gpuBytes === null) return [];
    const now = busyMs(reading);
    // A fresh worker counts from nothing.
    const worked = now >= busyMs(before) ? now - busyMs(before) : now;
    const share = Math.min(1, worked / Math.max(1, reading.atMs - before.atMs));
    return share > 0 ? [{ fromMs: before.atMs, toMs: reading.atMs, share }] : [];
  });
}

/** Of one moment there is no more than one of each kind. */
const KINDS = 4;
export type Mark = { atMs: number; what: 'load' | 'file' | 'window' | 'unload' };

/** What happened between the readings, at the time of the first one that shows it. */
export function marksOf(readings: readonly Reading[]): Mark[] {
  return readings.flatMap((reading, index): Mark[] => {
    const { atMs, model, jobs, windows } = reading;
    const before = index > 0 ? readings[index - 1] : undefined;
    const fresh = before === undefined || jobs < before.jobs || windows < before.windows;
    const marks: Mark[] = [];
    if (before && before.model !== null && before.model !== model) marks.push({ atMs, what: 'unload' });
    if (model !== null && before?.model !== model) marks.push({ atMs, what: 'load' });
    if (jobs > (fresh ? 0 : before.jobs)) marks.push({ atMs, what: 'file' });
    if (windows > (fresh ? 0 : before.windows)) marks.push({ atMs, what: 'window' });
    return marks;
  });
}

const MARK_WORDS = { load: [phrase('load')], file: [phrase('file')], unload: [phrase('unload')], window: [] };

/** A mark at its place; `words` where there is room for them, at the right end to the `left` of it. */
export type PlacedMark = { at: number; what: Mark['what']; words: readonly Phrase[]; left: boolean };

/**
 * Marks of one moment stand on one line, and the first of them has the words of all: "load, file".
 * @param x the place of a moment @param word room for one word
 */
export function placed(
  marks: readonly Mark[],
  x: (atMs: number) => number,
  { right, word }: { right: number; word: number },
): PlacedMark[] {
  let free = -Infinity;
  return marks.map(({ atMs, what }, index) => {
    const at = x(atMs);
    const follows = marks[index - 1]?.atMs === atMs;
    const others = marks.slice(index, index + KINDS).filter((other) => other.atMs === atMs);
    const words = follows ? [] : others.flatMap((other): readonly Phrase[] => MARK_WORDS[other.what]);
    const room = word * words.length;
    const left = at > right - room;
    const fits = words.length > 0 && (left ? at - room : at) >= free;
    if (fits) free = left ? at : at + room;
    return { at, what, words: fits ? words : [], left };
  });
}

/** Bytes at rest after each file, with the same model: what the engine holds when it has nothing to do. */
export function restLevels(readings: readonly Reading[], backend: Backend): number[] {
  const byJob = new Map<number, number>();
  const model = readings.findLast((reading) => reading.model !== null)?.model;
  // A worker that is started later counts its jobs anew.
  const from = readings.findLastIndex(({ model: other, gpuBytes }) => gpuBytes === null || other !== model) + 1;
  readings.slice(from).forEach((reading, index, all) => {
    const before = all[index - 1];
    if (reading.jobs === 0 || before === undefined || before.jobs !== reading.jobs) return;
    if (reading.runBusyMs !== before.runBusyMs || reading.gpuBusyMs !== before.gpuBusyMs) return;
    byJob.set(reading.jobs, backend === 'gpu' ? (reading.gpuBytes ?? 0) : reading.wasmBytes);
  });
  return [...byJob.values()];
}

/** Growth of the level at rest that is no leak: a page of the driver's or the heap's. */
const LEAK_SHARE = 0.01;

/** What the engine does now. `share`, `compile`: of the time, busy and compiling the GPU's programs. */
type Doing = { working: boolean; share: number; loading?: boolean; compile?: number };

/** Before anything runs on a GPU there can be seconds of work of which the GPU knows nothing: they are called by their names. */
function workWords({ working, share, loading = false, compile = 0 }: Doing): string {
  if (!working) return t('Idle.');
  if (compile > share) return t('Working: the GPU’s programs are being compiled.');
  if (loading && share === 0) return t('Working: the model is being loaded.');
  return t('Working, {share} % busy.', { share: Math.round(share * 100) });
}

/** At a glance: is it working, is it idle, is anything leaking. Whole sentences. */
export function glance(readings: readonly Reading[], backend: Backend, doing: Doing): string {
  const last = readings.findLast(({ gpuBytes }) => gpuBytes !== null);
  if (last === undefined) return '';
  const bytes = backend === 'gpu' ? (last.gpuBytes ?? 0) : last.wasmBytes;
  const work = workWords(doing);
  if (last.model === null)
    return `${work} ${bytes === 0 ? t('Nothing is in memory.') : t('{size} held.', { size: preciseSize(bytes) })}`;
  const levels = restLevels(readings, backend);
  if (levels.length === 0) return work;
  const [first] = levels;
  const now = levels.at(-1)!;
  if (now > first * (1 + LEAK_SHARE))
    return t('{work} {size} more at rest than after the first file.', { work, size: preciseSize(now - first) });
  if (levels.length === 1) return t('{work} {size} at rest.', { work, size: preciseSize(now) });
  return t(
    '{work} {size} at rest after {n} file: nothing is leaking.|{work} {size} at rest after each of {n} files: nothing is leaking.',
    {
      work,
      size: preciseSize(now),
      n: levels.length,
    },
  );
}

/** A round top for the axis, at least `bytes`, that four steps divide evenly: 4, 8, 20, 40, 60, 80, 100 of a unit. */
export function axisTop(bytes: number): number {
  const unit = 10 ** Math.max(6, Math.floor(Math.log10(Math.max(1, bytes))));
  const top = [1, 2, 4, 6, 8, 10].find((step) => step * unit >= bytes) ?? 10;
  return top * unit;
}
