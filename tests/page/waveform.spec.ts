/** The waveform as a person uses it: by mouse, by keys alone, after a reload; and a picture with its captions. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { expect, fixture, needsShared, test } from '../browser.ts';
import { expectAccessible } from './accessible.ts';
import { addFiles, heard, repeated } from './words.ts';

const QUERY = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const LONG = { timeout: 60_000 };

const wave = (page: Page) => page.getByRole('group', { name: 'Waveform' });
const slider = (page: Page) => wave(page).getByRole('slider', { name: 'Position in the waveform' });
const firstBox = (page: Page) => page.getByRole('list', { name: 'Cues' }).getByRole('textbox').first();
const playhead = async (page: Page) => Number(await slider(page).getAttribute('aria-valuenow'));

/** How many different colours are drawn: an empty canvas has one. */
const drawn = (page: Page) =>
  slider(page).evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    return new Set(new Uint32Array(Uint8Array.from(pixels).buffer)).size;
  });

test('seek, choose a stretch, drag the edge of a cue, zoom: by mouse and by keys alone, and after a reload', async ({
  app,
}) => {
  test.slow();
  await app.open(QUERY);
  await addFiles(app, repeated(CLIP, 2));
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', LONG);
  await expect(slider(app)).toBeVisible();
  await expect.poll(() => drawn(app)).toBeGreaterThan(2);
  await expect(slider(app)).toHaveAttribute('aria-disabled', 'false');

  // A press goes there, a drag chooses.
  const box = (await slider(app).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (share: number) => [box.x + box.width * share, box.y + 10] as const;
  await app.mouse.click(...at(0.5));
  await expect.poll(() => playhead(app)).toBeGreaterThan(7);
  // In a pause: the edge of a cue would be dragged.
  await app.mouse.move(...at(0.475));
  await app.mouse.down();
  await app.mouse.move(...at(0.5));
  await app.mouse.move(...at(0.6));
  await app.mouse.up();
  await expect(wave(app).getByRole('status')).toContainText(/Chosen: 0:08\.\d+ to 0:1[01]/);
  await wave(app).getByRole('button', { name: 'Play it' }).click();
  // It stops by itself at the end of the stretch.
  await expect.poll(() => playhead(app)).toBeGreaterThan(10.5);
  await expect(app.getByRole('region', { name: 'Player' }).getByRole('button', { name: 'Play' })).toBeVisible();
  expect(await playhead(app)).toBeLessThan(14);
  await wave(app).getByRole('button', { name: 'Let go' }).click();
  await expect(wave(app).getByRole('status')).toHaveCount(0);

  // By keys: seek, choose, let go, zoom.
  await slider(app).focus();
  await app.keyboard.press('Home');
  await expect.poll(() => playhead(app)).toBe(0);
  await app.keyboard.press('ArrowRight');
  await expect.poll(() => playhead(app)).toBe(1);
  await app.keyboard.press('Shift+ArrowRight');
  await app.keyboard.press('Shift+ArrowRight');
  await expect(wave(app).getByRole('status')).toContainText('Chosen: 0:01.000 to 0:03.000');
  await app.keyboard.press('Escape');
  await expect(wave(app).getByRole('status')).toHaveCount(0);
  await app.keyboard.press('+');
  await app.keyboard.press('+');
  await expect(wave(app).getByRole('button', { name: 'Show more of the recording' })).toBeEnabled();
  await app.keyboard.press('-');
  await app.keyboard.press('-');
  await expect(wave(app).getByRole('button', { name: 'Show more of the recording' })).toBeDisabled();

  // The edges of the cue that one is in are sliders, and a step of the document each time.
  await firstBox(app).click();
  const end = wave(app).getByRole('slider', { name: 'End of the cue' });
  const before = Number(await end.getAttribute('aria-valuenow'));
  await end.focus();
  await app.keyboard.press('ArrowLeft');
  await expect.poll(async () => Number(await end.getAttribute('aria-valuenow'))).toBeCloseTo(before - 0.1, 3);
  const edge = (await end.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await app.mouse.move(edge.x + edge.width / 2, edge.y + 10);
  await app.mouse.down();
  await app.mouse.move(edge.x - 30, edge.y + 10, { steps: 3 });
  await app.mouse.up();
  await expect.poll(async () => Number(await end.getAttribute('aria-valuenow'))).toBeLessThan(before - 0.2);
  await slider(app).focus();
  await app.keyboard.press('Control+z');
  await app.keyboard.press('Control+z');
  await expect.poll(async () => Number(await end.getAttribute('aria-valuenow'))).toBeCloseTo(before, 3);

  await expectAccessible(app, { within: '.sheet' });

  // The picture is kept with the words, without the file.
  await app.reload();
  await expect(slider(app)).toBeVisible();
  await expect.poll(() => drawn(app)).toBeGreaterThan(2);
});

test('a recording whose words came from a file is measured; a picture shows captions that follow every correction', async ({
  app,
}) => {
  const film = readFileSync(needsShared(test, 'speech/video/short.mp4'));
  const text = '1\n00:00:00,000 --> 00:00:20,000\n<i>One</i> & {\\an8} two\n';
  await app.open();
  await addFiles(
    app,
    { name: 'clip.srt', mimeType: 'text/plain', buffer: Buffer.from(text) },
    { name: 'clip.mp4', mimeType: 'video/mp4', buffer: film },
  );
  await expect(firstBox(app)).toBeVisible(LONG);
  await expect(slider(app)).toBeVisible(LONG);
  const player = app.getByRole('region', { name: 'Player' });
  const caption = () =>
    player.locator('video').evaluate((element) => {
      const [track] = (element as HTMLVideoElement).textTracks;
      return {
        mode: track.mode,
        texts: [...(track.cues ?? [])].map((cue) => (cue as VTTCue).getCueAsHTML().textContent?.replace(/\s+/g, ' ')),
      };
    });
  const words = (await heard(app)).trim();
  await expect.poll(caption).toEqual({ mode: 'showing', texts: [words] });
  await firstBox(app).fill('a <b>bold</b> & --> word');
  await expect.poll(async () => (await caption()).texts).toEqual(['a <b>bold</b> & --> word']);
  await player.getByRole('button', { name: 'Captions' }).click();
  await expect.poll(async () => (await caption()).mode).toBe('hidden');
});
