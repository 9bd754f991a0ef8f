/** The rules of the house that a compiler cannot see: who may import whom, where a thing lives, what never appears. */
import { readdirSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import { expect, test } from 'playwright/test';
import ts from 'typescript';
import { importedFiles, imports, isCode, root, script, shipped, source, src, tests, workers } from './sources.ts';

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

/**
 * Every group of nodes that can reach each other (Tarjan, Depth-first search and linear graph algorithms, 1972), as
 * readable lines.
 */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(node, Math.min(lowest.get(node) ?? 0, lowest.get(next) ?? 0));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const group = open.splice(open.indexOf(node));
    if (group.length > 1) found.push(group.sort().join(' <-> '));
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found.sort();
}

/** Who imports whom among `files`, once each file stands for the node that `nodeOf` names. */
function importGraph(files: string[], nodeOf: (path: string) => string): Map<string, Set<string>> {
  const all = new Set(files);
  const graph = new Map<string, Set<string>>(files.map((path) => [nodeOf(path), new Set<string>()]));
  for (const path of files) {
    for (const imported of importedFiles(path, all))
      if (nodeOf(imported) !== nodeOf(path)) graph.get(nodeOf(path))?.add(nodeOf(imported));
  }
  return graph;
}

/** A room is a folder; a file that lies beside the rooms, at the top of `src` or `workers`, is a room of its own. */
function roomOf(path: string): string {
  const folder = dirname(path);
  return folder === 'src' || folder === 'workers' ? path : folder;
}

test('circles of imports are found', () => {
  const graph = (edges: string[]) =>
    new Map(edges.map((edge) => [edge.slice(0, 1), new Set(edge.slice(1))] as [string, Set<string>]));
  expect(circles(graph(['abc', 'bc', 'c']))).toEqual([]);
  expect(circles(graph(['ab', 'bc', 'ca', 'da', 'ef', 'fe']))).toEqual(['a <-> b <-> c', 'e <-> f']);
});

test('no files import each other in a circle', () => {
  const graph = importGraph(shipped, (path) => path);
  // Without a single import the test would pass on anything.
  expect([...graph.values()].reduce((sum, imported) => sum + imported.size, 0)).toBeGreaterThan(300);
  expect(circles(graph)).toEqual([]);
});

test('no rooms import each other in a circle', () => {
  expect(circles(importGraph(shipped, roomOf))).toEqual([]);
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
  [/^@huggingface\/transformers/, /^workers\/whisper\/load-model\.ts$|^tests\//],
  [/^onnxruntime-web/, /^workers\/onnx\/|^tests\//],
  [/^onnxruntime-common/, /^workers\/(hearing|onnx|speakers|speech|whisper)\/|^tests\//],
  [/^@ricky0123\/vad-web/, /^workers\/speech\/|^tests\//],
  [/^comlink$/, /^src\/engine\/workers\.ts$|^workers\/[\w-]+\.worker\.ts$|^tests\//],
  [
    /^idb-keyval$/,
    /^workers\/store\/|^src\/(known-voices|library|queue|settings|speakers|translation|waveform)\/|^tests\//,
  ],
  [/^mediabunny$/, /^workers\/(media|record)\/|^tests\//],
  [/^docx$/, /^workers\/docx\//],
  [/^fflate$/, /^src\/export\/zip\.ts$|^tests\//],
  [/^@audio\//, /^workers\/media\/codecs\/borrowed\.ts$/],
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

test('names: kebab-case modules, PascalCase components, and nothing but TypeScript, Svelte, pinned lists and words', () => {
  const name =
    /(^|[\\/])([a-z0-9]+(-[a-z0-9]+)*(\.svelte|\.worker)?\.ts|[A-Z][A-Za-z0-9]*\.svelte|[a-z0-9-]+\.css|tsconfig\.json|store[\\/]bundled-[a-z0-9-]+\.json|locale[\\/][a-z]{2}\.json)$/;
  expect([...src, ...workers].filter((path) => !name.test(path))).toEqual([]);
});

test('the top level holds only what a newcomer expects', () => {
  const expected = new Set([
    ...['src', 'public', 'workers', 'tests', '.ci'],
    ...[
      'package.json',
      'package-lock.json',
      'vite.config.ts',
      'tsconfig.json',
      'index.html',
      'README.md',
      'LICENSE',
      'ARCHITECTURE.md',
      'BENCHMARKS.md',
    ],
  ]);
  const made = new Set(['node_modules', 'dist']);
  const found = readdirSync(root).filter((name) => !expected.has(name) && !made.has(name) && !name.startsWith('.'));
  expect(found).toEqual([]);
});

/** What `$derived` computes must change nothing: assignments and increments in it, but for its own local names. */
function sideEffects(path: string): string[] {
  const found: string[] = [];
  const file = ts.createSourceFile(path, script(path), ts.ScriptTarget.Latest, true);
  const inDerived = (root: ts.Node): void => {
    const locals = new Set<string>();
    const look = (node: ts.Node): void => {
      if ((ts.isVariableDeclaration(node) || ts.isParameter(node)) && ts.isIdentifier(node.name))
        locals.add(node.name.text);
      const target =
        ts.isBinaryExpression(node) &&
        node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
        node.operatorToken.kind <= ts.SyntaxKind.LastAssignment
          ? node.left
          : (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
              (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
            ? node.operand
            : null;
      const name = target?.getText(file).replace(/[.[].*$/s, '');
      if (name !== undefined && !locals.has(name)) found.push(`${path}: ${node.getText(file)}`);
      ts.forEachChild(node, look);
    };
    look(root);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^\$derived(\.by)?$/.test(node.expression.getText(file)))
      node.arguments.forEach(inDerived);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('what is derived changes nothing', () => {
  expect(src.filter((path) => /\.svelte(\.ts)?$/.test(path)).flatMap(sideEffects)).toEqual([]);
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
      // The hub and the hosts its large files come from.
      .filter(
        (text) => !(inFolder(path, 'workers/store') && /(^|\.)(huggingface|hf)\.co$/.test(new URL(text).hostname)),
      )
      .map((text) => `${path}: ${text}`),
  );
  const loaded = /(?:src|srcset|poster|data)\s*=\s*["'{`]*\s*(?:https?:)?\/\/|url\(\s*["']?(?:https?:)?\/\/|@import/;
  const markup = [...src.filter((path) => /\.(svelte|css)$/.test(path)), 'index.html'].filter((path) =>
    loaded.test(source(path)),
  );
  expect([...elsewhere, ...markup]).toEqual([]);
});
