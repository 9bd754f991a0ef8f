/** What a person does with models: download, pause, verify, export, import, delete. Says in words how it ended. */
import { t } from '../locale/text.ts';
import type { DiskFile } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { saveFile } from '../save-file.ts';
import { asFault } from '../faults.ts';
import { messages } from '../messages/messages.svelte.ts';
import { DEFAULT_MODEL } from '../settings/choices.ts';
import { settings } from '../settings/settings.svelte.ts';
import type { OutcomeTelling } from './outcome.ts';
import { failedTelling, importWords, verifiedWords, type StoreVerb } from './outcome-words.ts';
import { outcomes } from './outcomes.svelte.ts';

/** What the browser lets this page keep. Null: it does not say. */
export type Room = { usedBytes: number | null; freeBytes: number | null; persisted: boolean | null };

class Models {
  #room = $state.raw<Room>({ usedBytes: null, freeBytes: null, persisted: null });
  /** What is being done now. */
  #running: Promise<unknown> = Promise.resolve();
  /** The last thing that was asked for: one is done at a time, in the order they came. */
  #last: Promise<unknown> = Promise.resolve();

  get room(): Room {
    return this.#room;
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
    outcomes.set(
      'room',
      kept
        ? null
        : () => ({
            kind: 'news',
            sentence: t('The browser did not agree.'),
            more: t('It decides by how often a page is used. Install Earshot or bookmark it, then ask again.'),
            details: [],
          }),
    );
  }

  async download(modelId: string): Promise<void> {
    // The download goes on whatever the browser answers: a refusal only means that it may delete the model again.
    void navigator.storage?.persist?.().catch(() => false);
    await this.#enqueue('download', modelId, () => engine.fetchModel(modelId));
  }

  /** What came stays; `download` goes on from there. Also stops a check or an import. */
  async stop(): Promise<void> {
    await engine.stopStoreWork().catch(() => {});
    await this.#running;
  }

  /** Stops and frees what has come. */
  async cancel(modelId: string): Promise<void> {
    await this.stop();
    await this.remove(modelId);
  }

  async verify(modelId: string): Promise<void> {
    await this.#enqueue('verify', modelId, async () => {
      const damaged = await engine.verifyModel(modelId);
      const name = this.#nameOf(modelId);
      return () => verifiedWords(name, damaged);
    });
  }

  /** Saves it as a zip for another machine. */
  async exportZip(modelId: string): Promise<void> {
    await this.#enqueue('export', modelId, async () => {
      const name = `${modelId.replaceAll('/', '--')}.zip`;
      saveFile(name, await engine.exportModel(modelId));
      return () => ({
        kind: 'ok',
        sentence: t('{name} goes to your downloads.', { name }),
        more: t('Import it on another machine, which needs no network for it.'),
        details: [],
      });
    });
  }

  /** Takes models from the person's disk. */
  async importFiles(files: DiskFile[]): Promise<void> {
    if (files.length > 0) await this.#import(files);
  }

  /** As `importFiles`, for files that came in where no model was asked for: said above the work. */
  async importUnasked(files: DiskFile[]): Promise<void> {
    if (files.length === 0) return;
    const busy = engine.storeWork.phase !== 'idle';
    messages.say(() => ({
      key: 'import',
      sentence: busy
        ? t('This looks like a model. It is read when the model store has finished what it is at.')
        : t('This looks like a model. It is being read and checked.'),
    }));
    const tell = await this.#import(files);
    outcomes.set('import', null);
    if (tell === null) return messages.withdraw('import');
    messages.sayUntil('OK', () => {
      const { details, ...outcome } = tell();
      return { ...outcome, key: 'import', detail: details.join('\n') };
    });
  }

  /** @returns says how it ended; null: it was stopped */
  #import(files: DiskFile[]): Promise<OutcomeTelling | null> {
    return this.#enqueue('import', 'import', async () => {
      const report = await engine.importModels(files);
      const after = engine.models ?? [];
      return () => importWords(report, after);
    });
  }

  /** Frees the disk, and the memory where it is in there. A model of the person's own also leaves the list. */
  async remove(modelId: string): Promise<void> {
    const own = engine.model(modelId)?.custom === true;
    await this.#enqueue('delete', modelId, async () => {
      if (engine.gauge?.modelId === modelId) await engine.unload();
      await engine.deleteModel(modelId);
    });
    if (own && settings.current.model === modelId) settings.change('model', DEFAULT_MODEL);
  }

  /**
   * Does one thing after those before it, and says how it ended. Never rejects.
   * @returns what it says; null: nothing
   */
  #enqueue(verb: StoreVerb, about: string, task: () => Promise<OutcomeTelling | void>): Promise<OutcomeTelling | null> {
    const result = this.#last.then(() => {
      const running = this.#run(verb, about, task);
      this.#running = running;
      return running;
    });
    this.#last = result;
    return result;
  }

  async #run(
    verb: StoreVerb,
    about: string,
    task: () => Promise<OutcomeTelling | void>,
  ): Promise<OutcomeTelling | null> {
    outcomes.clear();
    let tell: OutcomeTelling | null;
    try {
      tell = (await task()) ?? null;
    } catch (error) {
      await this.lookForRoom();
      tell = failedTelling(verb, this.#nameOf(about), asFault(error), this.#roomFor(about));
    }
    outcomes.set(about, tell);
    await this.lookForRoom();
    return tell;
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
}

export const models = new Models();
