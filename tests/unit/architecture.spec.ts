/** The rules of the house that a compiler cannot see: who may import whom, where a thing lives, what never appears. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';
import ts from 'typescript';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Every file under a folder, as paths from the repository's root. */
function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(join('tests', '.out')));
}

const source = (path: string) => readFileSync(join(root, path), 'utf8');
const isCode = (path: string) => /\.(ts|svelte)$/.test(path);
const src = filesUnder('src');
const workers = filesUnder('workers');
const tests = filesUnder('tests').filter((path) => !path.startsWith(join('tests', 'fixtures')));
const shipped = [...src, ...workers].filter(isCode);

/** The scripts of a Svelte file, or the whole of a TypeScript one. */
function script(path: string): string {
  const text = source(path);
  if (!path.endsWith('.svelte')) return text;
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? '').join('\n');
}

/**
 * What a file imports: packages by name, own files as paths from the root without query and extension.
 * `new URL('…', import.meta.url)` is not an import: that is how the page names a worker.
 */
function imports(path: string): string[] {
  return ts.preProcessFile(script(path), true, true).importedFiles.map(({ fileName }) => {
    const bare = fileName.replace(/\?.*$/, '');
    return bare.startsWith('.') ? normalize(join(dirname(path), bare)).replace(/(\.svelte)?\.ts$/, '$1') : bare;
  });
}

/** Every import in `files` that `isBad`, as readable lines. */
function offences(files: string[], isBad: (imported: string, importer: string) => boolean): string[] {
  return files.flatMap((path) =>
    imports(path)
      .filter((imported) => isBad(imported, path))
      .map((imported) => `${path} imports ${imported}`),
  );
}

const inFolder = (path: string, folder: string) => path.startsWith(normalize(`${folder}/`));

test('imports point one way: workers never see the page', () => {
  expect(offences(workers.filter(isCode), (imported) => inFolder(imported, 'src'))).toEqual([]);
  expect(offences(shipped, (imported) => inFolder(imported, 'tests'))).toEqual([]);
});

test('the page imports nothing of the workers but the boundary', () => {
  const boundary = normalize('workers/protocol');
  expect(offences(src.filter(isCode), (imported) => inFolder(imported, 'workers') && imported !== boundary)).toEqual(
    [],
  );
});

test('the boundary imports nothing', () => {
  expect(imports(normalize('workers/protocol.ts'))).toEqual([]);
});

test('logic does not know of state, state does not know of drawing', () => {
  const entry = normalize('src/main.ts');
  const files = src.filter((path) => path.endsWith('.ts') && path !== entry);
  const drawing = offences(files, (imported) => imported.endsWith('.svelte') && isFile(imported));
  const logic = files.filter((path) => !path.endsWith('.svelte.ts'));
  const state = offences(logic, (imported) => imported.endsWith('.svelte') && isFile(`${imported}.ts`));
  expect([...drawing, ...state]).toEqual([]);
});

function isFile(path: string): boolean {
  return src.includes(path);
}

/** A library and the only places that may import it; a type-only copy of it counts as well. */
const owners: [library: RegExp, where: RegExp][] = [
  [/^@huggingface\/transformers/, /^workers\/whisper\/|^tests\//],
  [/^onnxruntime-(web|common)/, /^workers\/(whisper|speech|gpu)\/|^workers\/(job|engine)\.ts$|^tests\//],
  [/^@ricky0123\/vad-web/, /^workers\/speech\/|^tests\//],
  [/^comlink$/, /^src\/engine\.svelte\.ts$|^workers\/[\w-]+\.worker\.ts$|^tests\//],
  [/^idb-keyval$/, /^workers\/store\/|^src\/(library|queue|settings)\/|^tests\//],
  [/^mediabunny$/, /^workers\/media\/|^tests\//],
  [/^hash-wasm$/, /^workers\/store\/|^tests\//],
  [/^workbox-precaching/, /^workers\/sw\.ts$/],
];

test('each library has one owner', () => {
  const files = [...shipped, ...tests.filter(isCode)];
  const slashed = (path: string) => path.replaceAll('\\', '/');
  expect(
    offences(files, (imported, importer) =>
      owners.some(([library, where]) => library.test(imported) && !where.test(slashed(importer))),
    ),
  ).toEqual([]);
});

test('a thing lives with its owner: no drawers for odds and ends', () => {
  const drawers = /^(utils?|helpers?|lib|types|constants|common|misc|shared)$/;
  const folders = [...src, ...workers, ...tests].flatMap((path) => dirname(path).split(/[\\/]/));
  expect([...new Set(folders)].filter((name) => drawers.test(name))).toEqual([]);
  expect(shipped.filter((path) => /(^|[\\/])index\.ts$/.test(path))).toEqual([]);
});

test('names: kebab-case modules, PascalCase components, and nothing but TypeScript and Svelte', () => {
  const name =
    /(^|[\\/])([a-z0-9]+(-[a-z0-9]+)*(\.svelte|\.worker)?\.ts|[A-Z][A-Za-z0-9]*\.svelte|[a-z0-9-]+\.css|tsconfig\.json)$/;
  expect([...src, ...workers].filter((path) => !name.test(path))).toEqual([]);
});

test('the top level holds only what a newcomer expects', () => {
  const expected = new Set([
    ...['src', 'public', 'workers', 'tests', '.ci'],
    ...['package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json', 'index.html', 'README.md', 'LICENSE'],
  ]);
  const made = new Set(['node_modules', 'dist']);
  const found = readdirSync(root).filter((name) => !expected.has(name) && !made.has(name) && !name.startsWith('.'));
  expect(found).toEqual([]);
});

test('nothing is left for later', () => {
  // Put together, so that this file does not name what it looks for.
  const marks = new RegExp(`\\b(${['TO', 'FIX'].map((word) => `${word}${word === 'TO' ? 'DO' : 'ME'}`).join('|')})\\b`);
  const files = [
    ...shipped,
    ...tests.filter((path) => /\.(ts|mjs|js|html)$/.test(path)),
    'vite.config.ts',
    'README.md',
  ];
  expect(files.filter((path) => marks.test(source(path)))).toEqual([]);
});

/** Text in quotes in a TypeScript source, comments left out. */
function literals(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('literal.ts', text, ts.ScriptTarget.Latest));
  return found;
}

test('nothing is fetched from elsewhere but models from the hub', () => {
  const elsewhere = shipped.flatMap((path) =>
    literals(script(path))
      .filter((text) => /^(https?|wss?):\/\//.test(text))
      // Namespaces are names, not addresses.
      .filter((text) => !text.startsWith('http://www.w3.org/'))
      .filter((text) => !(inFolder(path, 'workers/store') && new URL(text).hostname === 'huggingface.co'))
      .map((text) => `${path}: ${text}`),
  );
  const loaded = /(?:src|srcset|poster|data)\s*=\s*["'{`]*\s*(?:https?:)?\/\/|url\(\s*["']?(?:https?:)?\/\/|@import/;
  const markup = [...src.filter((path) => /\.(svelte|css)$/.test(path)), 'index.html'].filter((path) =>
    loaded.test(source(path)),
  );
  expect([...elsewhere, ...markup]).toEqual([]);
});
