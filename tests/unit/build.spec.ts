/** What `vite build` left in dist/: how much a visitor's browser loads first, and that the policy has no hole. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'playwright/test';
import ts from 'typescript';
import { dist, hostHeaders } from '../browser.ts';

const read = (path: string) => readFileSync(join(dist, path), 'utf8');
const html = () => read('index.html');

/** A script and everything it imports statically: loaded before anybody presses anything. */
function graph(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const { importedFiles } = ts.preProcessFile(read(path), true, true);
  // Dynamic ones are found as well: those are loaded by a press, and are not part of it.
  const dynamic = new Set([...read(path).matchAll(/import\(\s*[`"'](\.[^`"']+)/g)].map((match) => match[1]));
  for (const { fileName } of importedFiles) {
    if (fileName.startsWith('.') && !dynamic.has(fileName)) graph(join(dirname(path), fileName), seen);
  }
  return seen;
}

function firstLoad(): string[] {
  const entries = [
    ...html().matchAll(/<script[^>]*\ssrc="\.\/([^"]+)"|<link rel="modulepreload"[^>]*href="\.\/([^"]+)"/g),
  ];
  const files = new Set<string>();
  for (const [, script, preload] of entries) graph(script ?? preload ?? '', files);
  return [...files];
}

test('the first load is at most 60 kB of compressed JavaScript', () => {
  const files = firstLoad();
  expect(files.length).toBeGreaterThan(0);
  const sizes = files.map((path) => [basename(path), gzipSync(read(path), { level: 9 }).length] as const);
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  test.info().annotations.push({ type: 'first load', description: `${total} bytes` });
  expect(total, sizes.map(([name, bytes]) => `${name}: ${bytes}`).join(', ')).toBeLessThanOrEqual(60_000);
});

/** What nobody sees at first sight. Each is a script of its own, whose name begins with that of its file. */
const LATER = [
  'Comfort',
  'CopyCommand',
  'Desk',
  'EnginePanel',
  'Library',
  'ModelFetch',
  'MoreSettings',
  'Record',
  'hear-test-clip',
  'found',
  'launch',
  'take-in',
];

test('no workers, and nothing that is needed later, in the first load', () => {
  const first = firstLoad().map((path) => basename(path));
  expect(first.filter((name) => /worker|ort-|ort\.|transformers/.test(name))).toEqual([]);
  const all = readdirSync(join(dist, 'assets'));
  for (const part of LATER) {
    const of = (names: readonly string[]) => names.filter((name) => name.startsWith(part) && name.endsWith('.js'));
    expect(of(all), part).not.toEqual([]);
    expect(of(first), part).toEqual([]);
  }
});

test('every script of the page is kept for a visit without a network', () => {
  const kept = read('sw.js');
  const scripts = readdirSync(join(dist, 'assets')).filter((name) => /\.(js|css)$/.test(name));
  expect(scripts.length).toBeGreaterThan(10);
  expect(scripts.filter((name) => !kept.includes(name))).toEqual([]);
});

/** "script-src 'self' …" → name and values. */
function directives(policy: string): Map<string, string[]> {
  return new Map(
    policy.split(';').map((directive) => {
      const [name, ...values] = directive.trim().split(/\s+/);
      return [name, values] as const;
    }),
  );
}

test('the policy: scripts from here only, wasm but no eval, requests to here only', () => {
  const meta = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html())?.[1]?.replaceAll('&#39;', "'");
  for (const policy of [meta ?? '', hostHeaders()['Content-Security-Policy'] ?? '']) {
    const rules = directives(policy);
    expect(rules.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    expect(rules.get('style-src')).toEqual(["'self'"]);
    expect(rules.get('default-src')).toEqual(["'self'"]);
    expect(rules.get('object-src')).toEqual(["'none'"]);
    // The hub comes in by the service worker, for the store's worker alone, when somebody has chosen it.
    expect(rules.get('connect-src')).toEqual(["'self'"]);
    // Text is neither HTML nor a script: Svelte's templates and the build's own scripts are the two exceptions.
    expect(rules.get('require-trusted-types-for')).toEqual(["'script'"]);
    expect(rules.get('trusted-types')).toEqual(['default', 'svelte-trusted-html']);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https:/);
  }
});

test('headers keep openers, frames and referrers out, whatever the host', () => {
  expect(hostHeaders()).toMatchObject({
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  expect(hostHeaders()['Content-Security-Policy']).toContain("frame-ancestors 'none'");
  expect(html()).toContain('<meta name="referrer" content="no-referrer" />');
});

/** Names of formats, licences and explanations in the text of libraries: read by people, asked for by nobody. */
const MENTIONED = [
  ...['www.w3.org', 'schemas.microsoft.com', 'schemas.openxmlformats.org', 'purl.org', 'purl.oclc.org', 'mozilla.org'],
  ...[
    'svelte.dev',
    'web.dev',
    'rolldown.rs',
    'streams.videolan.org',
    'answers.microsoft.com',
    'www.npmjs.com',
    'bit.ly',
    'www.webmproject.org',
    'www.apache.org',
    'aomediacodec.github.io',
  ],
  ...['github.com', 'gist.github.com', 'developer.mozilla.org'],
];

test('no script of the build knows another origin to ask but the hub of models', () => {
  const scripts = readdirSync(join(dist, 'assets')).filter((name) => /\.(m?js|css)$/.test(name));
  const hosts = new Set<string>();
  for (const path of ['index.html', 'sw.js', ...scripts.map((name) => join('assets', name))])
    for (const [, host] of read(path).matchAll(/(?:https?|wss?):\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi)) hosts.add(host);
  expect([...hosts].filter((host) => !MENTIONED.includes(host)).sort()).toEqual(['huggingface.co']);
});

test('the page has no script, style or handler of its own in its HTML', () => {
  const scripts = [...html().matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)];
  expect(scripts.length).toBeGreaterThan(0);
  for (const [, attributes, inside] of scripts) {
    expect(attributes).toContain(' src="./');
    expect(inside?.trim()).toBe('');
  }
  expect(html()).not.toMatch(/<style\b|\son[a-z]+\s*=|\sstyle\s*=|javascript:/i);
});

test('the page’s own scripts make no code of text', () => {
  const scripts = firstLoad().concat(
    readdirSync(join(dist, 'assets'))
      .filter((name) => /^EnginePanel.*\.js$/.test(name))
      .map((name) => join('assets', name)),
  );
  for (const path of scripts) expect(read(path), path).not.toMatch(/\beval\(|new Function\(/);
  expect(existsSync(join(dist, 'sw.js'))).toBe(true);
  expect(read('sw.js')).not.toMatch(/\beval\(|new Function\(|importScripts\(\s*["'`]https?:/);
});

type Manifest = {
  start_url: string;
  scope: string;
  file_handlers: { action: string; accept: Record<string, string[]> }[];
  share_target: { action: string; method: string; enctype: string; params: { files: { name: string }[] } };
  shortcuts: { name: string; url: string }[];
  launch_handler: { client_mode: string[] };
  icons: { src: string; sizes: string; purpose?: string }[];
  name: string;
  short_name: string;
  display: string;
};

test('the manifest: installable, takes files and shares, and every address stays inside any sub-path', () => {
  const manifest = JSON.parse(read('manifest.webmanifest')) as Manifest;
  const home = 'https://host.example/some/where/';
  const addresses = [
    manifest.start_url,
    manifest.scope,
    manifest.share_target.action,
    ...manifest.file_handlers.map(({ action }) => action),
    ...manifest.shortcuts.map(({ url }) => url),
    ...manifest.icons.map(({ src }) => src),
  ];
  expect(addresses.filter((url) => !new URL(url, `${home}manifest.webmanifest`).href.startsWith(home))).toEqual([]);
  expect(manifest.name && manifest.short_name).toBe('Earshot');
  expect(manifest.display).toBe('standalone');
  expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
  expect(manifest.icons.some(({ purpose }) => purpose === 'maskable')).toBe(true);
  expect(manifest.launch_handler.client_mode[0]).toBe('focus-existing');
  expect(manifest.share_target).toMatchObject({ method: 'POST', enctype: 'multipart/form-data' });
  expect(manifest.share_target.params.files[0].name).toBe('files');
  const accepted = manifest.file_handlers.flatMap(({ accept }) => Object.values(accept).flat());
  for (const extension of ['.mp3', '.m4a', '.wav', '.flac', '.ogg', '.opus', '.mp4', '.mov', '.mkv', '.webm']) {
    expect(accepted).toContain(extension);
  }
  expect(
    manifest.file_handlers
      .flatMap(({ accept }) => Object.keys(accept))
      .filter((type) => !/^(audio|video)\//.test(type)),
  ).toEqual([]);
  for (const { src } of manifest.icons) expect(existsSync(join(dist, src)), src).toBe(true);
});

test('no script imports the one that its worker was started with: WebKit would run that a second time', () => {
  const scripts = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.js'));
  const entries = scripts.filter((name) => name.includes('.worker-'));
  expect(entries.length).toBeGreaterThan(1);
  const importing = scripts.flatMap((name) => {
    const { importedFiles } = ts.preProcessFile(read(join('assets', name)), true, true);
    return importedFiles
      .filter(({ fileName }) => entries.includes(basename(fileName)))
      .map(({ fileName }) => `${name} imports ${fileName}`);
  });
  expect(importing).toEqual([]);
});
