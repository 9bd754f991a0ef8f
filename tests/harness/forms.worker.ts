/** The page's store, which also brings forms of a model that the page has no use for. */
import { expose } from 'comlink';
import { createStore } from '../../workers/store/store.ts';
import { sessionFiles, type DecoderForm } from '../../workers/store/model-files.ts';
import { ModelStore } from '../../workers/store/model-store.ts';

const store = new ModelStore({ baseUrl: self.name });
const api = {
  ...createStore(self.name),
  async bringForm(modelId: string, form: DecoderForm): Promise<void> {
    const optional = Object.values(sessionFiles(await store.model(modelId), form));
    await store.download(modelId, undefined, undefined, { optional });
  },
};
export type FormsStore = typeof api;

expose(api);
