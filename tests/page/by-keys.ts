/** The page as somebody uses it who has no mouse: by Tab and keys, with the focus never lost on the way. */
import type { Locator, Page } from 'playwright/test';
import { expect } from '../browser.ts';

/** Tab by tab, forwards or backwards, as somebody without a mouse gets there. */
export async function walkTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let step = 0; step < 120; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${target.toString()}`);
}

/** What is wrong with the place where the focus is; empty: nothing. */
function faultOfFocus(): string {
  const at = document.activeElement;
  if (at === null || at === document.body) return 'nothing has the focus';
  const named = `${at.tagName} ${at.id} ${at.getAttribute('aria-label') ?? at.textContent.slice(0, 40)}`;
  if (!at.checkVisibility({ visibilityProperty: true })) return `it is on something that nobody sees: ${named}`;
  const dialog = [...document.querySelectorAll('dialog:modal')].at(-1);
  return dialog === undefined || dialog.contains(at) ? '' : `it is outside the open dialog: ${named}`;
}

/** The focus is on something that is on the screen, and in the dialog where one is open. */
export async function expectFocus(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(faultOfFocus), 'where the focus is').toBe('');
}

/** Presses keys one after another; after each of them something has the focus. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await expectFocus(page);
  }
}

/** Walks to a control and presses it with Enter. */
export async function pressAt(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await walkTo(page, target, key);
  await press(page, 'Enter');
}

/**
 * Tab goes round in the open dialog: as often as there are controls, and never to what lies behind it. The browser's own
 * bar, which comes after the last one, is no part of the page.
 */
export async function expectTrapped(page: Page): Promise<void> {
  for (const key of ['Tab', 'Shift+Tab'])
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press(key);
      expect(
        await page.evaluate(() => {
          const at = document.activeElement;
          return at === null || at === document.body || at.closest('dialog:modal') !== null;
        }),
        `${step + 1} times ${key}`,
      ).toBe(true);
    }
}
