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

/** The page opens the picker of its input, which a test can answer: the browser's other one has no window here. */
export async function useInputPicker(page: Page): Promise<void> {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'showOpenFilePicker'));
}

/** The words of the transcript on screen: the cues' texts in order, spaces collapsed. */
export async function heard(page: Page): Promise<string> {
  const texts = await page
    .getByRole('region', { name: 'Transcript' })
    .getByRole('textbox')
    .evaluateAll((boxes) => boxes.map((box) => ('value' in box ? String(box.value) : (box.textContent ?? ''))));
  return texts.join(' ').replace(/\s+/g, ' ').trim();
}

/**
 * As `heard`, when all of them are there: a long transcript is drawn some rows a frame, also behind its job. Not for a job that
 * still runs.
 */
export async function allHeard(page: Page): Promise<string> {
  await page.evaluate(async () => {
    const rows = () => document.querySelectorAll('[data-cue]').length;
    for (let before = -1; before !== rows();) {
      before = rows();
      for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    }
  });
  return heard(page);
}

/** A 16 bit PCM wav said `times` times over, for a job that lasts; what is left out of each is said at `joined`. */
export function repeated(path: string, times: number): Exclude<File, string> {
  return joined(...Array<string>(times).fill(path));
}

/**
 * 16 bit PCM wavs of one rate, one after another, each without its last second. The clips end in two seconds of silence,
 * and beside a silence that long the digits model, which was made on whole clips, says a word twice.
 */
export function joined(...paths: string[]): Exclude<File, string> {
  const wavs = paths.map((path) => readFileSync(path));
  const dataAt = (wav: Buffer) => wav.indexOf('data', 12, 'latin1');
  const sounds = wavs.map((wav) => {
    const from = dataAt(wav) + 8;
    const bytesPerSecond = wav.readUInt32LE(wav.indexOf('fmt ', 12, 'latin1') + 16);
    return wav.subarray(from, from + wav.readUInt32LE(from - 4) - bytesPerSecond);
  });
  const head = wavs[0].subarray(0, dataAt(wavs[0]) + 8);
  const buffer = Buffer.concat([head, ...sounds]);
  buffer.writeUInt32LE(buffer.length - 8, 4);
  buffer.writeUInt32LE(buffer.length - head.length, head.length - 4);
  return { name: 'long.wav', mimeType: 'audio/wav', buffer };
}
