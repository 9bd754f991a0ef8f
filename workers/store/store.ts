/** What the store worker does for the page. */
import { ABORTED, fault, type StoreApi } from '../protocol';
import { RequestLog } from '../requests';
import { ModelStore } from './model-store';
import { recheck } from './recheck';

/** @param baseUrl absolute address of the page's folder */
export function createStore(baseUrl: string): StoreApi {
  const requests = new RequestLog();
  const store = new ModelStore({ baseUrl, fetchFor: (modelId) => requests.counting(modelId) });
  /** What a person asked for, and what a load did. */
  const wanted = new Set<AbortController>();
  const needed = new Set<AbortController>();

  /** Runs `task`, which may be stopped through `tasks` meanwhile. */
  async function stoppably<T>(tasks: Set<AbortController>, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    tasks.add(controller);
    try {
      return await task(controller.signal);
    } finally {
      tasks.delete(controller);
    }
  }

  function stop(tasks: Set<AbortController>): void {
    for (const controller of tasks) controller.abort(fault(ABORTED));
  }

  return {
    models: () => store.states(),
    download: (modelId, onProgress) =>
      stoppably(wanted, async (signal) => {
        await store.download(modelId, signal, onProgress);
      }),
    async bring(modelId, onProgress) {
      if ((await store.model(modelId)).source !== 'bundled') return null;
      await stoppably(needed, (signal) => store.download(modelId, signal, onProgress));
      return { lent: store.keeps ? null : await store.exportFiles(modelId) };
    },
    heal: (modelId, onProgress) => stoppably(needed, (signal) => store.heal(modelId, signal, onProgress)),
    async abandon() {
      stop(needed);
    },
    async cancel() {
      stop(wanted);
    },
    verifyModel: (modelId, onProgress) => stoppably(wanted, (signal) => store.verify(modelId, signal, onProgress)),
    recheck: (modelId) => recheck(store, modelId),
    importModels: (files, onProgress) => stoppably(wanted, (signal) => store.importFiles(files, signal, onProgress)),
    exportModel: (modelId) => store.exportZip(modelId),
    addModel: (hubId) => stoppably(wanted, (signal) => store.add(hubId, signal)),
    useMirror: (address) => store.useMirror(address),
    mirror: () => store.mirror(),
    letHubIn: () => store.letHubIn(),
    deleteModel: (modelId) => store.delete(modelId),
    async requests(tell) {
      requests.watch(tell);
    },
  };
}
