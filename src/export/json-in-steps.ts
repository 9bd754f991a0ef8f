/** JSON of a file whose lists are long, step by step. Pure. */
import { mapping } from '../mapping.ts';

/** As `JSON.stringify(file, null, indent)`. @param indent spaces */
export function* jsonInSteps(file: object, indent: 0 | 2 = 2): Generator<void, string> {
  const [line, deeper] = indent === 0 ? ['', ''] : ['\n  ', '\n    '];
  const end = indent === 0 ? '' : '\n';
  const written = (value: unknown, at: string) =>
    (JSON.stringify(value, null, indent) as string | undefined)?.replaceAll('\n', at);
  const parts: string[] = [];
  for (const [key, value] of Object.entries(file) as [string, unknown][]) {
    let text = Array.isArray(value) ? '[]' : written(value, line);
    if (Array.isArray(value) && value.length > 0) {
      const items = yield* mapping(value, (item: unknown) => written(item, deeper) ?? 'null');
      text = `[${deeper}${items.join(`,${deeper}`)}${line}]`;
    }
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${indent === 0 ? '' : ' '}${text}`);
  }
  return parts.length === 0 ? '{}' : `{${line}${parts.join(`,${line}`)}${end}}`;
}
