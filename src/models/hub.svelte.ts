/** Where models come from besides the hub's own address and list: a mirror, and models of the hub by their id. */
import { engine } from '../engine.svelte.ts';
import { asFault } from '../faults.ts';
import { t } from '../locale/text.ts';
import type { Outcome } from './outcome.ts';
import { failedWords } from './outcome-words.ts';

class Hub {
  #mirror = $state.raw<string | null>(null);
  #outcomes = $state.raw<Readonly<Partial<Record<'mirror' | 'add', Outcome>>>>({});

  /** Where hub models are fetched from; null: the hub itself. */
  get mirror(): string | null {
    return this.#mirror;
  }
  /** How the last thing of its kind ended. */
  get outcomes(): Readonly<Partial<Record<'mirror' | 'add', Outcome>>> {
    return this.#outcomes;
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
    return this.#run('mirror', async () => {
      await engine.useMirror(address);
      await this.look();
      return t('Models are downloaded from {host} from now on.', { host: this.#mirror ?? 'huggingface.co' });
    });
  }

  /**
   * Puts any Whisper of the hub on the list. Never rejects.
   * @param hubId `owner/name`
   * @returns whether it is there now
   */
  add(hubId: string): Promise<boolean> {
    return this.#run('add', async () => {
      const { name } = await engine.addModel(hubId);
      return t('{name} is on the list. Download it there; Earshot has not verified it.', { name });
    });
  }

  async #run(verb: 'mirror' | 'add', task: () => Promise<string>): Promise<boolean> {
    this.#outcomes = { ...this.#outcomes, [verb]: undefined };
    try {
      const sentence = await task();
      this.#outcomes = { ...this.#outcomes, [verb]: { kind: 'ok', sentence, more: '', details: [] } };
      return true;
    } catch (error) {
      this.#outcomes = { ...this.#outcomes, [verb]: failedWords(verb, '', asFault(error)) ?? undefined };
      return false;
    }
  }
}

export const hub = new Hub();
