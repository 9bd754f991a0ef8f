/** What every view keeps to, in every layout: no fault that axe finds, nothing wider than the window, nothing cut off. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { expect, test } from '../browser.ts';

const DEVICES = [
  { device: 'desktop', viewport: { width: 1280, height: 800 } },
  { device: 'phone', viewport: { width: 390, height: 844 } },
] as const;
type Device = (typeof DEVICES)[number]['device'];

/** The tests on a desk and on a phone, for what a page decides when it is opened. */
export function onEveryDevice(tests: (device: Device) => void): void {
  for (const { device, viewport } of DEVICES) {
    test.describe(device, () => {
      test.use({ viewport, contextOptions: { reducedMotion: 'reduce' } });
      tests(device);
    });
  }
}

/**
 * A page that is open already is looked at on a desk and a phone, by day and by night, and is as it was afterwards.
 * @param view what is on the screen: the name of the pictures that are kept of it
 */
export async function expectAccessibleInEveryLayout(page: Page, view: string): Promise<void> {
  const before = page.viewportSize();
  for (const { device, viewport } of DEVICES) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await test.step(`${view}, ${device}`, () => expectAccessible(page, { pictures: `${view}-${device}` }));
  }
  await page.emulateMedia({ reducedMotion: null });
  if (before !== null) await page.setViewportSize(before);
}

/**
 * Nothing that axe finds by day, and no colour that it finds at night, when nothing else is another.
 * @param within a selector: the part of the page that is looked at; the whole page unless told
 * @param pictures the name of the pictures that are kept of it; none unless told
 */
export async function expectAccessible(page: Page, { within = 'html', pictures = '' } = {}): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    // Colours in the middle of a transition are nobody's. Asked again and again: the end of one whose element is taken
    // away meanwhile is never told.
    const moving = () =>
      document
        .getAnimations()
        .filter(({ playState, effect }) => playState === 'running' && effect?.getTiming().iterations !== Infinity)
        .length;
    await expect.poll(() => page.evaluate(moving)).toBe(0);
    if (pictures !== '')
      await page.screenshot({
        path: test.info().outputPath(`${pictures}-${colorScheme}.png`),
        fullPage: pictures.endsWith('phone'),
      });
    const axe = new AxeBuilder({ page }).include(within);
    if (colorScheme === 'dark') axe.withRules('color-contrast');
    // The size of what is pressed is no part of what axe looks at unless it is told so.
    else axe.options({ rules: { 'target-size': { enabled: true } } });
    const { violations } = await axe.analyze();
    const faults: string[] = [];
    for (const { id, nodes } of violations)
      for (const { target, failureSummary } of nodes)
        if (id !== 'target-size' || (await isPressed(page, target.join(' '))))
          faults.push(`${id} ${target.join(' ')}: ${failureSummary ?? ''}`);
    expect(faults, `faults that axe finds, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
  await expectInside(page);
}

/** The edges of a cue in the waveform are moved by keys; what a pointer drags there is the picture below them. */
function isPressed(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).evaluate((element) => getComputedStyle(element).pointerEvents !== 'none');
}

/** Nothing reaches out of the window: neither the page, which then scrolls, nor anything that is not moved sideways in it. */
export async function expectInside(page: Page): Promise<void> {
  expect(await page.evaluate(cutOff), 'beyond the window, or cut off').toEqual([]);
}

/**
 * What cannot be seen whole: beyond the window, or a control beyond the box that cuts it off. What is meant to be moved
 * sideways is left out; a box that only scrolls up and down is a box that cuts off.
 */
function cutOff(): string[] {
  const SIDEWAYS = '.sideways, .scroll, pre';
  const named = (element: Element) =>
    `${element.tagName.toLowerCase()}.${element.className.toString()} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}"`;
  const { scrollWidth, clientWidth } = document.documentElement;
  const found = scrollWidth > clientWidth ? [`the page is ${scrollWidth - clientWidth} px too wide`] : [];
  for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
    // Visually hidden on purpose, for those who listen.
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.vh, svg') !== null) continue;
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    let edges = { left: 0, right: clientWidth };
    let scrolls = false;
    for (let parent = element.parentElement; parent !== null && !scrolls; parent = parent.parentElement) {
      const { overflowX, position } = getComputedStyle(parent);
      if (overflowX !== 'visible' && parent !== document.body && parent !== document.documentElement) {
        const { left, right } = parent.getBoundingClientRect();
        // Words that are too long end in an ellipsis; a control must be there as a whole.
        scrolls = parent.matches(SIDEWAYS) || !element.matches('button, a, input, select, textarea, summary');
        edges = { left: Math.max(left, edges.left), right: Math.min(right, edges.right) };
      }
      if (position === 'fixed') break;
    }
    if (!scrolls && (box.left < edges.left - 1 || box.right > edges.right + 1)) found.push(named(element));
  }
  return found;
}
