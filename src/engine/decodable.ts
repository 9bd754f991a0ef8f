/** Recordings as the media worker can decode them: itself, or what the browser's player makes of them (player-sound.ts). */
import type { MediaFacts } from '../../workers/protocol.ts';
import { asFault } from '../faults.ts';

export class Decodable {
  /** Files that the media worker could not decode. */
  readonly #closed = new WeakMap<File, string>();
  /** Files of which the media worker has said whether it can decode them. */
  readonly #asked = new WeakSet<File>();
  /** The newest alone: each holds all of its sound. */
  #newest: { file: File; sound: Promise<File | null> } | null = null;

  /** Notes that the media worker could not decode a file. @param thrown what it rejected with */
  note(file: File, thrown: unknown): void {
    const { name, detail } = asFault(thrown);
    if (name === 'UnsupportedFormat') this.#close(file, detail);
  }

  /**
   * What the media worker is to be given for a file, which is opened where it never was in this visit.
   * Rejects with what `open` does.
   */
  async soundOf(file: File, open: (file: File) => Promise<MediaFacts>): Promise<File> {
    if (!this.#asked.has(file)) await this.open(file, open);
    return this.of(file);
  }

  /**
   * As `soundOf`, by what is known.
   * @throws UnsupportedFormat for a recording that is too long for this
   */
  async of(file: File): Promise<File> {
    const detail = this.#closed.get(file);
    if (detail === undefined) return file;
    if (this.#newest?.file !== file) this.#newest = { file, sound: this.#play(file, detail) };
    return (await this.#newest.sound) ?? file;
  }

  /**
   * Opens a file, and where the media worker cannot decode it what the player makes of it. Where neither can, what the media
   * worker has said of the file stands: its facts, or what `open` rejects with.
   */
  async open(file: File, open: (file: File) => Promise<MediaFacts>): Promise<MediaFacts> {
    const known = await this.of(file);
    if (known !== file) return this.#openSound(file, known, open);
    let said: () => MediaFacts;
    try {
      const { doubt, ...facts } = await open(file);
      said = () => facts;
      this.#asked.add(file);
      if (doubt !== undefined) this.#close(file, doubt);
    } catch (error) {
      said = () => {
        throw error;
      };
      this.note(file, error);
    }
    const sound = await this.of(file);
    return sound === file ? said() : this.#openSound(file, sound, open);
  }

  async #openSound(file: File, sound: File, open: (file: File) => Promise<MediaFacts>): Promise<MediaFacts> {
    return { ...(await open(sound)), video: file.type.startsWith('video/') };
  }

  #close(file: File, detail: string): void {
    this.#asked.add(file);
    this.#closed.set(file, detail);
  }

  async #play(file: File, detail: string): Promise<File | null> {
    const { mayBePlayed, playerSound } = await import('./player-sound.ts');
    return mayBePlayed(detail) ? playerSound(file, detail) : null;
  }
}
