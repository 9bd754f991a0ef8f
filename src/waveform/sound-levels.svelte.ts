/** How loud the recordings are that are shown or heard: read from this device, grown by what is decoded, and kept. */
import type { Levels } from '../../workers/protocol.ts';
import { keepLevels, keptLevels, RECORD } from './kept-levels.ts';
import { LevelPyramid } from './level-pyramid.ts';

/** Recordings whose levels stay in memory. */
const MOST = 4;

/** A recording, as the levels know it: the same file gives the same ones, whichever job it is of. */
export type Sound = { name: string; size: number; lastModified: number; track: number };

export function nameOfSound({ name, size, lastModified, track }: Sound): string {
  return `${size}-${lastModified}-${track}-${name}`;
}

export class SoundLevels {
  readonly pyramid = new LevelPyramid();
  readonly #sound: string;
  #version = $state.raw(0);
  #ready = $state.raw(false);
  /** Reading, then one write after another. Never rejects: a waveform that is not kept is measured again. */
  #disk: Promise<void>;

  constructor(sound: string) {
    this.#sound = sound;
    this.#disk = keptLevels(sound)
      .then((records) => records.forEach(([record, values]) => this.#put(record * RECORD, values)))
      .catch(() => undefined)
      .then(() => void (this.#ready = true));
  }

  /** What this device has is here. */
  get ready(): boolean {
    return this.#ready;
  }
  /** Changes with every value. */
  get version(): number {
    return this.#version;
  }
  /** Values from the start to the last one that is known. */
  get length(): number {
    void this.#version;
    return this.pyramid.length;
  }

  add({ first, values }: Levels): void {
    this.#put(first, values);
    const last = first + values.length - 1;
    this.#disk = this.#disk
      .then(() => {
        const records = [];
        for (let record = Math.floor(first / RECORD); record * RECORD <= last; record++) {
          records.push([record, this.pyramid.slice(record * RECORD, (record + 1) * RECORD)] as const);
        }
        return keepLevels(this.#sound, records);
      })
      // Where there is no database, asking for one throws.
      .catch(() => undefined);
  }

  #put(first: number, values: Uint8Array): void {
    this.pyramid.put(first, values);
    this.#version += 1;
  }
}

let shown: readonly { name: string; levels: SoundLevels }[] = [];

/** The levels of a recording: the same ones for whoever asks. */
export function levelsOf(sound: Sound): SoundLevels {
  const name = nameOfSound(sound);
  const known = shown.find((one) => one.name === name) ?? { name, levels: new SoundLevels(name) };
  shown = [known, ...shown.filter((one) => one !== known)].slice(0, MOST);
  return known.levels;
}
