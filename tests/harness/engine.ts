/**
 * The engine, the media worker and the store worker as the page uses them, without the page: a spec says what to load and which sound
 * to hear and gets back everything the boundary carries.
 */
import * as Comlink from 'comlink';
import type { EngineOptions } from '../../workers/engine.ts';
import { DEFAULT_JOB } from '../../workers/protocol.ts';
import type {
  Backend,
  Gauge,
  JobEvent,
  JobReport,
  JobRequest,
  LoadReport,
  MediaApi,
  WindowResult,
} from '../../workers/protocol.ts';
import type { DecoderForm } from '../../workers/store/model-files.ts';
import { loadFromStore } from '../../src/engine/load-from-store.ts';
import type { HarnessEngine } from './engine.worker.ts';
import type { FormsStore } from './forms.worker.ts';

/** What a spec asks of a job: what the page may ask, and what only a measurement may. */
export type HarnessRequest = Partial<JobRequest> & Pick<EngineOptions, 'safetyNets' | 'batch'>;

export type Heard = { report: JobReport; windows: WindowResult[]; events: JobEvent[]; gauge: Gauge; text: string };

let worker: Worker | null = null;
let media: Comlink.Remote<MediaApi> | null = null;
let engine: Comlink.Remote<HarnessEngine> | null = null;
let store: Comlink.Remote<FormsStore> | null = null;

function workers(): { engine: Comlink.Remote<HarnessEngine>; media: Comlink.Remote<MediaApi> } {
  if (!worker) {
    worker = new Worker(new URL('./engine.worker.ts', import.meta.url), {
      type: 'module',
      name: document.baseURI,
    });
    engine = Comlink.wrap<HarnessEngine>(worker);
  }
  media ??= Comlink.wrap<MediaApi>(
    new Worker(new URL('../../workers/media.worker.ts', import.meta.url), { type: 'module' }),
  );
  return { engine: engine!, media };
}

/** Ends the engine worker; the next call starts a fresh one. */
export function restart(): void {
  worker?.terminate();
  worker = null;
}

export async function load(modelId: string, backend: Backend, form?: DecoderForm): Promise<LoadReport> {
  const { engine } = workers();
  await engine.set({ ...(form && { form }) });
  store ??= Comlink.wrap<FormsStore>(
    new Worker(new URL('./forms.worker.ts', import.meta.url), { type: 'module', name: document.baseURI }),
  );
  const remote = store;
  return loadFromStore(
    {
      alive: true,
      load: (request) =>
        engine.load(
          request,
          Comlink.proxy(() => undefined),
        ),
    },
    {
      async bring(modelId, onProgress) {
        const brought = await remote.bring(modelId, Comlink.proxy(onProgress));
        if (brought && form) await remote.bringForm(modelId, form);
        return brought;
      },
      heal: (modelId, onProgress) => remote.heal(modelId, Comlink.proxy(onProgress)),
    },
    { modelId, backend },
    () => undefined,
  );
}

/** @param sound address of a file this page can fetch, or the file itself */
export async function hear(
  sound: string | File,
  { safetyNets, batch, ...request }: HarnessRequest = {},
  onEvent: (event: JobEvent) => void = () => undefined,
  voices?: MessagePort,
): Promise<Heard> {
  const file = typeof sound === 'string' ? await fetchFile(sound) : sound;
  const { port1, port2 } = new MessageChannel();
  const windows: WindowResult[] = [];
  const events: JobEvent[] = [];
  const { engine, media } = workers();
  const streaming = media.stream(file, Comlink.transfer(port1, [port1]));
  streaming.catch(() => undefined);
  await engine.set({ ...(safetyNets !== undefined && { safetyNets }), ...(batch !== undefined && { batch }) });
  const report = await engine.transcribe(
    { ...DEFAULT_JOB, ...request },
    Comlink.transfer(port2, [port2]),
    Comlink.proxy((event: JobEvent) => {
      events.push(event);
      if (event.type === 'window') windows.push(event.window);
      onEvent(event);
    }),
    voices && Comlink.transfer(voices, [voices]),
  );
  // Events travel on their own port and may come after the report.
  while (windows.length < report.windows) await new Promise((resolve) => setTimeout(resolve, 0));
  const text = windows.flatMap((window) => window.cues.map((cue) => cue.text)).join(' ');
  return { report, windows, events, gauge: await engine.gauge(), text };
}

export async function fetchFile(address: string): Promise<File> {
  const response = await fetch(address);
  return new File([await response.blob()], address.split('/').at(-1)!);
}

/** Base64 of a file on disk, as a spec sends it in. */
export function fileOf(base64: string, name: string): File {
  return new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name);
}

export async function cancel(): Promise<void> {
  await workers().engine.cancel();
}

export async function unload(): Promise<void> {
  await workers().engine.unload();
}

export async function gauge(): Promise<Gauge> {
  return workers().engine.gauge();
}
