/** The engine's report as Markdown, to be pasted into a bug report. No file name, no word of a transcript, no address. */
import { preciseSize } from '../clock.ts';
import type { EngineReport } from './engine-report.ts';
import { adapterFigure, backendFigure, busyFigure, factorFigure, loadFigure, seconds, type Figure } from './figures.ts';
import { t } from '../locale/text.ts';
import { clockWords, placementWords } from './proof-words.ts';
import { perMinute, STAGES } from './stages.ts';

/** @param version of the page, as it calls itself */
export function reportMarkdown(report: EngineReport, version: string): string {
  const { gauge, load, jobs, placed } = report;
  const figures: [string, Figure | string][] = [
    ['Earshot', version],
    ['Browser', report.browser],
    ['Logical cores', String(report.logicalCores)],
    ['Cross-origin isolated', report.crossOriginIsolated ? 'yes' : 'no'],
    ['Adapter', adapterFigure(report.adapter)],
    ['Backend', backendFigure(gauge)],
  ];
  if (gauge !== null) {
    const { weights, keyValues, activations, other } = gauge.gpuKinds;
    figures.push(
      ['Model', gauge.modelId ?? load?.modelId ?? 'none in memory'],
      ['Load time', loadFigure(gauge)],
      ['GPU memory', `${preciseSize(gauge.gpuBytesNow)} now, ${preciseSize(gauge.gpuBytesPeak)} at its peak`],
      [
        'of it',
        `weights ${preciseSize(weights)}, K/V cache ${preciseSize(keyValues)}, activations ${preciseSize(activations)}, ` +
          `other ${preciseSize(other)}`,
      ],
      ['WebAssembly memory', preciseSize(gauge.wasmHeapBytes)],
      ['GPU busy', busyFigure(gauge)],
      ['Real-time factor', factorFigure(gauge)],
      ['Models in memory', String(gauge.modelInstances)],
    );
    if (gauge.clockCheck !== null) figures.push(['Busy share checked', clockWords(gauge.clockCheck)]);
  }
  if (placed !== null) {
    for (const { session, share, rest } of placementWords(placed.placements))
      figures.push([`${session} of ${placed.modelId}`, rest === '' ? share : `${share}; ${rest}`]);
  }
  return [
    `### Earshot engine, ${report.date}`,
    '',
    ...figures.map(([name, figure]) => `- ${name}: ${inline(figure)}`),
    ...(jobs.length === 0 ? [] : ['', ...jobTable(jobs)]),
    '',
  ].join('\n');
}

function inline(figure: Figure | string): string {
  if (typeof figure === 'string') return figure;
  return figure.note ? `${figure.value} (${figure.note})` : figure.value;
}

/** One row a file, in seconds of work per minute of sound. */
function jobTable(jobs: EngineReport['jobs']): string[] {
  const each = (ms: number, soundSeconds: number) => {
    const work = perMinute(ms, soundSeconds);
    return work === null ? '' : seconds(work * 1000);
  };
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    'Work per minute of sound:',
    '',
    row(['File', 'Sound', 'Outcome', 'Wait', ...STAGES.map(([name]) => t(name))]),
    row(['---', '---', '---', '---', ...STAGES.map(() => '---')]),
    ...jobs.map((job, index) =>
      row([
        String(index + 1),
        seconds(job.audioSeconds * 1000),
        job.outcome,
        each(job.wallMs, job.audioSeconds),
        ...STAGES.map(([, stage]) => each(job.stages[stage], job.audioSeconds)),
      ]),
    ),
  ];
}
