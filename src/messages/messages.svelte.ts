/** News and faults above the work. They stay until they are dealt with; the same thing is said once. */
export type Action = { label: string; primary?: boolean; disabled?: boolean; run: () => void };

export type Message = {
  /** What it is about: a second message with the same key takes the place of the first. */
  key: string;
  kind: 'news' | 'ok' | 'fault';
  sentence: string;
  more: string;
  detail: string;
  actions: readonly Action[];
};

class Messages {
  #list = $state.raw<readonly Message[]>([]);

  get list(): readonly Message[] {
    return this.#list;
  }

  say(message: Partial<Message> & Pick<Message, 'key' | 'sentence'>): void {
    const full: Message = { kind: 'news', more: '', detail: '', actions: [], ...message };
    const there = this.#list.some(({ key }) => key === full.key);
    this.#list = there ? this.#list.map((old) => (old.key === full.key ? full : old)) : [...this.#list, full];
  }

  withdraw(key: string): void {
    this.#list = this.#list.filter((message) => message.key !== key);
  }
}

export const messages = new Messages();
