/** An IndexedDB database that outlives what browsers and people do to it, with keys and values. */
import { createStore, delMany, get, getMany, keys, set, setMany, update, type UseStore } from 'idb-keyval';
import { fault } from '../protocol';

/**
 * A browser that forbids IndexedDB says so at once; some private windows and embedded views never answer at all. Opening
 * a database takes milliseconds, on a busy disk a second or two.
 */
const OPENING_MS = 8000;

/** One of them did not answer: the others of this worker are not waited for. */
let silent = false;

/**
 * Every call rejects with StorageFull when there is no room, with EngineFailed when the database cannot be used any more.
 * Where the browser never lets it be opened, what is written is held in memory for as long as this worker lives.
 * idb-keyval allows one store per database.
 */
export class Database {
  readonly #name: string;
  readonly #store: string;
  readonly #durability: IDBTransactionDurability;
  #use: UseStore;
  /** It was opened at least once, so this browser does keep databases here. */
  #opened = false;
  /** In place of the database where it cannot be opened. */
  #memory: Map<string, unknown> | null = null;

  /** @param durability of what is written; "strict": it outlives a power cut as soon as it is written */
  constructor(name: string, store: string, durability: IDBTransactionDurability = 'default') {
    this.#name = name;
    this.#store = store;
    this.#durability = durability;
    this.#use = this.#open();
  }

  /** Whether what is written outlives this worker; known when the first call has ended. */
  get keeps(): boolean {
    return this.#memory === null;
  }

  keys(): Promise<string[]> {
    return this.#run(
      (use) => keys<string>(use),
      (memory) => [...memory.keys()],
    );
  }

  get<T>(key: string): Promise<T | undefined> {
    return this.#run(
      (use) => get<T>(key, use),
      (memory) => memory.get(key) as T | undefined,
    );
  }

  getMany<T>(wanted: string[]): Promise<(T | undefined)[]> {
    return this.#run(
      (use) => getMany<T | undefined>(wanted, use),
      (memory) => wanted.map((key) => memory.get(key) as T | undefined),
    );
  }

  set(key: string, value: unknown): Promise<void> {
    return this.#run(
      (use) => set(key, value, use),
      (memory) => void memory.set(key, value),
    );
  }

  setMany(pairs: [key: string, value: unknown][]): Promise<void> {
    return this.#run(
      (use) => setMany(pairs, use),
      (memory) => pairs.forEach(([key, value]) => memory.set(key, value)),
    );
  }

  /** In one transaction: another tab may change the same value. */
  update<T>(key: string, change: (value: T | undefined) => T): Promise<void> {
    return this.#run(
      (use) => update<T>(key, change, use),
      (memory) => void memory.set(key, change(memory.get(key) as T | undefined)),
    );
  }

  delete(which: string[]): Promise<void> {
    return this.#run(
      (use) => delMany(which, use),
      (memory) => which.forEach((key) => memory.delete(key)),
    );
  }

  /**
   * A connection can go away at any time: the person clears site data, another tab deletes the database, Safari
   * drops it. Then the call is repeated once on a fresh connection.
   */
  async #run<T>(call: (use: UseStore) => Promise<T>, inMemory: (memory: Map<string, unknown>) => T): Promise<T> {
    if (this.#memory !== null) return inMemory(this.#memory);
    const used = this.#use;
    try {
      return await this.#opening(call(used));
    } catch (error) {
      if (isFull(error)) throw fault('StorageFull', String(error));
      if (this.#use === used) this.#use = this.#open();
    }
    try {
      return await this.#opening(call(this.#use));
    } catch (error) {
      if (isFull(error)) throw fault('StorageFull', String(error));
      if (this.#opened) throw fault('EngineFailed', `IndexedDB: ${String(error)}`);
      return inMemory((this.#memory ??= new Map<string, unknown>()));
    }
  }

  /** `call`, unless the database has not been opened after a while. */
  async #opening<T>(call: Promise<T>): Promise<T> {
    if (this.#opened) return call;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => {
          if (this.#opened) return;
          silent = true;
          reject(new Error('no answer'));
        },
        silent ? 0 : OPENING_MS,
      );
    });
    try {
      return await Promise.race([call, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** idb-keyval keeps its connection open for ever; without this, deleting the database would wait for ever. */
  #open(): UseStore {
    const use = createStore(this.#name, this.#store);
    const durability = this.#durability;
    // idb-keyval leaves the durability to the browser: it opens the database, and the transaction that writes is ours.
    const own = (mode: IDBTransactionMode) => mode === 'readwrite' && durability !== 'default';
    return (mode, callback) =>
      use(own(mode) ? 'readonly' : mode, (store) => {
        this.#opened = true;
        const { db } = store.transaction;
        db.onversionchange = () => db.close();
        return callback(own(mode) ? db.transaction(this.#store, mode, { durability }).objectStore(this.#store) : store);
      });
  }
}

const isFull = (error: unknown) => error instanceof Error && error.name === 'QuotaExceededError';
