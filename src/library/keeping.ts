/** The browser's promise not to delete what this page keeps: asked for once, whatever the answer. */

const ASKED = 'earshot-asked-to-keep';

/** A person was asked before. Where nothing can be remembered, nothing can be promised either. */
export function answered(): boolean {
  try {
    return localStorage.getItem(ASKED) !== null;
  } catch {
    return true;
  }
}

/** @returns whether the browser has promised it */
export async function askToKeep(): Promise<boolean> {
  localStorage.setItem(ASKED, String(Date.now()));
  return navigator.storage.persist().catch(() => false);
}
