/** Hostile forms of good files: changes that know the structure of what they change. The same for the same random numbers. */
import type { Random } from './random.ts';

const pick = <T>(random: Random, list: readonly T[]): T => list[random.whole(0, list.length - 1)];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What stands in files by mistake, and what is put there to do harm. */
function harm(random: Random): Json {
  const values: readonly Json[] = [
    ...[null, true, '', 0, -1, 1, 1.5, 1e308, -1e308, 2 ** 53, 4294967295, [], {}],
    ...['\u0000', '\ud800', '<img src=x onerror=alert(1)>', '../../../etc/passwd', '__proto__', 'constructor', '-->'],
    ...[{ __proto__: null, constructor: 1, toString: 'x', length: -1 }, [[[[[[]]]]]], 'x'.repeat(20_000)],
  ];
  return pick(random, values);
}

/** A copy of a value with a few of its parts replaced, taken out, doubled, renamed or swapped. */
export function hostileJson(random: Random, value: unknown): unknown {
  const root = { value: structuredClone(value) as Json };
  for (let changes = random.whole(1, 5); changes > 0; changes--) {
    let holder: Json[] | { [key: string]: Json } = root;
    for (;;) {
      const keys: string[] = Object.keys(holder);
      if (keys.length === 0) break;
      const key: string = pick(random, keys);
      const inside: Json = (holder as { [key: string]: Json })[key];
      if (typeof inside === 'object' && inside !== null && random.next() < 0.85) {
        holder = inside;
        continue;
      }
      change(random, holder, key);
      break;
    }
  }
  return root.value ?? null;
}

function change(random: Random, holder: Json[] | { [key: string]: Json }, key: string): void {
  const record = holder as { [key: string]: Json };
  const kind = random.whole(0, 5);
  if (kind <= 2) record[key] = harm(random);
  else if (kind === 3 && Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (kind === 3) delete record[key];
  else if (kind === 4 && Array.isArray(holder)) holder.push(...holder.slice(0, 50));
  else if (kind === 4) record[pick(random, ['__proto__ ', 'constructor', `${key} `, 'length'])] = record[key];
  else if (typeof record[key] === 'number') record[key] = record[key] * pick(random, [-1, 0.5, 2, 1e12]);
  else record[key] = harm(random);
}

/** Text of a JSON that a transfer or an editor has damaged: cut, doubled, with other quotes or a web page for it. */
export function hostileText(random: Random, text: string): string {
  const at = random.whole(0, text.length);
  const kinds = [
    () => text.slice(0, at),
    () => text.slice(at) + text.slice(0, at),
    () =>
      text.slice(0, at) + pick(random, ['"', '}', ']', ',', '\u0000', '\ufeff', 'NaN', '1e999', '//']) + text.slice(at),
    () => `<!doctype html><title>Sign in</title>${text}`,
    () => '['.repeat(random.whole(1, 20_000)),
    () => '',
  ];
  return pick(random, kinds)();
}

/**
 * A copy of bytes with fields changed at places that the caller knows: whole numbers of all sizes set to their extremes,
 * stretches cut out, put in twice or filled, and what comes behind thrown away.
 * @param places where fields begin; anywhere now and then
 */
export function hostileBytes(random: Random, bytes: Uint8Array, places: readonly number[]): Uint8Array<ArrayBuffer> {
  let out = Uint8Array.from(bytes);
  for (let changes = random.whole(1, 4); changes > 0 && out.length > 0; changes--) {
    const known = places.length > 0 && random.next() < 0.8;
    const at = Math.min(
      out.length - 1,
      known ? pick(random, places) + random.whole(0, 3) : random.whole(0, out.length - 1),
    );
    const kind = random.whole(0, 6);
    if (kind <= 1) out[at] ^= 1 << random.whole(0, 7);
    else if (kind === 2) out.fill(pick(random, [0, 255, 127, 128]), at, at + pick(random, [1, 2, 4, 8, 10]));
    else if (kind === 3) out[at] = random.whole(0, 255);
    else if (kind === 4) out = Uint8Array.from([...out.subarray(0, at), ...out.subarray(at + random.whole(1, 60))]);
    else if (kind === 5) out = Uint8Array.from([...out.subarray(0, at), ...out.subarray(Math.max(0, at - 60))]);
    else if (random.next() < 0.3) out = out.slice(0, at);
  }
  return out;
}
