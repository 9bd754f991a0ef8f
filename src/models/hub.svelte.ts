/** Where models come from besides the hub's own address and list: a mirror, and models of the hub by their id. */
import { engine } from '../engine.svelte.ts';
import { asFault } from '../faults.ts';
import { t } from '../locale/text.ts';
import type { Outcome, OutcomeTelling } from './outcome.ts';
import { failedTelling } from './outcome-words.ts';

class Hub {
  #mirror = $state.raw<string | null>(null);
  #outcomes = $state.raw<Readonly<Partial<Record<'mirror' | 'add', OutcomeTelling>>>>({});

  /** Where hub models are fetched from; null: the hub itself. */
  get mirror(): string | null {
    return this.#mirror;
  }
  /** How the last thing of its kind ended. */
  outcomeOf(verb: 'mirror' | 'add'): Outcome | undefined {
    return this.#outcomes[verb]?.();
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
      const host = this.#mirror ?? 'huggingface.co';
      return () => t('Models are downloaded from {host} from now on.', { host });
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
      return () => t('{name} is on the list. Download it there; Earshot has not verified it.', { name });
    });
  }

  async #run(verb: 'mirror' | 'add', task: () => Promise<() => string>): Promise<boolean> {
    this.#outcomes = { ...this.#outcomes, [verb]: undefined };
    try {
      const sentence = await task();
      const tell: OutcomeTelling = () => ({ kind: 'ok', sentence: sentence(), more: '', details: [] });
      this.#outcomes = { ...this.#outcomes, [verb]: tell };
      return true;
    } catch (error) {
      this.#outcomes = { ...this.#outcomes, [verb]: failedTelling(verb, '', asFault(error)) ?? undefined };
      return false;
    }
  }
}

export const hub = new Hub();
