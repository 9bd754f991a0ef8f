/** When memory is given back while there is nothing to do. Pure: takes the time, gives what is due. */
import { clock } from '../clock.ts';
import { t } from '../locale/text.ts';

/** `model`: the sessions, and with them the GPU's memory. `engine`: the worker, and with it the wasm heap. */
export type Tier = 'model' | 'engine';

/** Milliseconds without work after which each tier is given back; null: never. */
export type Rules = Record<Tier, number | null>;

export type Rest = {
  /** When the last work ended; null while there is any: a job or a load. */
  sinceMs: number | null;
  /** What there is to give back. */
  holds: Record<Tier, boolean>;
};

/** When each tier is given back, in milliseconds of `performance.now()`; null: it stays. */
export type Deadlines = Record<Tier, number | null>;

export function deadlines({ sinceMs, holds }: Rest, rules: Rules): Deadlines {
  const at = (tier: Tier) => {
    const ms = rules[tier];
    return sinceMs === null || ms === null || !holds[tier] ? null : sinceMs + ms;
  };
  return { model: at('model'), engine: at('engine') };
}

/** The next moment at which something is due. */
export function nextAt({ model, engine }: Deadlines): number | null {
  if (model === null || engine === null) return model ?? engine;
  return Math.min(model, engine);
}

/** What is due now. When a late timer finds both due, it is the engine: ending it frees the model as well. */
export function due({ model, engine }: Deadlines, nowMs: number): Tier | null {
  if (engine !== null && engine <= nowMs) return 'engine';
  if (model !== null && model <= nowMs) return 'model';
  return null;
}

/** What was given back since the last work, and after how many milliseconds; null: nothing. */
export type Released = { tier: Tier; afterMs: number } | null;

/** One sentence for the panel; empty while there is work, and where nothing was or will be given back. */
export function idleWords(ends: Deadlines, released: Released, rest: Rest, nowMs: number): string {
  if (rest.sinceMs === null) return '';
  const left = (at: number) => clock(Math.ceil(Math.max(0, at - nowMs) / 1000));
  const engine = ends.engine === null ? '' : t('the engine ends in {engine}', { engine: left(ends.engine) });
  if (ends.model !== null) {
    // The model leaves with the engine where the engine ends first.
    if (ends.engine !== null && ends.engine <= ends.model)
      return t('Model and engine leave memory in {engine}.', { engine: left(ends.engine) });
    return t('Model leaves memory in {model}{what}.', {
      model: left(ends.model),
      what: engine === '' ? '' : `, ${engine}`,
    });
  }
  if (rest.holds.model) {
    return t('Model stays in memory until you unload it{what}.', {
      what: engine === '' ? '' : t(' or {engine}', { engine }),
    });
  }
  if (released === null) return '';
  const after = t('after {n} minute idle|after {n} minutes idle', { n: Math.round(released.afterMs / 60_000) });
  if (released.tier === 'engine') return t('Engine ended {after}. The next file starts it again.', { after });
  return t('Model released {after}{what}.', { after, what: engine === '' ? '' : `, ${engine}` });
}
