/** The voices that a person has kept on this device: shown and deleted at any time, compared only where that is on. */
import { createStore, del, set, values, type UseStore } from 'idb-keyval';
import type { KnownVoice } from './alike.ts';

class KnownVoices {
  #list = $state.raw<readonly KnownVoice[]>([]);
  /** The browser keeps nothing here: a voice that is kept is gone with this visit. */
  #lost = $state.raw(false);
  #store: UseStore | null = null;
  #reading: Promise<void> | null = null;

  /** In the order of their names. */
  get list(): readonly KnownVoice[] {
    return this.#list;
  }
  get lost(): boolean {
    return this.#lost;
  }

  /** Reads what is kept, once a visit. Never rejects. */
  read(): Promise<void> {
    this.#reading ??= this.#try(async () => this.#show(await values<KnownVoice>(this.#opened())));
    return this.#reading;
  }

  /** One of the same name becomes this voice. Never rejects. */
  async keep(name: string, voice: Int8Array): Promise<void> {
    await this.read();
    const known = this.#list.find((one) => one.name === name);
    const kept = { id: known?.id ?? crypto.randomUUID(), name, voice, keptAtMs: Date.now() };
    this.#show([...this.#list.filter(({ id }) => id !== kept.id), kept]);
    await this.#try(() => set(kept.id, kept, this.#opened()));
  }

  /** Never rejects. */
  async forget(id: string): Promise<void> {
    this.#show(this.#list.filter((one) => one.id !== id));
    await this.#try(() => del(id, this.#opened()));
  }

  #opened(): UseStore {
    return (this.#store ??= createStore('earshot-known-voices', 'voices'));
  }

  #show(list: readonly KnownVoice[]): void {
    this.#list = [...list].sort((a, b) => a.name.localeCompare(b.name));
  }

  async #try(task: () => Promise<void>): Promise<void> {
    try {
      await task();
      this.#lost = false;
    } catch {
      this.#lost = true;
    }
  }
}

export const knownVoices = new KnownVoices();
