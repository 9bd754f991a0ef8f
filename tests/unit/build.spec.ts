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

test('no workers, no panel and no transcript in the first load', () => {
  const first = firstLoad().map((path) => basename(path));
  expect(first.filter((name) => /worker|ort-|ort\.|transformers|EnginePanel|Transcript/.test(name))).toEqual([]);
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

test('the policy: scripts from here only, wasm but no eval, requests to here and to the model hosts', () => {
  const meta = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html())?.[1]?.replaceAll('&#39;', "'");
  for (const policy of [meta ?? '', hostHeaders()['Content-Security-Policy'] ?? '']) {
    const rules = directives(policy);
    expect(rules.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    expect(rules.get('style-src')).toEqual(["'self'"]);
    expect(rules.get('default-src')).toEqual(["'self'"]);
    expect(rules.get('object-src')).toEqual(["'none'"]);
    expect(rules.get('connect-src')).toEqual([
      "'self'",
      'https://huggingface.co',
      'https://*.huggingface.co',
      'https://*.hf.co',
    ]);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*(?!\.)/);
  }
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
