/** Recordings as the media worker can decode them: itself, or what the browser's player makes of them (player-sound.ts). */
import type { MediaFacts } from '../../workers/protocol.ts';
import { asFault } from '../faults.ts';

export class Decodable {
  /** Files that the media worker could not decode. */
  readonly #closed = new WeakMap<File, string>();
  /** The newest alone: each holds all of its sound. */
  #newest: { file: File; sound: Promise<File | null> } | null = null;

  /** Notes that the media worker could not decode a file. @param thrown what it rejected with */
  note(file: File, thrown: unknown): void {
    const { name, detail } = asFault(thrown);
    if (name === 'UnsupportedFormat') this.#closed.set(file, detail);
  }

  /**
   * What the media worker is to be given for a file.
   * @throws UnsupportedFormat for a recording that is too long for this
   */
  async of(file: File): Promise<File> {
    const detail = this.#closed.get(file);
    if (detail === undefined) return file;
    if (this.#newest?.file !== file) this.#newest = { file, sound: this.#play(file, detail) };
    return (await this.#newest.sound) ?? file;
  }

  /** Opens a file, and where the media worker cannot decode it what the player makes of it. Rejects with what `open` does. */
  async open(file: File, open: (file: File) => Promise<MediaFacts>): Promise<MediaFacts> {
    const known = await this.of(file);
    try {
      return await open(known);
    } catch (error) {
      if (known !== file) throw error;
      this.note(file, error);
      const sound = await this.of(file);
      if (sound === file) throw error;
      return { ...(await open(sound)), video: file.type.startsWith('video/') };
    }
  }

  async #play(file: File, detail: string): Promise<File | null> {
    const { mayBePlayed, playerSound } = await import('./player-sound.ts');
    return mayBePlayed(detail) ? playerSound(file, detail) : null;
  }
}
