/** A subtitle file of 100,000 cues: read, scrolled, corrected, kept and saved, and nobody is held up for long. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test, type App } from '../browser.ts';
import { inWords, longest, longTasks } from './long-tasks.ts';
import { keptKeys } from './kept-transcript.ts';
import { addFiles } from './words.ts';

const COUNT = 100_000;
const LONG = { timeout: 90_000 };
/**
 * Tasks take 25 to 45 ms of a processor that has nothing else to do, and up to 63 of one with a load of ten (two cores, 26
 * November 2026). Written at once, SubRip took 370.
 */
const MOST_MS = 100;

const clock = (seconds: number, point: string) => {
  const part = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${part(seconds / 3600)}:${part((seconds / 60) % 60)}:${part(seconds % 60)}${point}500`;
};
const body = (point: string) =>
  Array.from(
    { length: COUNT },
    (_, at) => `${at + 1}\n${clock(at * 3, point)} --> ${clock(at * 3 + 2, point)}\ncue ${at} said by nobody\n`,
  ).join('\n');

const firstText = (app: App) => app.evaluate(() => document.querySelector('[data-cue]')?.textContent ?? '');

for (const [name, content] of [
  ['marathon.srt', () => body(',')],
  ['marathon.vtt', () => `WEBVTT\n\n${body('.')}`],
] as const) {
  test(`${name} is read, scrolled, corrected, kept and saved`, async ({ app }) => {
    test.slow();
    const tasks = await longTasks(app);
    await app.open('?model=whisper-digits-10s&backend=cpu');
    await expect(app.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
    await tasks();
    const path = test.info().outputPath(name);
    writeFileSync(path, content());
    await addFiles(app, path);
    await expect.poll(() => firstText(app), LONG).toBe('cue 0 said by nobody');
    const read = await tasks();

    const scrolled = await app.evaluate(async () => {
      const list = document.querySelector('.cues')!;
      const before = list.scrollTop;
      for (let frame = 0; frame < 60; frame += 1) {
        list.scrollBy(0, 400);
        await new Promise(requestAnimationFrame);
      }
      return list.scrollTop - before;
    });
    expect(scrolled).toBeGreaterThan(400);
    const scrolling = await tasks();

    await app.evaluate(() => document.querySelector<HTMLElement>('[data-cue]')?.focus());
    await app.keyboard.press('End');
    await tasks();
    await app.keyboard.type(', they say', { delay: 30 });
    await app.evaluate(() => (document.activeElement as HTMLElement).blur());
    await expect.poll(() => firstText(app)).toBe('cue 0 said by nobody, they say');
    const typed = await tasks();

    const download = app.waitForEvent('download', LONG);
    await app.evaluate(() => document.querySelector<HTMLElement>('button[aria-haspopup="menu"]')?.click());
    await app.evaluate(
      (kind) =>
        [...document.querySelectorAll<HTMLElement>('[role=menuitem]')]
          .find((item) => item.querySelector('.ext')?.textContent === kind)
          ?.click(),
      name.slice(name.lastIndexOf('.') + 1),
    );
    const saved = readFileSync(await (await download).path(), 'utf8');
    const exporting = await tasks();
    expect(saved).toContain('they say');
    expect(saved).toContain('cue 99999 said by nobody');

    // The correction is written behind the file, whose hundred thousand cues take their time on a busy disk.
    await expect.poll(() => keptKeys(app), LONG).toContainEqual(expect.stringContaining('/edit '));
    await app.reload();
    await expect.poll(() => firstText(app), LONG).toBe('cue 0 said by nobody, they say');
    const reopened = await tasks();
    test.info().annotations.push({
      type: 'figures',
      description:
        `${name}, 100,000 cues: longest task while it is read ${inWords(read)}, scrolled ${inWords(scrolling)}, ` +
        `typed in ${inWords(typed)}, exported ${inWords(exporting)}, opened again ${inWords(reopened)}`,
    });
    expect(Math.max(...[read, scrolling, typed, exporting, reopened].map(longest))).toBeLessThan(MOST_MS);
  });
}
