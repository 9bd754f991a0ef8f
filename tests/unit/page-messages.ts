/** Every message of the page that may be said in another language, read from the sources as the compilers read them. */
import { parse } from 'svelte/compiler';
import ts from 'typescript';
import { isCode, source, src } from './sources.ts';

/** Sentences that a worker gives and the page looks up: what is to be said of the models. */
const FROM_WORKERS: [path: string, sentence: RegExp][] = [
  ['workers/store/catalogue.ts', /\bnote: '([^']+)'/g],
  ['workers/store/speakers-model.ts', /\bnote: '([^']+)'/g],
  ['workers/store/foreign.ts', /^const (?:NO_HEADS|WRONG_HEADS|NO_ATTENTIONS) =\s*'([^']+)'/gm],
];

export type Found = { message: string; path: string; line: number };

/** TypeScript in a source: all of it, or what stands between the script tags and in the curly brackets of the markup. */
function pieces(path: string): { code: string; at: number }[] {
  const text = source(path);
  if (path.endsWith('.ts')) return [{ code: text, at: 0 }];
  const found: { code: string; at: number }[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const { type, start, end, content } = node as { type?: string; start?: number; end?: number; content?: unknown };
    const whole = type === 'Script' ? (content as { start: number; end: number }) : null;
    if (whole !== null) found.push({ code: text.slice(whole.start, whole.end), at: whole.start });
    else if (type === 'CallExpression' && start !== undefined && end !== undefined)
      found.push({ code: text.slice(start, end), at: start });
    else Object.values(node).forEach(visit);
  };
  visit(parse(text, { modern: true }));
  return found;
}

/** The messages, and each call of `t` whose message cannot be read from the source. */
export function pageMessages(): { found: Found[]; unreadable: string[] } {
  const found: Found[] = [];
  const unreadable: string[] = [];
  for (const path of src.filter((path) => isCode(path) && !path.endsWith('locale/text.ts'))) {
    for (const { code, at } of pieces(path)) {
      const file = ts.createSourceFile('piece.ts', code, ts.ScriptTarget.Latest, true);
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && /^(t|phrase)$/.test(node.expression.getText(file))) {
          const [message] = node.arguments;
          const line = source(path)
            .slice(0, at + node.getStart(file))
            .split('\n').length;
          if (ts.isStringLiteralLike(message)) found.push({ message: message.text, path, line });
          else if (
            ts.isTemplateExpression(message) ||
            (ts.isBinaryExpression(message) && message.operatorToken.kind === ts.SyntaxKind.PlusToken)
          )
            unreadable.push(`${path}:${line}: ${message.getText(file)}`);
        }
        ts.forEachChild(node, visit);
      };
      visit(file);
    }
  }
  for (const [path, sentence] of FROM_WORKERS) {
    for (const match of source(path).matchAll(sentence))
      found.push({ message: match[1], path, line: source(path).slice(0, match.index).split('\n').length });
  }
  return { found, unreadable };
}
