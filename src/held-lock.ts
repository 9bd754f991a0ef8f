/** Whether some tab holds the Web Lock of this name. A browser without Web Locks cannot tell, and the answer is no. */
export async function isHeld(lock: string): Promise<boolean> {
  if (!('locks' in navigator)) return false;
  const { held = [] } = await navigator.locks.query().catch((): LockManagerSnapshot => ({}));
  return held.some(({ name }) => name === lock);
}
