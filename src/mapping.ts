/** Long lists made of long lists, step by step, for work that is done in slices (src/slices.ts). Pure. */

/** So many of a list are made in one step: a millisecond or two of work. */
const STEP = 500;

/** As `items.map(make)`, step by step. */
export function* mapping<T, Made>(
  items: readonly T[],
  make: (item: T, index: number) => Made,
): Generator<void, Made[]> {
  const made: Made[] = [];
  for (const [index, item] of items.entries()) {
    made.push(make(item, index));
    if (index % STEP === STEP - 1) yield;
  }
  return made;
}

/** As `items.flatMap(make)`, step by step. */
export function* flatMapping<T, Made>(
  items: readonly T[],
  make: (item: T, index: number) => readonly Made[],
): Generator<void, Made[]> {
  const made: Made[] = [];
  for (const [index, item] of items.entries()) {
    made.push(...make(item, index));
    if (index % STEP === STEP - 1) yield;
  }
  return made;
}
