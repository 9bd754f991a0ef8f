/**
 * JSON of any length, read step by step: the counterpart of src/export/json-in-steps.ts. Only where its long lists and
 * objects begin and end is found here; each short piece of them is given to `JSON.parse`. Pure.
 */

/** A list or an object that is not longer is one piece: some tenths of a millisecond. Characters. */
const PIECE = 1 << 15;
/** A list or an object this deep in others is one piece, however long it is: no transcript goes so deep. */
const DEEPEST = 8;

const SPACES = [0x20, 0x0a, 0x0d, 0x09];
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * As `JSON.parse(text)`, step by step.
 * @param shortest what is longer is taken apart
 * @throws SyntaxError where that would
 */
export function* parsingJson(text: string, shortest = PIECE): Generator<void, unknown> {
  let at = 0;
  let rested = 0;

  const skipSpace = (): void => {
    for (let code = text.charCodeAt(at); SPACES.includes(code); code = text.charCodeAt(at)) at += 1;
  };
  const isNext = (code: number): boolean => {
    skipSpace();
    if (text.charCodeAt(at) !== code) return false;
    at += 1;
    return true;
  };
  const expect = (code: number): void => {
    if (!isNext(code)) throw new SyntaxError(`no ${String.fromCharCode(code)} at ${at}`);
  };
  const piece = (end: number): unknown => {
    const value: unknown = JSON.parse(text.slice(at, end));
    at = end;
    return value;
  };

  function* value(depth: number): Generator<void, unknown> {
    skipSpace();
    if (at - rested >= shortest) {
      rested = at;
      yield;
    }
    const first = text.charCodeAt(at);
    if (first !== OPEN_LIST && first !== OPEN_OBJECT) return piece(scalarEnd(text, at));
    const end = nestedEnd(text, at, depth === DEEPEST ? Infinity : shortest);
    if (end !== null) return piece(end);
    at += 1;
    return yield* first === OPEN_LIST ? list(depth + 1) : object(depth + 1);
  }

  function* list(depth: number): Generator<void, unknown[]> {
    const items: unknown[] = [];
    if (isNext(CLOSE_LIST)) return items;
    do items.push(yield* value(depth));
    while (isNext(COMMA));
    expect(CLOSE_LIST);
    return items;
  }

  function* object(depth: number): Generator<void, object> {
    const entries: [string, unknown][] = [];
    if (isNext(CLOSE_OBJECT)) return {};
    do {
      skipSpace();
      if (text.charCodeAt(at) !== QUOTE) throw new SyntaxError(`no name at ${at}`);
      const name = piece(scalarEnd(text, at)) as string;
      expect(COLON);
      entries.push([name, yield* value(depth)]);
    } while (isNext(COMMA));
    expect(CLOSE_OBJECT);
    return Object.fromEntries(entries);
  }

  const whole = yield* value(0);
  skipSpace();
  if (at < text.length) throw new SyntaxError(`more at ${at}`);
  return whole;
}

/** The place behind the string that begins here. */
function stringEnd(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  throw new SyntaxError(`the string at ${from} has no end`);
}

/** The place behind the string, number or name that begins here. */
function scalarEnd(text: string, from: number): number {
  if (text.charCodeAt(from) === QUOTE) return stringEnd(text, from);
  const plain = /[\w.+-]*/y;
  plain.lastIndex = from;
  plain.test(text);
  return plain.lastIndex;
}

/** The place behind the list or object that begins here, where its brackets come out even; null: more than `most` away. */
function nestedEnd(text: string, from: number, most: number): number | null {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (at - from >= most) return null;
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth += 1;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new SyntaxError(`what begins at ${from} has no end`);
}
