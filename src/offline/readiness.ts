/** Whether the page would work with the network off now, and what is missing if not. Pure. */
import { t } from '../locale/text.ts';
import type { Kept, ModelState } from '../../workers/protocol.ts';

export type Part = {
  name: string;
  here: boolean;
  /** Bytes on this device, or null where nobody has measured. */
  bytes: number | null;
  words: string;
};

export type Readiness = { ready: boolean; sentence: string; parts: Part[] };

/** What is known at this moment. */
export type Facts = {
  /** This browser, here, can keep pages at all. */
  canKeep: boolean;
  /** What the service worker said last; null: it has not answered. */
  kept: Kept | null;
  /** Parts of the page that come later are asked for through the service worker: it has taken charge of this visit. */
  inCharge: boolean;
  /** The chosen one; undefined: not known yet. */
  model: ModelState | undefined;
  /** What tells speakers apart, where that is switched on. */
  speakers?: ModelState | undefined;
};

export function readinessOf({ canKeep, kept, inCharge, model, speakers }: Facts): Readiness {
  const shell = kept !== null && kept.shell.missing === 0;
  const engine = kept !== null && kept.runtime.missing === 0;
  const verified = model?.ready === true;
  const coming = kept === null || kept.fetching;
  const parts: Part[] = [
    {
      name: t('The page'),
      here: shell,
      bytes: kept?.shell.bytes ?? null,
      words: shell ? t('kept by this browser') : canKeep ? t('not kept yet') : t('this browser keeps no pages here'),
    },
    {
      name: t('The engine'),
      here: engine,
      bytes: kept?.runtime.bytes ?? null,
      words: engine ? t('kept by this browser') : canKeep && coming ? t('being fetched') : t('not kept'),
    },
    {
      name: t('The model'),
      here: verified,
      bytes: model === undefined ? null : model.storedBytes,
      words: model === undefined ? t('not known yet') : `${model.name}, ${verified ? t('checked') : missing(model)}`,
    },
  ];
  // The transcript does not depend on it, so the page is ready for a visit without a network all the same.
  if (speakers !== undefined)
    parts.push({
      name: t('Speakers'),
      here: speakers.ready,
      bytes: speakers.storedBytes,
      words: `${speakers.name}, ${speakers.ready ? t('checked') : missing(speakers)}`,
    });
  const ready = shell && engine && verified && inCharge;
  return { ready, sentence: ready ? t('Offline ready') : t('Not offline yet: {why}', { why: why() }), parts };

  /** What comes with the page needs no decision: the first file brings it. */
  function missing({ source }: ModelState): string {
    return source === 'bundled' ? t('not loaded yet') : t('missing');
  }

  function why(): string {
    if (!canKeep) return t('this browser keeps no pages');
    // The one that takes a decision comes first; the others come by themselves.
    if (model !== undefined && !verified) return t('model {model}', { model: missing(model) });
    if (!shell) return kept === null ? t('the page is still being fetched') : t('parts of the page are missing');
    if (!engine) return coming ? t('the engine is still being fetched') : t('the engine is missing');
    return model === undefined ? t('looking for the model') : t('reload this page once');
  }
}
