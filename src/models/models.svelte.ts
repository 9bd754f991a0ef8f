/** What a person does with models: fetch, pause, check, take along, bring, delete. Says in words how it ended. */
import { ABORTED, type DiskFile } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { saveFile } from '../export/save.ts';
import { asFault, cpuCanTakeOver } from '../faults.ts';
import { messages } from '../messages/messages.svelte.ts';
import { DEFAULT_MODEL } from '../settings/choices.ts';
import { settings } from '../settings/settings.svelte.ts';
import { failedWords, importWords, verifiedWords, type StoreVerb, type Told } from './model-words.ts';

/** What the browser lets this page keep. Null: it does not say. */
export type Room = { usedBytes: number | null; freeBytes: number | null; persisted: boolean | null };

/** A worker that is ended under a download (another backend, a fault of a job) is followed by a fresh one, so often. */
const FRESH_TRIES = 3;

class Models {
  /** How the last wish ended: by model id, or by what it was about. */
  #told = $state.raw<Readonly<Partial<Record<string, Told>>>>({});
  #room = $state.raw<Room>({ usedBytes: null, freeBytes: null, persisted: null });
  /** The person has asked for the stop. */
  #stopping = false;
  /** The wish that is being fulfilled. */
  #running: Promise<unknown> = Promise.resolve();

  get room(): Room {
    return this.#room;
  }
  /** @param about a model's id, `import` or `room` */
  told(about: string): Told | undefined {
    return this.#told[about];
  }

  async lookForRoom(): Promise<void> {
    try {
      const { quota, usage } = await navigator.storage.estimate();
      this.#room = {
        usedBytes: usage ?? null,
        freeBytes: quota === undefined || usage === undefined ? null : Math.max(0, quota - usage),
        persisted: await navigator.storage.persisted(),
      };
    } catch {
      this.#room = { usedBytes: null, freeBytes: null, persisted: null };
    }
  }

  /** Asks the browser not to throw the models away when the disk gets full. */
  async askToKeep(): Promise<void> {
    const kept = await navigator.storage.persist().catch(() => false);
    await this.lookForRoom();
    this.#tell(
      'room',
      kept
        ? null
        : {
            kind: 'news',
            sentence: 'The browser did not agree.',
            more: 'It decides by how often a page is used. Install Earshot or bookmark it, then ask again.',
            details: [],
          },
    );
  }

  download(modelId: string): Promise<void> {
    // A no is no obstacle.
    void navigator.storage?.persist?.().catch(() => false);
    return this.#wish('download', modelId, () => engine.fetchModel(modelId));
  }

  /** What came stays; `download` goes on from there. Also stops a check or an import. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await engine.stopStoreWork().catch(() => {});
    await this.#running;
  }

  /** Stops and frees what has come. */
  async cancel(modelId: string): Promise<void> {
    await this.stop();
    await this.remove(modelId);
  }

  verify(modelId: string): Promise<void> {
    return this.#wish('verify', modelId, async () =>
      verifiedWords(this.#nameOf(modelId), await engine.verifyModel(modelId)),
    );
  }

  /** Saves it as a zip for another machine. */
  exportZip(modelId: string): Promise<void> {
    return this.#wish('export', modelId, async () => {
      const name = `${modelId.replaceAll('/', '--')}.zip`;
      saveFile(name, await engine.exportModel(modelId));
      return {
        kind: 'ok',
        sentence: `${name} goes to your downloads.`,
        more: 'Import it on another machine, which needs no network for it.',
        details: [],
      };
    });
  }

  /** Takes models from the person's disk. */
  async bring(files: DiskFile[]): Promise<void> {
    if (files.length === 0) return;
    await this.#wish('import', 'import', async () =>
      importWords(await engine.importModels(files), engine.models ?? []),
    );
  }

  /** As `bring`, for files that came in where no model was asked for: said above the work. */
  async bringUnasked(files: DiskFile[]): Promise<void> {
    if (files.length === 0) return;
    const OK = { label: 'OK', run: () => messages.withdraw('import') };
    messages.say({ key: 'import', sentence: 'This looks like a model. It is being read and checked.' });
    await this.bring(files);
    const told = this.#told['import'];
    this.#tell('import', null);
    if (told === undefined) messages.withdraw('import');
    else messages.say({ ...told, key: 'import', detail: told.details.join('\n'), actions: [OK] });
  }

  /** Frees the disk, and the memory where it is in there. A model of the person's own also leaves the list. */
  async remove(modelId: string): Promise<void> {
    const own = engine.model(modelId)?.custom === true;
    await this.#wish('delete', modelId, async () => {
      if (engine.gauge?.modelId === modelId) await engine.unload();
      await engine.deleteModel(modelId);
    });
    if (own && settings.current.model === modelId) settings.change('model', DEFAULT_MODEL);
  }

  /** Fulfils one wish and says how it ended. Never rejects. */
  #wish(verb: StoreVerb, about: string, fulfil: () => Promise<Told | void>): Promise<void> {
    const running = this.#fulfil(verb, about, fulfil);
    this.#running = running;
    return running;
  }

  async #fulfil(verb: StoreVerb, about: string, fulfil: () => Promise<Told | void>): Promise<void> {
    this.#stopping = false;
    // What was said of the last wish is old news now.
    this.#told = {};
    for (let tries = FRESH_TRIES; ; tries -= 1) {
      try {
        this.#tell(about, (await fulfil()) ?? null);
        break;
      } catch (error) {
        const thrown = asFault(error);
        const ended = thrown.name === ABORTED || cpuCanTakeOver(thrown.name);
        if (verb === 'download' && ended && !this.#stopping && tries > 0) continue;
        await this.lookForRoom();
        this.#tell(about, failedWords(verb, this.#nameOf(about), thrown, this.#roomFor(about)));
        break;
      }
    }
    await this.lookForRoom();
  }

  #roomFor(modelId: string): { needBytes?: number; freeBytes?: number } {
    const model = engine.model(modelId);
    const { freeBytes } = this.#room;
    if (model === undefined || freeBytes === null) return {};
    const needBytes = model.totalBytes - model.storedBytes;
    // Chromium may say that there is room while a write says that there is none.
    return freeBytes > needBytes ? {} : { needBytes, freeBytes };
  }

  #nameOf(modelId: string): string {
    return engine.model(modelId)?.name ?? modelId;
  }

  #tell(about: string, told: Told | null): void {
    const { [about]: _, ...rest } = this.#told;
    this.#told = told === null ? rest : { ...rest, [about]: told };
  }
}

export const models = new Models();
