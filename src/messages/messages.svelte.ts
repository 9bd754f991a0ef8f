/** News and faults above the work. They stay until they are dealt with; the same thing is said once. */
import type { Action, Message, News } from './message.ts';

class Messages {
  #list = $state.raw<readonly Message[]>([]);

  get list(): readonly Message[] {
    return this.#list;
  }

  say(message: News): void {
    const full: Message = { kind: 'news', more: '', detail: '', actions: [], ...message };
    const there = this.#list.some(({ key }) => key === full.key);
    this.#list = there ? this.#list.map((old) => (old.key === full.key ? full : old)) : [...this.#list, full];
  }

  /** Says it with a button that takes it away again, after those it has already. */
  sayUntil(label: string, message: News): void {
    const dismiss: Action = { label, run: () => this.withdraw(message.key) };
    this.say({ ...message, actions: [...(message.actions ?? []), dismiss] });
  }

  withdraw(key: string): void {
    this.#list = this.#list.filter((message) => message.key !== key);
  }
}

export const messages = new Messages();
