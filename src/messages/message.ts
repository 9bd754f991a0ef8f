/** What is said above the work. */
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

/** A message as it is said; what is left out is empty, and `kind` is news. */
export type News = Partial<Message> & Pick<Message, 'key' | 'sentence'>;

/** Says it anew each time it is drawn: in the language that the page speaks then. */
export type Telling = () => News;
