/**
 * How something that a person asked of the model store ended: one sentence, what to do, and under "Details" what only some
 * want to read.
 */
export type Outcome = { kind: 'ok' | 'news' | 'fault'; sentence: string; more: string; details: readonly string[] };

/** Says it anew each time it is drawn: in the language that the page speaks then. */
export type OutcomeTelling = () => Outcome;
