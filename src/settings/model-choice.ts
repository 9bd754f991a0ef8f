/** Which models a person chooses from, and which one they go on with. Pure. */
import type { ModelState } from '../../workers/protocol.ts';
import { DEFAULT_MODEL, DEMO_MODEL } from './choices.ts';

/** The Whisper base that comes with the page. */
export const BUNDLED_BASE = 'whisper-base';
/** The one of the hub, which had the other's id before there was one that comes with the page. */
export const HUB_BASE = 'whisper-base-hub';

/** The two networks that tell speakers apart. */
export const SPEAKERS_MODEL = 'speakers';

/**
 * The list as a person sees it: without the models of the self-test, unless one was chosen all the same.
 * @param chosen ids that the settings or the page's address name
 */
export function offered(models: readonly ModelState[], chosen: readonly (string | null)[]): readonly ModelState[] {
  return models.filter(({ id, listed }) => listed || chosen.includes(id));
}

/**
 * Whether a device that has the hub's Whisper base from an earlier visit goes on with it, so that it need not load another
 * form of the same model and works on with the network off.
 * @param kept the model that the settings of earlier visits name; null: none, so it was the default
 */
export function goesOnWithHub(models: readonly ModelState[], kept: string | null): boolean {
  const bundled = models.find(({ id }) => id === BUNDLED_BASE);
  const hub = models.find(({ id }) => id === HUB_BASE);
  return (kept === null || kept === BUNDLED_BASE) && hub?.ready === true && bundled?.storedBytes === 0;
}

/**
 * The model that a file is heard with. One that is not in the catalogue falls to the default, or the first there is.
 * @param demo the file is the demonstration, which has a model of its own
 * @param chosen what the settings say
 * @param models the catalogue; null: not known yet
 */
export function modelFor(demo: boolean, chosen: string, models: readonly ModelState[] | null): string {
  const wanted = demo ? DEMO_MODEL : chosen;
  const has = (id: string) => models?.some((model) => model.id === id) === true;
  if (has(wanted)) return wanted;
  return has(DEFAULT_MODEL) ? DEFAULT_MODEL : (models?.[0]?.id ?? DEFAULT_MODEL);
}

/** Files may start with it: it is on this device, or comes with the page, about which nobody is asked. */
export function needsNoQuestion(model: ModelState | undefined): boolean {
  return model !== undefined && (model.ready || model.source === 'bundled');
}
