/** Two hours of talk: another number of speakers is there in seconds, and nothing of the page hangs. */
import type { Page } from 'playwright/test';
import type { SpeakerTurn, VoiceTable } from '../../workers/protocol.ts';
import { createCut } from '../../workers/speakers/assign.ts';
import { labelledCues } from '../../workers/speakers/words.ts';
import { expect, test } from '../browser.ts';
import { conversation, forgedTable } from '../unit/forged-voices.ts';
import { keepCues, type KeptCue } from './kept-transcript.ts';

const region = (page: Page) => page.getByRole('region', { name: 'Transcript' });
const panel = (page: Page) => region(page).getByRole('region', { name: 'Speakers' });

/** Puts a recording's voices on the disk, as an earlier visit would have left them. */
async function keepVoices(page: Page, table: VoiceTable, turns: readonly SpeakerTurn[]): Promise<void> {
  const voices = Buffer.from(table.voices.buffer).toString('base64');
  const [starts, ends, kinds] = [[...table.starts], [...table.ends], [...table.kinds]];
  await page.evaluate(
    async ({ starts, ends, kinds, voices, endFrame, turns }) => {
      const open = indexedDB.open('earshot-speakers');
      open.onupgradeneeded = () => open.result.createObjectStore('voices');
      await new Promise((resolve) => (open.onsuccess = resolve));
      const write = open.result.transaction('voices', 'readwrite');
      const table = {
        ...{ version: 1, endFrame, starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) },
        ...{ kinds: Uint8Array.from(kinds), voices: Int8Array.from(atob(voices), (byte) => byte.charCodeAt(0)) },
      };
      write.objectStore('voices').put({ table, stated: null, turns, before: [], first: turns, whole: true }, 'kept');
      await new Promise((resolve) => (write.oncomplete = resolve));
      open.result.close();
    },
    { starts, ends, kinds, voices, endFrame: table.endFrame, turns },
  );
}

test('two hours: another number of speakers is there in seconds, and nothing hangs', async ({ app }) => {
  test.setTimeout(120_000);
  const { table, truth } = forgedTable(conversation(5, 5200, 12), 12);
  const turns = createCut(table)(null);
  // Every three pieces a cue, of words of four tenths of a second: cues are cut where the speaker changes.
  const cues = Array.from({ length: Math.floor(truth.length / 3) }, (_, index): KeptCue => {
    const words = truth
      .slice(3 * index, 3 * index + 3)
      .flatMap(({ start }) =>
        [0, 0.4, 0.8].map((at) => ({ start: start + at, end: start + at + 0.35, text: `w${index}`, probability: 0.9 })),
      );
    const text = words.map((word) => word.text).join(' ');
    return { start: words[0].start, end: words.at(-1)!.end, text, words };
  });
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await keepCues(app, labelledCues(cues, turns), {
    speakers: [1, 2, 3, 4, 5].map((id) => ({ id: `${id}`, name: `Speaker ${id}` })),
  });
  await keepVoices(app, table, turns);
  await app.reload();
  await region(app).getByRole('button', { name: 'Speakers', exact: true }).click();
  const count = panel(app).getByRole('group', { name: 'How many speakers?' });
  await expect(panel(app).getByRole('status')).toContainText('5 speakers told apart.', { timeout: 30_000 });

  for (const many of [3, 2, 3]) {
    await app.evaluate(() => {
      const seen = { longest: 0, began: performance.now() };
      (globalThis as unknown as { seen: typeof seen }).seen = seen;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
      }).observe({ type: 'longtask' });
    });
    await count.getByRole('radio', { name: `${many}`, exact: true }).check();
    await expect(panel(app).getByRole('status')).toContainText(`${many} speakers told apart.`, { timeout: 30_000 });
    const { longest, spent } = await app.evaluate(() => {
      const { seen } = globalThis as unknown as { seen: { longest: number; began: number } };
      return { longest: seen.longest, spent: performance.now() - seen.began };
    });
    // With other work on both cores 1.5 to 4.9 s and 0.2 to 0.7 s (2026-11); what is held is that nothing hangs.
    console.log(`${many} of two hours: ${spent.toFixed(0)} ms, the longest task ${longest.toFixed(0)} ms`);
    expect(spent).toBeLessThan(20_000);
    expect(longest).toBeLessThan(3000);
  }
});
