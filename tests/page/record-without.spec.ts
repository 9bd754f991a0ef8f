/** Recording where no microphone is to be had: each time a sentence says why, a second one what to do, and nothing is stuck. */
import type { Page } from 'playwright/test';
import { expect, test } from '../browser.ts';
import { expectAccessibleInEveryLayout } from './accessible.ts';
import { expectFocus, pressAt } from './by-keys.ts';

const alert = (page: Page) => page.getByRole('alert');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** One can try again, with the keyboard where it was. */
async function expectOff(page: Page): Promise<void> {
  await expect(button(page, 'Start recording')).toBeEnabled();
  await expect(page.getByText('None yet.')).toBeVisible();
  await expectFocus(page);
}

test('on a machine without a microphone', async ({ app, context }) => {
  await context.grantPermissions(['microphone']);
  await app.open('#record');
  for (const name of ['Start recording', 'Check the level']) {
    await pressAt(app, button(app, name));
    await expect(alert(app)).toHaveText(
      /No microphone was found\.\s*Plug one in or choose another one, then record again\./,
    );
    await expect(button(app, name)).toBeFocused();
    await expectOff(app);
  }
  await expectAccessibleInEveryLayout(app, 'no-microphone');
});

test('in a page that the browser gives no microphone, as one without https', async ({ app }) => {
  await app.addInitScript(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }));
  await app.open('#record');
  await pressAt(app, button(app, 'Start recording'));
  await expect(alert(app)).toContainText('This browser gives this page no microphone.');
  await expect(alert(app)).toContainText('with an address that begins with https.');
  await expectOff(app);
});

test('refused, not answered, refused by the system, taken by another program, no longer there', async ({ app }) => {
  // What each browser throws; no test can press in the browser's own window, or pull a cable.
  await app.addInitScript(() => {
    const thrown = [
      new DOMException('Permission denied', 'NotAllowedError'),
      new DOMException('Permission dismissed', 'NotAllowedError'),
      new DOMException('Permission denied by system', 'NotAllowedError'),
      new DOMException('The request is not allowed by the user agent or the platform.', 'NotAllowedError'),
      new DOMException('Could not start audio source', 'NotReadableError'),
    ];
    const gone = Object.assign(new Error('no such device'), { name: 'OverconstrainedError' });
    const chosen = { kind: 'audioinput', label: 'Headset', deviceId: 'headset', groupId: '' };
    let devices = [chosen];
    const { mediaDevices } = navigator;
    mediaDevices.enumerateDevices = () => Promise.resolve(devices as unknown as MediaDeviceInfo[]);
    mediaDevices.getUserMedia = () => Promise.reject(thrown.shift() ?? gone);
    addEventListener('unplug', () => {
      devices = [];
      mediaDevices.dispatchEvent(new Event('devicechange'));
    });
  });
  await app.open('#record');
  for (const sentences of [
    /may not use the microphone\.\s*Allow it in the browser/,
    /closed without an answer\.\s*Record again, and allow it there\./,
    /The system does not let this browser use the microphone\.\s*Allow the browser in the system’s settings/,
    /may not use the microphone\.\s*Allow it in the browser/,
    /Another program may be using it\.\s*Close that program or choose another microphone/,
  ]) {
    await pressAt(app, button(app, 'Start recording'));
    await expect(alert(app)).toHaveText(sentences);
    await expectOff(app);
  }
  const choice = app.getByLabel('Microphone', { exact: true });
  await choice.selectOption('Headset');
  await pressAt(app, button(app, 'Start recording'));
  await expect(alert(app)).toHaveText(/you chose is not there any more\.\s*Plug it in again or choose another one/);
  await expectOff(app);
  // Out of the list, too: the next one is the system's choice.
  await app.evaluate(() => dispatchEvent(new Event('unplug')));
  await expect(choice.getByRole('option')).toHaveText(['The system’s choice']);
  await expect(choice).toHaveValue('');
});
