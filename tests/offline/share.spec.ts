/** What another app shares with the page, under a sub-path of a host without headers. */
import { readFileSync } from 'node:fs';
import { dist, expect, fixture, test } from '../browser.ts';
import { heard } from '../page/words.ts';
import { serve } from '../serve.mjs';

const DIGITS = '?model=whisper-digits-10s&backend=cpu';
const CLIP = fixture('windows/synthetic_en_10s_0.wav');
const LONG = { timeout: 60_000 };

test('shared files wait for a yes, are kept until a page has them, and then let go of', async ({ app }) => {
  const site = await serve(dist, { prefix: '/some/where/', redirects: { old: './' } });
  app.allowed.push(site.url);
  await app.goto(site.url + DIGITS);
  await app.waitForFunction(() => crossOriginIsolated);
  await expect.poll(() => app.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  // Its choices hold for the visits to come, which have no query.
  await app.getByRole('combobox', { name: 'Model' }).selectOption('whisper-tiny');
  await app.getByRole('combobox', { name: 'Model' }).selectOption('whisper-digits-10s');

  const share = (name: string, navigate: boolean) =>
    app.evaluate(
      async ([bytes, name, navigate]) => {
        const file = new File([new Uint8Array(bytes)], name, { type: 'audio/wav', lastModified: 7 });
        const { action } = (
          (await (await fetch('manifest.webmanifest')).json()) as {
            share_target: { action: string };
          }
        ).share_target;
        const address = new URL(action, new URL('manifest.webmanifest', document.baseURI));
        if (!navigate) {
          // The service worker has it; the page it should have opened never came.
          const body = new FormData();
          body.append('files', file);
          await fetch(address, { method: 'POST', body, redirect: 'manual' });
          return;
        }
        const form = document.createElement('form');
        Object.assign(form, { action: address.href, method: 'POST', enctype: 'multipart/form-data' });
        const input = Object.assign(document.createElement('input'), { type: 'file', name: 'files' });
        const transfer = new DataTransfer();
        transfer.items.add(file);
        input.files = transfer.files;
        form.append(input);
        document.body.append(form);
        form.submit();
      },
      [[...readFileSync(CLIP)], name, navigate] as const,
    );

  await share('Besuch «1».wav', false);
  await share('second.wav', true);
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  // Any site can post a form: nothing is queued, nothing runs, and a visit later the question is still there.
  const question = app.getByRole('status').filter({ hasText: '2 files were shared with Earshot.' });
  await expect(question).toBeVisible(LONG);
  await expect(rows).toHaveCount(0);
  await app.reload();
  await expect(question).toBeVisible();
  await expect(rows).toHaveCount(0);
  await question.getByText('Details').click();
  await expect(question).toContainText('Besuch «1».wav');
  await question.getByRole('button', { name: 'Transcribe' }).click();
  await expect(question).toHaveCount(0);
  await expect(rows).toHaveCount(2, LONG);
  await expect(rows.first()).toContainText('Besuch «1».wav');
  expect(app.url()).toBe(site.url);
  await expect(rows.last()).toContainText('Done in', LONG);
  expect(await heard(app)).toBe('two eight six seven zero four four zero');
  // Let go of: nothing comes twice.
  await expect.poll(() => app.evaluate(() => caches.has('earshot-shared'))).toBe(false);
  await app.reload();
  await expect(rows).toHaveCount(2);

  // After a no it is gone as well.
  await share('stranger.wav', true);
  const stranger = app.getByRole('status').filter({ hasText: 'stranger.wav was shared with Earshot.' });
  await stranger.getByRole('button', { name: 'Throw away' }).click();
  await expect(stranger).toHaveCount(0);
  await expect.poll(() => app.evaluate(() => caches.has('earshot-shared'))).toBe(false);
  await expect(rows).toHaveCount(2);

  // An address inside the scope that leads elsewhere is followed as without a service worker.
  await app.goto(`${site.url}old`);
  expect(app.url()).toBe(site.url);
  await expect(rows).toHaveCount(2);
  await site.close();
});
