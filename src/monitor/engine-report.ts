/** What "Save report" writes: the device and its measurements. No file name, no word of a transcript, no address. */
import type { AdapterReport, Gauge, JobReport, LoadReport, ModelState } from '../../workers/protocol.ts';
import type { Placed } from './proof-words.ts';
import type { Reading } from './readings.ts';

export type EngineReport = {
  format: 'earshot-engine-report';
  version: 1;
  /** ISO 8601, UTC. */
  date: string;
  browser: string;
  logicalCores: number;
  /** Without it the CPU has one thread. */
  crossOriginIsolated: boolean;
  adapter: AdapterReport | null;
  gauge: Gauge | null;
  load: LoadReport | null;
  /** The finished files of this visit, in the order of the queue. */
  jobs: JobReport[];
  models: Pick<ModelState, 'id' | 'totalBytes' | 'storedBytes' | 'ready'>[];
  /** Which execution provider of ONNX Runtime runs how many nodes, where a person has asked; null: nobody has. */
  placed: Placed | null;
  /** `gpuBytes` null: the engine could not be read then. */
  history: Reading[];
};

export type Measured = {
  date: Date;
  device: Pick<Navigator, 'userAgent' | 'hardwareConcurrency'>;
  isolated: boolean;
  adapter: AdapterReport | null;
  gauge: Gauge | null;
  load: LoadReport | null;
  jobs: readonly JobReport[];
  models: readonly ModelState[];
  placed: Placed | null;
  history: readonly Reading[];
};

export function engineReport({
  date,
  device,
  isolated,
  adapter,
  gauge,
  load,
  jobs,
  models,
  placed,
  history,
}: Measured): EngineReport {
  return {
    format: 'earshot-engine-report',
    version: 1,
    date: date.toISOString(),
    browser: device.userAgent,
    logicalCores: device.hardwareConcurrency,
    crossOriginIsolated: isolated,
    adapter,
    gauge,
    load,
    jobs: [...jobs],
    models: models.map(({ id, totalBytes, storedBytes, ready }) => ({ id, totalBytes, storedBytes, ready })),
    placed,
    history: [...history],
  };
}
