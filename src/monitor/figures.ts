/** The engine's figures in words. What was not measured says so and is never a zero. */
import { number, phrase, t } from '../locale/text.ts';
import type { AdapterReport, Gauge, LoadReport } from '../../workers/protocol.ts';
import { percent, preciseSize, speed, zeroSize } from '../clock.ts';

export const NOT_YET = phrase('none yet');

/** A figure and the small print beside it. */
export type Figure = { value: string; note?: string };

/** @param adapter undefined: not asked yet; null: none is offered */
export function adapterFigure(adapter: AdapterReport | null | undefined): Figure {
  if (adapter === undefined) return { value: t(NOT_YET) };
  if (adapter === null) return { value: t('none offered') };
  return { value: adapterName(adapter), note: adapter.fallback ? t('software, slow') : t('hardware') };
}

/** The best name the browser gives. Many give no more than vendor and family. */
function adapterName({ description, device, vendor, architecture }: AdapterReport): string {
  const name = description || device || [vendor, architecture].filter((part) => part !== '').join(' ');
  return name || t('unnamed');
}

export function backendFigure(gauge: Gauge | null): Figure {
  switch (gauge?.backend) {
    case 'gpu':
      return { value: 'GPU', note: gauge.adapter === null ? '' : adapterName(gauge.adapter) };
    case 'cpu': {
      const threads = t('{n} thread|{n} threads', { n: gauge.threads });
      // In wasm the stored form takes several times as long: whoever waits should know why.
      const slow = gauge.memoryForm === 'blocks' ? t(', slow: too little memory for the fast form of the model') : '';
      return { value: 'CPU', note: threads + slow };
    }
    case null:
    case undefined:
      return { value: t(NOT_YET) };
  }
}

/** @param name of the model, where the catalogue knows it */
export function modelFigure(gauge: Gauge | null, name: string | undefined): Figure {
  if (gauge === null) return { value: t(NOT_YET) };
  if (gauge.modelId === null) return { value: t('none') };
  return { value: name ?? gauge.modelId, note: preciseSize(gauge.modelBytesInMemory) };
}

export function bytesFigure(bytes: number | undefined): Figure {
  if (bytes === undefined) return { value: t(NOT_YET) };
  // In the unit of its neighbours: "0 B" beside "499 MB" reads like another thing.
  return { value: bytes === 0 ? zeroSize() : preciseSize(bytes) };
}

export function busyFigure(gauge: Gauge | null): Figure {
  return gauge === null ? { value: t(NOT_YET) } : { value: percent(gauge.gpuBusy) };
}

/** How busy the threads are that the model runs on. */
export function cpuBusyFigure(gauge: Gauge | null): Figure {
  return gauge === null ? { value: t(NOT_YET) } : { value: percent(gauge.runBusy) };
}

export function loadFigure(gauge: Gauge | null): Figure {
  if (gauge === null || gauge.loadMs === null) return { value: t(NOT_YET) };
  return {
    value: seconds(gauge.loadMs),
    ...(gauge.loadSource === null ? {} : { note: sourceWords(gauge.loadSource) }),
  };
}

function sourceWords(source: LoadReport['source']): string {
  switch (source) {
    case 'memory':
      return t('from memory');
    case 'indexeddb':
      return t('from this device, no request');
    case 'network':
      return t('downloaded');
  }
}

export function factorFigure(gauge: Gauge | null): Figure {
  const factor = gauge?.realTimeFactor ?? null;
  if (factor === null || factor <= 0) return { value: t(NOT_YET) };
  return { value: number(factor, factor < 1 ? 3 : 2), note: speed(1 / factor) };
}

export function tokensFigure(gauge: Gauge | null): Figure {
  const rate = gauge?.tokensPerSecond ?? null;
  if (rate === null) return { value: t(NOT_YET) };
  return { value: rate < 10 ? number(rate, 1) : number(Math.round(rate)) };
}

/** A measured time: "0.21 s", "1.3 s", "48 s". */
export function seconds(ms: number): string {
  const s = ms / 1000;
  return `${s < 1 ? number(s, 2) : s < 10 ? number(s, 1) : number(Math.round(s))} s`;
}
