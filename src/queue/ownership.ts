/** Held like a job, by the tab that takes the job of this id off the disk: what it is given meanwhile is not that job. */
export const leaving = (id: string) => `leaving ${id}`;

/** @returns the name of a job's Web Lock */
export const lockOf = (id: string) => `earshot-job:${id}`;

/**
 * Which tab a kept job belongs to. Tabs share one disk: a job is run, changed and written by the tab that holds its
 * Web Lock, and only read by the others. The browser releases the lock when its tab is closed or crashes.
 */
export class Ownership {
  readonly #release = new Map<string, () => void>();

  /** @returns false: another tab has the job. A browser without Web Locks cannot tell, and the answer is true. */
  async tryTake(id: string): Promise<boolean> {
    return (await this.#request(id, { ifAvailable: true })) !== 'refused';
  }

  /** Resolves when it is this tab's: at once, or when the other tab lets go of it. */
  async take(id: string): Promise<void> {
    await this.#request(id, {});
  }

  release(id: string): void {
    this.#release.get(id)?.();
    this.#release.delete(id);
  }

  #request(id: string, options: LockOptions): Promise<'mine' | 'refused'> {
    if (this.#release.has(id) || !('locks' in navigator)) return Promise.resolve('mine');
    return new Promise((resolve) => {
      const held = (lock: Lock | null): Promise<void> | void => {
        if (lock === null) return resolve('refused');
        resolve('mine');
        return new Promise((release) => this.#release.set(id, release));
      };
      // Site data is blocked: nothing is kept, so there is nothing to share.
      navigator.locks.request(lockOf(id), options, held).catch(() => resolve('mine'));
    });
  }
}
