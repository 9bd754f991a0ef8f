/** What the self-test found, in words and as a row of a table. Pure. */
import { inEnglish } from '../locale/in-english.ts';
import { number, t } from '../locale/text.ts';
import type { Backend } from '../../workers/protocol.ts';
import { preciseSize } from '../clock.ts';
import { passed, whyNotGpu, type TestClip, type Verdict } from '../engine/verdict.ts';

/** `verdict` null: it could not be made, and `problem` says why. `memoryBytes`: at its most, where the model ran. */
export type TestResult = {
  clip: TestClip['name'];
  backend: Backend;
  verdict: Verdict | null;
  problem: string | null;
  memoryBytes: number;
};

const NAMES = { gpu: 'GPU', cpu: 'CPU' } as const;

/** "GPU: 17 of 17 words right, 0.2 s"; of the sentence "GPU, a sentence: …". */
export function resultWords({ clip, backend, verdict, problem }: TestResult): string {
  const what = clip === 'digits' ? NAMES[backend] : t('{backend}, a sentence', { backend: NAMES[backend] });
  if (verdict === null) return `${what}: ${problem}`;
  return t('{what}: {right} of {total} words right, {wallMs} s', {
    what,
    right: verdict.right,
    total: verdict.total,
    wallMs: number(verdict.wallMs / 1000, 1),
  });
}

/**
 * The verdict in one or two sentences; empty before both clips or all backends were heard.
 * @param device the adapter; null: there is none. `fallback`: a program on the CPU, which Automatic leaves alone
 */
export function testWords(results: readonly TestResult[], device: { fallback: boolean } | null): string {
  const of = (clip: TestResult['clip'], backend: Backend): Verdict | undefined =>
    results.find((result) => result.clip === clip && result.backend === backend)?.verdict ?? undefined;
  const { digits, gpu, cpu } = { digits: of('digits', 'gpu'), gpu: of('sentence', 'gpu'), cpu: of('sentence', 'cpu') };
  const heard = cpu ?? of('digits', 'cpu');
  if (heard === undefined) return '';
  if (device === null) return passed(heard) ? t('The CPU hears the words right.') : t('The CPU gets words wrong.');
  const gpuHeard = gpu ?? digits;
  if (gpuHeard === undefined) return t('The GPU could not be tested.');
  const why = whyNotGpu({ ...(digits && { digits }), ...(gpu && { gpu }), ...(cpu && { cpu }) });
  if (why === 'wrong-results') return t('The GPU gets words wrong. Automatic uses the CPU.');
  const automatic = t('Automatic uses the {what}.', { what: why === null && !device.fallback ? 'GPU' : 'CPU' });
  // The digits take no time at all: only the sentence says how fast a backend is.
  if (gpu === undefined || cpu === undefined) return t('The GPU hears the words right. {automatic}', { automatic });
  const times = cpu.wallMs / gpu.wallMs;
  const speed =
    times >= 1
      ? t(', {times} times as fast as the CPU', { times: number(times, 1) })
      : t(', and the CPU is {times} times as fast', { times: number(1 / times, 1) });
  return t('The GPU hears the words right{speed}. {automatic}', { speed, automatic });
}

/** The columns of BENCHMARKS.md. */
export const BENCHMARK_COLUMNS = [
  'Date',
  'Device',
  'Browser',
  'Backend',
  'Clip and model',
  'Load',
  'Encoder',
  'Decoder',
  'Real-time factor',
  'Memory',
] as const;

/** A row for each backend that has heard the sentence. @param adapter its name @param cpu "2 threads of 4 cores" */
export function benchmarkRows(
  results: readonly TestResult[],
  { date, browser, adapter, cpu }: { date: string; browser: string; adapter: string; cpu: string },
): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  return results
    .flatMap(({ clip, backend, verdict, memoryBytes }): string[][] => {
      if (clip !== 'sentence' || verdict?.report === undefined) return [];
      const { audioSeconds, stages } = verdict.report;
      return [
        [
          date,
          backend === 'gpu' ? adapter : cpu,
          browser,
          NAMES[backend],
          `sentence.wav, ${Math.round(audioSeconds)} s, Whisper base`,
          seconds(verdict.loadMs ?? 0),
          seconds(stages.encodeMs),
          seconds(stages.decodeMs),
          (verdict.wallMs / 1000 / audioSeconds).toFixed(3),
          inEnglish(() => preciseSize(memoryBytes)),
        ],
      ];
    })
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** "Chrome 150", "Firefox 140" of a user agent; one that is known by none of these names stays as it is. */
export function browserName(userAgent: string): string {
  const [, firefox] = /(Firefox\/\d+)/.exec(userAgent) ?? [];
  const [, safari] = /(Version\/\d+[.\d]*) .*Safari/.exec(userAgent) ?? [];
  const [, edge] = /(Edg\/\d+)/.exec(userAgent) ?? [];
  const [, chrome] = /(Chrome\/\d+)/.exec(userAgent) ?? [];
  const name = edge?.replace('Edg', 'Edge') ?? chrome ?? firefox ?? safari?.replace('Version', 'Safari');
  return name?.replace('/', ' ') ?? userAgent;
}
