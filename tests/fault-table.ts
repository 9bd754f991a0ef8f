/** The table of faults and phases that a spec has injected, for people to read: tests/.out/<name>.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const out = join(dirname(fileURLToPath(import.meta.url)), '.out');

/** `how` it goes on: by itself, or by which question. */
export type Survived = { fault: string; phase: string; lost: string; how: string };

export const lineOf = ({ fault, phase, lost, how }: Survived): string =>
  `| ${fault} | ${phase} | survived | ${lost} | ${how} |`;

export function writeTable(name: string, rows: readonly Survived[]): void {
  const head = ['| fault | phase | | work lost | how it goes on |', '| --- | --- | --- | --- | --- |'];
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, `${name}.md`), [...head, ...rows.map(lineOf), ''].join('\n'));
}
