/** Keeps the screen on while a job runs, where the browser can: a locked screen may take the GPU away. */
let lock: WakeLockSentinel | null = null;

export async function stayAwake(): Promise<void> {
  try {
    if (lock === null || lock.released) lock = await navigator.wakeLock.request('screen');
  } catch {
    // Refused (battery, hidden tab) or not offered: the job runs all the same.
  }
}

export async function sleepAgain(): Promise<void> {
  const held = lock;
  lock = null;
  await held?.release().catch(() => {});
}
