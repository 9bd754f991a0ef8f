/**
 * How something that a person asked of the model store ended: one sentence, what to do, and under "Details" what only some
 * want to read.
 */
export type Outcome = { kind: 'ok' | 'news' | 'fault'; sentence: string; more: string; details: readonly string[] };
