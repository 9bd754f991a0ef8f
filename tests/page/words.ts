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
  return joined(...Array<string>(times).fill(path));
}

/** 16 bit PCM wavs of one rate, one after another. */
export function joined(...paths: string[]): File {
  const all = paths.map((path) => readFileSync(path));
  const dataAt = (wav: Buffer) => wav.indexOf('data', 12, 'latin1');
  const sounds = all.map((wav) => wav.subarray(dataAt(wav) + 8, dataAt(wav) + 8 + wav.readUInt32LE(dataAt(wav) + 4)));
  const head = all[0].subarray(0, dataAt(all[0]) + 8);
  const buffer = Buffer.concat([head, ...sounds]);
  buffer.writeUInt32LE(buffer.length - 8, 4);
  buffer.writeUInt32LE(buffer.length - head.length, head.length - 4);
  return { name: 'long.wav', mimeType: 'audio/wav', buffer };
}
