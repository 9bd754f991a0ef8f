/** News and faults above the work. They stay until they are dealt with; the same thing is said once. */
import { t, type Phrase } from '../locale/text.ts';
import type { Message, Telling } from './message.ts';

class Messages {
  #told = $state.raw<readonly Telling[]>([]);

  get list(): readonly Message[] {
    return this.#told.map((tell) => ({ kind: 'news', more: '', detail: '', actions: [], ...tell() }));
  }

  say(tell: Telling): void {
    const { key } = tell();
    const there = this.#told.some((old) => old().key === key);
    this.#told = there ? this.#told.map((old) => (old().key === key ? tell : old)) : [...this.#told, tell];
  }

  /** Says it with a button that takes it away again, after those it has already. */
  sayUntil(label: 'OK' | Phrase, tell: Telling): void {
    this.say(() => {
      const news = tell();
      const dismiss = { label: t(label), run: () => this.withdraw(news.key) };
      return { ...news, actions: [...(news.actions ?? []), dismiss] };
    });
  }

  withdraw(key: string): void {
    this.#told = this.#told.filter((tell) => tell().key !== key);
  }
}

export const messages = new Messages();
