/**
 * A small static server for the tests: right MIME types, Range, the headers a good host sends (or none), an optional
 * sub-path. Logs what was asked for.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wav': 'audio/wav',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * @typedef {{ url: string, root: string, log: string[], close: () => Promise<void> }} Site
 * `url` ends with a slash; `log` holds the path of every request in order.
 */

/**
 * Serves a folder on a free port of the loopback address (a secure context).
 * @param {string} root folder
 * @param {{
 *   prefix?: string,
 *   headers?: Record<string, string>,
 *   port?: number,
 *   redirects?: Record<string, string>,
 *   before?: (inside: string) => unknown,
 * }} [options]
 *   `prefix`: sub-path the site lives under, with slashes at both ends; `redirects`: paths inside it, and where they lead;
 *   `before`: is told of a path inside it, and awaited before that is answered
 * @returns {Promise<Site>}
 */
export async function serve(
  root,
  { prefix = '/', headers = {}, port = 0, redirects = {}, before = () => undefined } = {},
) {
  const base = resolve(root);
  /** @type {string[]} */
  const log = [];
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async function answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    log.push(pathname);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const refuse = (/** @type {number} */ status) => {
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end(String(status));
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    if (!pathname.startsWith(prefix)) return refuse(404);
    const inside = decodeURIComponent(pathname.slice(prefix.length));
    await before(inside);
    if (inside in redirects) return void response.writeHead(302, { Location: redirects[inside] }).end();
    const path = join(base, inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside);
    if (!path.startsWith(base + sep)) return refuse(403);
    const facts = await stat(path).catch(() => null);
    if (!facts?.isFile()) return refuse(404);

    response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Cache-Control', 'no-cache');
    const etag = `"${facts.size.toString(36)}-${facts.mtimeMs.toString(36)}"`;
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();

    let start = 0;
    let end = facts.size - 1;
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
    if (range && (range[1] || range[2])) {
      start = range[1] ? Number(range[1]) : Math.max(0, facts.size - Number(range[2]));
      end = range[1] && range[2] ? Math.min(Number(range[2]), end) : end;
      if (start > end) {
        response.setHeader('Content-Range', `bytes */${facts.size}`);
        return refuse(416);
      }
      response.setHeader('Content-Range', `bytes ${start}-${end}/${facts.size}`);
    }
    response.writeHead(range ? 206 : 200, { 'Content-Length': end - start + 1 });
    if (request.method === 'HEAD' || facts.size === 0) return void response.end();
    const file = createReadStream(path, { start, end });
    // A visitor who leaves in the middle of a file is ordinary.
    file.on('error', () => response.destroy());
    response.on('close', () => file.destroy());
    file.pipe(response);
  }

  await new Promise((ready) => server.listen(port, '127.0.0.1', () => ready(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}${prefix}`,
    root: base,
    log,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/**
 * The headers `_headers` sets for every path: what a host that follows it sends.
 * @param {string} text of the `_headers` file
 */
export function headersForAll(text) {
  /** @type {Record<string, string>} */
  const headers = {};
  let path = '';
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) path = line.trim();
    const pair = /^\s+([\w-]+):\s*(.+)$/.exec(line);
    if (pair && path === '/*') headers[pair[1]] = pair[2];
  }
  return headers;
}
