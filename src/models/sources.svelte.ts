/** Where models come from besides the hub's own address and list: a mirror, and models of the hub by their id. */
import { engine } from '../engine.svelte.ts';
import { asFault } from '../faults.ts';
import { failedWords, type Told } from './model-words.ts';

class Sources {
  #mirror = $state.raw<string | null>(null);
  #told = $state.raw<Readonly<Partial<Record<'mirror' | 'add', Told>>>>({});

  /** Where hub models are fetched from; null: the hub itself. */
  get mirror(): string | null {
    return this.#mirror;
  }
  /** How the last wish of its kind ended. */
  get told(): Readonly<Partial<Record<'mirror' | 'add', Told>>> {
    return this.#told;
  }

  async look(): Promise<void> {
    this.#mirror = await engine.mirror();
  }

  /**
   * Never rejects.
   * @param address null: the hub itself
   * @returns whether it is so now
   */
  useMirror(address: string | null): Promise<boolean> {
    return this.#wish('mirror', async () => {
      await engine.useMirror(address);
      await this.look();
      return `Models are downloaded from ${this.#mirror ?? 'huggingface.co'} from now on.`;
    });
  }

  /**
   * Puts any Whisper of the hub on the list. Never rejects.
   * @param hubId `owner/name`
   * @returns whether it is there now
   */
  add(hubId: string): Promise<boolean> {
    return this.#wish('add', async () => {
      const { name } = await engine.addModel(hubId);
      return `${name} is on the list. Download it there; Earshot has not verified it.`;
    });
  }

  async #wish(verb: 'mirror' | 'add', fulfil: () => Promise<string>): Promise<boolean> {
    this.#told = { ...this.#told, [verb]: undefined };
    try {
      const sentence = await fulfil();
      this.#told = { ...this.#told, [verb]: { kind: 'ok', sentence, more: '', details: [] } };
      return true;
    } catch (error) {
      this.#told = { ...this.#told, [verb]: failedWords(verb, '', asFault(error)) ?? undefined };
      return false;
    }
  }
}

export const sources = new Sources();
