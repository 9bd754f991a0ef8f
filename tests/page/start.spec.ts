/** `npm start` when its port is taken: a sentence instead of a stack trace. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { repository } from '../browser.ts';
import { expect, test } from 'playwright/test';

const vite = join(repository, 'node_modules/vite/bin/vite.js');

/** Takes a port, unless somebody has it already: then it is taken just as well. */
async function take(port: number): Promise<Server | null> {
  const server = createServer();
  const taken = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: 'localhost' }, () => resolve(true));
  });
  return (await taken) ? server : null;
}

/** The second half of `npm start`. Colours off, both streams as one text. */
function preview(...args: string[]): { child: ChildProcess; text: () => string; code: Promise<number | null> } {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [vite, 'preview', ...args], { cwd: repository, env });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = new Promise<number | null>((resolve) => child.once('close', (exit) => resolve(exit)));
  return { child, text: () => text, code };
}

test('the usual port is taken: the next free one serves, and it is said', async () => {
  const server = await take(4173);
  const { child, text, code } = preview();
  try {
    await expect.poll(text, { timeout: 30_000 }).toMatch(/http:\/\/localhost:\d+\//);
    const port = Number(/http:\/\/localhost:(\d+)\//.exec(text())?.[1]);
    expect(port).toBeGreaterThan(4173);
    expect(text()).toContain(`Port 4173 is taken, so Earshot is served on port ${port}.`);
    expect(text()).not.toMatch(/^\s+at /m);
    const answer = await fetch(`http://localhost:${port}/`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
  } finally {
    child.kill();
    await code;
    server?.close();
  }
});

test('a port that was asked for is not changed: one sentence, and nothing is served', async () => {
  // Any that is free, so that nobody else holds it and lets go of it meanwhile.
  const server = await take(0);
  const { port } = server?.address() as AddressInfo;
  const { text, code } = preview('--port', String(port));
  expect(await code).toBe(1);
  expect(text().trim()).toBe(`Port ${port} is taken. Choose another one: npm start -- --port ${port + 1}`);
  server?.close();
});
