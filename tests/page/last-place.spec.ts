/** Who corrects a long transcript finds the place again: after another one, after a reload. */
import { expect, fixture, test, type App } from '../browser.ts';
import { addFiles, heard } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';

/** A transcript of 300 cues of two seconds each, without its sound. */
function subtitles(name: string): { name: string; mimeType: string; buffer: Buffer } {
  const at = (second: number) => new Date(second * 1000).toISOString().slice(11, 19) + ',000';
  const cues = Array.from(
    { length: 300 },
    (_, i) => `${i + 1}\n${at(i * 2)} --> ${at(i * 2 + 2)}\nSentence ${i} of ${name}.\n`,
  );
  return { name: `${name}.srt`, mimeType: 'application/x-subrip', buffer: Buffer.from(cues.join('\n')) };
}

const cues = (app: App) => app.getByRole('list', { name: 'Cues' });
const heading = (app: App) => app.getByRole('region', { name: 'Transcript' }).getByRole('heading').first();

/** The first cue that is whole in sight. */
const first = (app: App) =>
  cues(app).evaluate((list) => {
    const top = Math.max(0, list.getBoundingClientRect().top);
    const rows = [...list.querySelectorAll('.cue')];
    return rows.find((row) => row.getBoundingClientRect().top >= top - 1)?.querySelector('[role=textbox]')?.textContent;
  });

/** Resolves when the page has written down that cue as the place; the transcript on the screen is the last one there. */
const kept = (app: App, seconds: number) =>
  expect
    .poll(() => app.evaluate(() => localStorage.getItem('earshot-places') ?? ''))
    .toMatch(new RegExp(`,${seconds}\\]\\]$`));

async function open(app: App, name: string): Promise<void> {
  const row = app.getByRole('list', { name: 'Queue' }).getByRole('listitem').filter({ hasText: name });
  await row.getByRole('button', { name: 'Open' }).click();
  await expect(heading(app)).toContainText(name);
}

async function twoTranscripts(app: App): Promise<void> {
  await app.open(QUERY);
  for (const name of ['interview', 'lecture']) {
    await addFiles(app, subtitles(name));
    await expect(heading(app)).toContainText(name);
  }
  await open(app, 'interview');
  await expect(app.getByText('Sentence 299 of interview.')).toBeAttached();
}

test('the transcript that was on the screen is there after a reload, at the cue that was on top', async ({ app }) => {
  await twoTranscripts(app);
  await app.getByText('Sentence 180 of interview.').evaluate((box) => box.closest('.cue')?.scrollIntoView());
  expect(await first(app)).toBe('Sentence 180 of interview.');
  await kept(app, 360);

  await app.reload();
  await expect(heading(app)).toContainText('interview');
  await expect.poll(() => first(app)).toBe('Sentence 180 of interview.');
  // The focus stays with the person.
  expect(await app.evaluate(() => document.activeElement?.getAttribute('role'))).not.toBe('textbox');

  // Another one begins at its beginning; this one has not forgotten.
  await open(app, 'lecture');
  await expect.poll(() => first(app)).toBe('Sentence 0 of lecture.');
  await open(app, 'interview');
  await expect.poll(() => first(app)).toBe('Sentence 180 of interview.');
  // Back at the beginning, that is the place.
  await cues(app).evaluate((list) => (list.scrollTop = 0));
  await kept(app, 0);
  await app.reload();
  await expect(heading(app)).toContainText('interview');
  await expect(app.getByText('Sentence 299 of interview.')).toBeAttached();
  expect(await first(app)).toBe('Sentence 0 of interview.');
});

test('on a phone, where the page itself is scrolled, too', async ({ app }) => {
  await app.setViewportSize({ width: 390, height: 844 });
  await twoTranscripts(app);
  await app.getByText('Sentence 120 of interview.').evaluate((box) => box.closest('.cue')?.scrollIntoView());
  await kept(app, 240);
  await app.reload();
  await expect.poll(() => first(app)).toBe('Sentence 120 of interview.');
});

test('what is heard next is shown, and stays on the screen when it is done', async ({ app }) => {
  await twoTranscripts(app);
  await app.reload();
  await expect(heading(app)).toContainText('interview');
  await addFiles(app, fixture('windows/synthetic_en_10s_0.wav'));
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done in', { timeout: 60_000 });
  await expect(heading(app)).toContainText('synthetic_en_10s_0.wav');
  expect(await heard(app)).toBe('two eight six seven zero four four zero');
});

test('a transcript that is taken away while it still scrolls has no place to keep', async ({ app }) => {
  await twoTranscripts(app);
  await app.evaluate(() => {
    document.querySelector('.cues')!.scrollTop = 2000;
    for (const button of document.querySelectorAll<HTMLElement>('.job button[aria-label="Remove"]')) button.click();
    // Longer than a scroll is waited for. What goes wrong then is in the console.
    return new Promise((resolve) => setTimeout(resolve, 600));
  });
  await expect(app.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
});
