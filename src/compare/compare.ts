/** The CPU against the GPU on the same sound: the figures side by side, and the words that differ. Pure. */
import { number, t } from '../locale/text.ts';
import type { Backend, JobReport } from '../../workers/protocol.ts';
import { keyOf, match } from '../alignment/match.ts';
import { preciseSize } from '../clock.ts';

/** Of a file no more is heard than this. */
export const COMPARED_SECONDS = 60;

/** One backend's run. `memoryBytes`: at its most, on the GPU its buffers, on the CPU the WebAssembly memory. */
export type Run = {
  backend: Backend;
  report: Pick<JobReport, 'audioSeconds' | 'wallMs' | 'stages'>;
  loadMs: number;
  memoryBytes: number;
  words: readonly string[];
};

/** Words of one side that stand where other words, or none, stand on the other side. */
export type Difference = { gpu: string; cpu: string };

/** In the order of the text. Case, accents and punctuation make no difference. */
export function differences(gpu: readonly string[], cpu: readonly string[]): Difference[] {
  const [gpuKeys, cpuKeys] = [gpu.map(keyOf), cpu.map(keyOf)];
  const partner = match(gpuKeys, cpuKeys);
  const found: Difference[] = [];
  let [from, fromCpu] = [0, 0];
  const note = (to: number, toCpu: number) => {
    if (to > from || toCpu > fromCpu)
      found.push({ gpu: gpu.slice(from, to).join(' '), cpu: cpu.slice(fromCpu, toCpu).join(' ') });
  };
  partner.forEach((at, index) => {
    if (at < 0 || gpuKeys[index] !== cpuKeys[at]) return;
    note(index, at);
    [from, fromCpu] = [index + 1, at + 1];
  });
  note(gpu.length, cpu.length);
  return found;
}

/** Words that differ: of each place the side with more of them. */
export function wordsApart(found: readonly Difference[]): number {
  const count = (text: string) => (text === '' ? 0 : text.split(' ').length);
  return found.reduce((sum, { gpu, cpu }) => sum + Math.max(count(gpu), count(cpu)), 0);
}

/** Seconds of waiting for each minute of sound; 0: there was no sound. */
export function secondsPerMinute({ report: { wallMs, audioSeconds } }: Pick<Run, 'report'>): number {
  return audioSeconds > 0 ? (wallMs * 60) / 1000 / audioSeconds : 0;
}

export type Row = { name: string; gpu: string; cpu: string };

export function comparisonRows(gpu: Run, cpu: Run): Row[] {
  const row = (name: string, of: (run: Run) => string): Row => ({ name, gpu: of(gpu), cpu: of(cpu) });
  const seconds = (value: number) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
  return [
    row(t('Time for a minute of sound'), (run) => seconds(secondsPerMinute(run))),
    row(t('Encoder'), ({ report }) => seconds(report.stages.encodeMs / 1000)),
    row(t('Decoder'), ({ report }) => seconds(report.stages.decodeMs / 1000)),
    row(t('Load'), ({ loadMs }) => seconds(loadMs / 1000)),
    row(t('Memory at its most'), ({ memoryBytes }) => preciseSize(memoryBytes)),
    row(t('Words'), ({ words }) => String(words.length)),
  ];
}

/** What comes of it, in two sentences. */
export function comparisonWords(gpu: Run, cpu: Run): string {
  const [gpuSeconds, cpuSeconds] = [secondsPerMinute(gpu), secondsPerMinute(cpu)];
  const apart = wordsApart(differences(gpu.words, cpu.words));
  const words = apart === 0 ? t('Both heard the same words.') : t('{n} word differs.|{n} words differ.', { n: apart });
  if (gpuSeconds === 0 || cpuSeconds === 0) return words;
  const [faster, times] =
    gpuSeconds <= cpuSeconds ? ['GPU', cpuSeconds / gpuSeconds] : ['CPU', gpuSeconds / cpuSeconds];
  return t('The {faster} is {times} times as fast. {words}', { faster, times: number(times, 1), words });
}
