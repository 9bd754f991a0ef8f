/** An IndexedDB database that outlives what browsers and people do to it. */
import { createStore, type UseStore } from 'idb-keyval';
import { fault } from '../protocol';

/** idb-keyval allows one store per database. */
export class Database {
  readonly #name: string;
  readonly #store: string;
  #use: UseStore;

  constructor(name: string, store: string) {
    this.#name = name;
    this.#store = store;
    this.#use = open(name, store);
  }

  /**
   * A connection can go away at any time: the person clears site data, another tab deletes the database, Safari
   * drops it. Then the call is repeated once on a fresh connection.
   * Rejects with StorageFull when there is no room, EngineFailed when the database cannot be used.
   */
  async run<T>(call: (use: UseStore) => Promise<T>): Promise<T> {
    const used = this.#use;
    try {
      return await call(used);
    } catch (error) {
      if (isFull(error)) throw fault('StorageFull', String(error));
      if (this.#use === used) this.#use = open(this.#name, this.#store);
    }
    try {
      return await call(this.#use);
    } catch (error) {
      throw fault(isFull(error) ? 'StorageFull' : 'EngineFailed', `IndexedDB: ${String(error)}`);
    }
  }
}

/** idb-keyval keeps its connection open for ever; without this, deleting the database would wait for ever. */
function open(name: string, storeName: string): UseStore {
  const use = createStore(name, storeName);
  return (mode, callback) =>
    use(mode, (store) => {
      const { db } = store.transaction;
      db.onversionchange = () => db.close();
      return callback(store);
    });
}

const isFull = (error: unknown) => error instanceof Error && error.name === 'QuotaExceededError';
