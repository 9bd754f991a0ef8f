/** Whether this worker may ask the hub: somebody has to have chosen a model of it before the worker was started. */
import type { ModelState } from '../protocol';
import { hubChosen, keepHubChosen, outsiders } from './sources';

export class HubAccess {
  /** Whom the policy of this worker's script let it ask. It was served a moment ago, and stays as it was. */
  readonly #allowed: Promise<string[]> = outsiders().catch(() => []);

  /**
   * Notes that a model of the hub was chosen.
   * @returns whether this worker may already ask the hub, or the mirror in its place
   */
  async letIn(): Promise<boolean> {
    // Read before anything is noted: what is noted now was not known when the script was served.
    const allowed = await this.#allowed;
    await keepHubChosen(true);
    const wanted = await outsiders();
    return wanted.every((origin) => allowed.includes(origin));
  }

  /** What an earlier version of the page has fetched from the hub was chosen then, though nothing was noted. */
  async noteEarlier(states: readonly ModelState[]): Promise<void> {
    if (states.some(isHubs) && (await hubChosen()) === undefined) await keepHubChosen(true);
  }

  /** After something was deleted: with the last model of the hub off this device nobody needs the hub any more. */
  async letGo(states: readonly ModelState[]): Promise<void> {
    if (!states.some(isHubs) && (await hubChosen()) === true) await keepHubChosen(false);
  }
}

/** Something of it is here, or it was added by name. */
function isHubs({ source, custom, storedBytes, partialBytes = 0 }: ModelState): boolean {
  return source === 'hub' && (custom || storedBytes + partialBytes > 0);
}
