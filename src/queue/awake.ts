/**
 * Keeps the screen on while a job or a recording runs, where the browser can: a locked screen may take the GPU away. A browser lets go
 * of the lock whenever the tab is hidden (Screen Wake Lock, section 9.2), so it is taken again when the tab is back.
 */
/** What it is kept on for. */
const reasons = new Set<string>();
let lock: WakeLockSentinel | null = null;

export function stayAwake(reason: 'job' | 'recording'): Promise<void> {
  reasons.add(reason);
  document.addEventListener('visibilitychange', onVisibility);
  return take();
}

export async function sleepAgain(reason: 'job' | 'recording'): Promise<void> {
  reasons.delete(reason);
  if (reasons.size > 0) return;
  document.removeEventListener('visibilitychange', onVisibility);
  const held = lock;
  lock = null;
  await held?.release().catch(() => {});
}

function onVisibility(): void {
  if (document.visibilityState === 'visible') void take();
}

async function take(): Promise<void> {
  if (lock !== null && !lock.released) return;
  try {
    const taken = await navigator.wakeLock.request('screen');
    // What it was for may have ended before the browser answered.
    if (reasons.size > 0) lock = taken;
    else await taken.release();
  } catch {
    // Refused (battery, hidden tab) or not offered: the work goes on all the same.
  }
}
