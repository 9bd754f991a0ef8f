/**
 * Reads the models on this device, and nothing else: no request leaves from here. A file exists when its commit marker
 * does, and the marker is written only after length and SHA-256 were right: nothing unverified is ever handed out.
 */
import { fault, type DiskFile } from '../protocol';
import { catalogue } from './catalogue';
import { findByKey, type CatalogueModel } from './model-files';
import { ChunkDatabase } from './chunks';
import { chunksOf, committed, neededFiles } from './shelf';
import { addedModels } from './sources';

/** What transformers.js takes as `env.customCache`. */
type ModelCache = {
  match(key: string): Promise<Response | undefined>;
  put(): Promise<void>;
};

export class StoredModels {
  readonly #known: CatalogueModel[];
  readonly database = new ChunkDatabase();
  /** By model and path, as `a model/a/path`. */
  readonly #lent = new Map<string, Blob>();

  /** @param known the models that come with the page's own list */
  constructor(known: CatalogueModel[] = catalogue) {
    this.#known = known;
  }

  /** Files that another worker holds in memory, because this browser keeps nothing. @param files as `exportFiles` gives */
  lend(files: readonly DiskFile[]): void {
    for (const { path, blob } of files) this.#lent.set(path, blob);
  }

  /** What the page knows and what the person added, in this order. */
  async models(): Promise<CatalogueModel[]> {
    return [...this.#known, ...(await addedModels())];
  }

  /** Rejects with ModelMissing when there is none of this name. */
  async model(modelId: string): Promise<CatalogueModel> {
    const model = (await this.models()).find((one) => one.id === modelId);
    if (!model) throw fault('ModelMissing', `No model is called ${modelId}.`);
    return model;
  }

  /**
   * All files needed to run the model are here and were verified.
   * @param optional paths of optional files to treat as needed
   */
  async ready(modelId: string, optional: string[] = []): Promise<boolean> {
    const model = await this.model(modelId);
    const needed = neededFiles(model, optional).filter(({ path }) => !this.#lent.has(`${modelId}/${path}`));
    return (await committed(this.database, model, needed)).length === needed.length;
  }

  /**
   * A stored file as a Blob over its chunks: no byte is in memory before it is read. Chunk count and lengths are checked.
   * Rejects with ModelMissing when it was never stored, ModelDamaged when a part of it is gone.
   */
  async blob(modelId: string, path: string): Promise<Blob> {
    const lent = this.#lent.get(`${modelId}/${path}`);
    if (lent) return lent;
    const model = await this.model(modelId);
    const file = model.files.find((one) => one.path === path);
    const chunks = file && (await chunksOf(this.database, model, file));
    if (!chunks) throw fault('ModelMissing', `${modelId}/${path}`);
    if (chunks === 'damaged') throw fault('ModelDamaged', `${modelId}/${path}`);
    return blobOf(chunks, path);
  }

  /** Rejects as `blob`. */
  async json(modelId: string, path: string): Promise<unknown> {
    return JSON.parse(await (await this.blob(modelId, path)).text()) as unknown;
  }

  /**
   * For `env.customCache` of transformers.js. A miss is a miss, whatever the reason: it never throws. `put` keeps
   * nothing, because transformers.js neither resumes, nor checks, nor reports a full disk.
   */
  cache(): ModelCache {
    return {
      match: async (key) => {
        try {
          const found = findByKey(await this.models(), key);
          if (!found) return undefined;
          const blob = await this.blob(found.model.id, found.file.path);
          return new Response(blob, { headers: { 'content-length': String(blob.size) } });
        } catch {
          return undefined;
        }
      },
      put: () => Promise.resolve(),
    };
  }
}

/** The file at `path` over its chunks. */
function blobOf(chunks: Blob[], path: string): Blob {
  return new Blob(chunks, { type: path.endsWith('.json') ? 'application/json' : 'application/octet-stream' });
}
