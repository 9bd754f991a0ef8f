/** Nothing is left that nobody uses: exports without an importer, styles of classes that no element has. */
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'playwright/test';
import ts from 'typescript';
import { isCode, script, shipped, source, src, tests, workers } from './sources.ts';

const all = [...src, ...workers, ...tests, 'vite.config.ts'].filter(isCode);
const known = new Set(all);

/** The own file that an import in `importer` means; null: a package, or a file that is no code. */
function fileOf(importer: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  const path = normalize(join(dirname(importer), specifier.replace(/\?.*$/, '')));
  return [path, `${path}.ts`, `${path}.svelte.ts`].find((one) => known.has(one)) ?? null;
}

type Names = Map<string, Set<string>>;

function note(names: Names, file: string, name: string): void {
  names.set(file, (names.get(file) ?? new Set()).add(name));
}

/** Adds what a file takes of others to `taken`, `*` where it takes the whole of one, and what it gives to `given`. */
function read(path: string, taken: Names, given: Names): void {
  const file = ts.createSourceFile(path, script(path), ts.ScriptTarget.Latest, true);
  const take = (specifier: ts.Node, names: readonly string[]): void => {
    const from = ts.isStringLiteralLike(specifier) ? fileOf(path, specifier.text) : null;
    if (from !== null) for (const name of names) note(taken, from, name);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const bindings = node.importClause?.namedBindings;
      const named = bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
      take(node.moduleSpecifier, [
        ...(bindings && ts.isNamespaceImport(bindings) ? ['*'] : []),
        ...named.map(({ propertyName, name }) => (propertyName ?? name).text),
      ]);
    }
    if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause)) {
      for (const { propertyName, name } of node.exportClause.elements) {
        if (node.moduleSpecifier) take(node.moduleSpecifier, [(propertyName ?? name).text]);
        note(given, path, name.text);
      }
    }
    // `await import(…)` and `typeof import(…)` may use all of it.
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      take(node.arguments[0], ['*']);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) take(node.argument.literal, ['*']);
    const exported =
      ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    // A type says what a function takes and gives, and may stand beside it whether or not somebody names it.
    if (exported && ts.isVariableStatement(node))
      for (const { name } of node.declarationList.declarations) note(given, path, name.getText(file));
    if (exported && (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name)
      note(given, path, node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
}

/** Exports of `files` that nobody in the tree imports, the tests included. */
function unused(files: readonly string[]): string[] {
  const taken: Names = new Map();
  const given: Names = new Map();
  for (const path of all) read(path, taken, given);
  return files.flatMap((path) =>
    taken.get(path)?.has('*')
      ? []
      : [...(given.get(path) ?? [])].filter((name) => !taken.get(path)?.has(name)).map((name) => `${path}: ${name}`),
  );
}

test('nothing is exported that nobody imports', () => {
  // What a component exports is for whoever holds it (`bind:this`); ort-for-transformers.ts stands in for a package.
  const files = shipped.filter((path) => path.endsWith('.ts') && !path.endsWith('ort-for-transformers.ts'));
  expect(unused(files)).toEqual([]);
});

/** The styles of a file, without comments and addresses. */
function styles(path: string): string {
  const text = source(path);
  const css = path.endsWith('.css')
    ? text
    : [...text.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map((match) => match[1]).join('\n');
  return css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/url\([^)]*\)/g, '');
}

/** Words in the places that give an element its class: `class="…"`, `class={…}`, `class:…` and text in quotes, which may become one. */
function classWords(path: string): string[] {
  const markup = source(path).replace(/<style[^>]*>[\s\S]*?<\/style>/g, '');
  const places = [
    ...markup.matchAll(/\bclass="([^"]*)"/g),
    ...markup.matchAll(/\bclass:([\w-]+)/g),
    ...markup.matchAll(/\bclass=\{(.*?)\}(?=[\s>])/g),
    ...markup.matchAll(/['"`]([a-z][\w -]*)['"`]/g),
  ];
  return places.flatMap((match) => match[1].match(/[a-zA-Z][\w-]*/g) ?? []);
}

test('every class that is styled is given to something', () => {
  const given = new Set([...src.filter(isCode), 'index.html'].flatMap(classWords));
  const dead = src
    .filter((path) => /\.(css|svelte)$/.test(path))
    .flatMap((path) =>
      [...styles(path).matchAll(/([^{}]+)\{/g)]
        .map((match) => match[1].trim())
        .filter((selector) => !selector.startsWith('@'))
        .flatMap((selector) => selector.match(/(?<=\.)[a-zA-Z][\w-]*/g) ?? [])
        .filter((name) => !given.has(name))
        .map((name) => `${path}: .${name}`),
    );
  expect(given.size).toBeGreaterThan(100);
  expect(dead).toEqual([]);
});
