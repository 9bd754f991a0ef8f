/** Voices on the disk: puts those of a recording there, as an earlier visit would have left them. */
import type { Page } from 'playwright/test';
import type { SpeakerTurn, VoiceTable } from '../../workers/protocol.ts';

export async function keepVoices(page: Page, table: VoiceTable, turns: readonly SpeakerTurn[]): Promise<void> {
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
