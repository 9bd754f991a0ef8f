/** Levels on this device, five minutes of sound a record, so that a recording that grows is not written anew each time. */
import { createStore, delMany, getMany, keys, promisifyRequest, setMany, type UseStore } from 'idb-keyval';
import { LEVELS_A_SECOND } from '../../workers/protocol.ts';

/** Values in a record. */
export const RECORD = 300 * LEVELS_A_SECOND;

let opened: UseStore | null = null;

function store(): UseStore {
  return (opened ??= createStore('earshot-levels', 'levels'));
}

/** No file's name has a slash in it. */
const keyOf = (sound: string, record: number) => `${sound}/${String(record).padStart(5, '0')}`;
const rangeOf = (sound: string) => IDBKeyRange.bound(`${sound}/`, `${sound}/~`);

/** The records of a recording, each with its number. */
export async function keptLevels(sound: string): Promise<[record: number, values: Uint8Array][]> {
  const found = (await store()('readonly', (levels) =>
    promisifyRequest(levels.getAllKeys(rangeOf(sound))),
  )) as string[];
  const values = await getMany<Uint8Array>(found, store());
  return found.map((key, index) => [Number(key.slice(key.lastIndexOf('/') + 1)), values[index] ?? new Uint8Array()]);
}

export function keepLevels(sound: string, records: readonly (readonly [number, Uint8Array])[]): Promise<void> {
  return setMany(
    records.map(([record, values]) => [keyOf(sound, record), values]),
    store(),
  );
}

/** Removes what belongs to none of these recordings. */
export async function forgetOtherLevels(sounds: ReadonlySet<string>): Promise<void> {
  const all = await keys<string>(store());
  await delMany(
    all.filter((key) => !sounds.has(key.slice(0, key.lastIndexOf('/')))),
    store(),
  );
}
