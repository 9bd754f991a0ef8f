/**
 * JSON of 100,000 cues with the times of their words, tens of megabytes in one line, as openai/whisper and whisperX
 * write it. Read and kept, and nobody is held up for long.
 */
import { statSync, writeFileSync } from 'node:fs';
import { expect, test, type App } from '../browser.ts';
import { keptKeys } from './kept-transcript.ts';
import { inWords, longest, longTasks } from './long-tasks.ts';
import { addFiles } from './words.ts';

const COUNT = 100_000;
const LONG = { timeout: 90_000 };
/** As for subtitles (hundred-thousand.spec.ts). That no long piece goes to `JSON.parse` is held by unit/import.spec.ts. */
const MOST_MS = 100;

const words = (cue: number, sure: 'probability' | 'score') =>
  `cue ${cue} said by nobody`.split(' ').map((said, at) => {
    const start = cue * 3 + at * 0.4;
    return { word: said, start, end: start + 0.3, [sure]: 0.987654321 };
  });
const cues = (make: (cue: number) => object) =>
  Array.from({ length: COUNT }, (_, cue) => ({
    ...{ start: cue * 3, end: cue * 3 + 2, text: `cue ${cue} said by nobody` },
    ...make(cue),
  }));

const KINDS: Record<string, () => object> = {
  whisper: () => ({
    text: 'cue said by nobody '.repeat(COUNT),
    segments: cues((cue) => ({
      ...{ id: cue, seek: cue * 300, tokens: [50364, 1, 2, 3, 4], temperature: 0, avg_logprob: -0.2345678 },
      ...{ compression_ratio: 1.23456, no_speech_prob: 0.0123456, words: words(cue, 'probability') },
    })),
    language: 'en',
  }),
  whisperx: () => ({
    segments: cues((cue) => ({ speaker: `SPEAKER_0${cue % 3}`, words: words(cue, 'score') })),
    word_segments: Array.from({ length: COUNT }, (_, cue) => words(cue, 'score')).flat(),
    language: 'en',
  }),
};

const firstText = (app: App) => app.evaluate(() => document.querySelector('[data-cue]')?.textContent ?? '');
const megabytes = (path: string) => `${Math.round(statSync(path).size / 1e6)} MB`;

for (const [kind, content] of Object.entries(KINDS)) {
  test(`${kind} is read and kept`, async ({ app }) => {
    test.slow();
    const tasks = await longTasks(app);
    await app.open('?model=whisper-digits-10s&backend=cpu');
    await expect(app.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
    await tasks();
    const path = test.info().outputPath(`marathon.${kind}.json`);
    writeFileSync(path, JSON.stringify(content()));
    await addFiles(app, path);
    await expect.poll(() => firstText(app), LONG).toBe('cue 0 said by nobody');
    // All of it is written, or nothing: this waits for the end of that.
    await expect.poll(async () => (await keptKeys(app)).length, LONG).toBeGreaterThan(COUNT / 200);
    const read = await tasks();
    await app.reload();
    await expect.poll(() => firstText(app), LONG).toBe('cue 0 said by nobody');
    const reopened = await tasks();
    test.info().annotations.push({
      type: 'figures',
      description:
        `${kind}, 100,000 cues, ${megabytes(path)}: longest task while it is read ${inWords(read)}, ` +
        `opened again ${inWords(reopened)}`,
    });
    expect(Math.max(longest(read), longest(reopened))).toBeLessThan(MOST_MS);
  });
}
