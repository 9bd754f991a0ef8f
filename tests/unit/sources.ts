/** The tree's own files as text, and what imports what among them: for the specs that hold the rules of the house. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Every file under a folder, as paths from the repository's root. */
function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(join('tests', '.out')));
}

export const source = (path: string) => readFileSync(join(root, path), 'utf8');
export const isCode = (path: string) => /\.(ts|svelte)$/.test(path);
export const src = filesUnder('src');
export const workers = filesUnder('workers');
export const tests = filesUnder('tests').filter((path) => !path.startsWith(join('tests', 'fixtures')));
export const shipped = [...src, ...workers].filter(isCode);

/** The scripts of a Svelte file, or the whole of a TypeScript one. */
export function script(path: string): string {
  const text = source(path);
  if (!path.endsWith('.svelte')) return text;
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? '').join('\n');
}

/**
 * What a file imports: packages by name, own files as paths from the root without query and extension.
 * `new URL('…', import.meta.url)` is not an import: that is how the page names a worker. Nor is `?worker&url`, which gives
 * the address of a worklet's script.
 */
export function imports(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(script(path), true, true);
  return importedFiles.flatMap(({ fileName }) => {
    if (fileName.endsWith('?worker&url')) return [];
    const bare = fileName.replace(/\?.*$/, '');
    return bare.startsWith('.') ? normalize(join(dirname(path), bare)).replace(/(\.svelte)?\.ts$/, '$1') : bare;
  });
}

/** The files that a file imports, by their paths; `files` is all there are. Importing a type counts as well. */
export function importedFiles(path: string, files: ReadonlySet<string>): string[] {
  return imports(path).flatMap((imported) =>
    [imported, `${imported}.ts`, `${imported}.svelte.ts`].filter((candidate) => files.has(candidate)).slice(0, 1),
  );
}
