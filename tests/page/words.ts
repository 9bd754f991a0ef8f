/** Hands the page files and reads back what it wrote, through the names a person with a screen reader uses. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';

type File = string | { name: string; mimeType: string; buffer: Buffer };

export async function addFiles(page: Page, ...files: File[]): Promise<void> {
  const input = page.getByLabel('Add files');
  // Playwright takes paths or buffers in one call, not both.
  if (files.every((file) => typeof file === 'string')) await input.setInputFiles(files);
  else await input.setInputFiles(files.filter((file) => typeof file !== 'string'));
}

/** The words of the transcript on screen: the cues' texts in order, spaces collapsed. */
export async function heard(page: Page): Promise<string> {
  const texts = await page
    .getByRole('region', { name: 'Transcript' })
    .getByRole('textbox')
    .evaluateAll((boxes) => boxes.map((box) => ('value' in box ? String(box.value) : (box.textContent ?? ''))));
  return texts.join(' ').replace(/\s+/g, ' ').trim();
}

/** A 16 bit PCM wav with its sound said `times` times over, for a job that lasts. */
export function repeated(path: string, times: number): File {
  const once = readFileSync(path);
  const dataAt = once.indexOf('data', 12, 'latin1');
  const sound = once.subarray(dataAt + 8, dataAt + 8 + once.readUInt32LE(dataAt + 4));
  const buffer = Buffer.concat([once.subarray(0, dataAt + 8), ...Array<Buffer>(times).fill(sound)]);
  buffer.writeUInt32LE(buffer.length - 8, 4);
  buffer.writeUInt32LE(sound.length * times, dataAt + 4);
  return { name: 'long.wav', mimeType: 'audio/wav', buffer };
}
