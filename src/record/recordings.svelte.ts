/** The recordings on this device, and the worker that keeps them. */
import { t } from '../locale/text.ts';
import type { Recording } from '../../workers/protocol.ts';
import { startRecorderWorker, type RecorderConnection } from '../engine/workers.ts';
import { isHeld } from '../held-lock.ts';
import { lineOf } from '../queue/file-name.ts';
import { messages } from '../messages/messages.svelte.ts';
import { ledger } from '../network/ledger.svelte.ts';
import { queue } from '../queue/queue.svelte.ts';
import { saveFile } from '../save-file.ts';

/** One tab records at a time, and holds this lock while it does: a recording that has no end is not cut off then. */
export const RECORDING_LOCK = 'earshot-recording';

class Recordings {
  #list = $state.raw<readonly Recording[]>([]);
  #known = $state.raw(false);
  /** The browser does not let them be read. */
  #unreadable = $state.raw(false);
  #connection: RecorderConnection | null = null;

  /** One is recorded now, in this tab or another one. */
  #recording = $state.raw(false);

  /** Those that are on the list, the newest first; the one that is recorded now is not. */
  readonly #shown = $derived.by(() => {
    const running = this.#recording ? this.#list.find(({ ended }) => !ended) : undefined;
    return this.#list.filter((one) => one !== running && !one.deleted && one.bytes > 0);
  });
  get shown(): readonly Recording[] {
    return this.#shown;
  }
  /** The list was read: where it is empty there is none. */
  get known(): boolean {
    return this.#known;
  }
  get unreadable(): boolean {
    return this.#unreadable;
  }

  /** The worker; a fresh one where the last has died. */
  get worker(): RecorderConnection {
    if (this.#connection?.alive !== true) {
      this.#connection = startRecorderWorker((entries) => ledger.add('recorder', entries));
    }
    return this.#connection;
  }

  /**
   * Reads the list anew. Never rejects.
   * @param stopped this tab has just ended its recording: the browser may still count its lock as held
   */
  async refresh(stopped = false): Promise<void> {
    try {
      const list = await this.worker.call((recorder) => recorder.list());
      this.#recording = !stopped && (await isHeld(RECORDING_LOCK));
      this.#list = list;
      this.#known = true;
      this.#unreadable = false;
    } catch {
      this.#unreadable = true;
    }
  }

  /** Puts it into the queue. One that is there already from an earlier visit gets its sound back. */
  async transcribe({ id }: Recording): Promise<void> {
    const file = await this.#file(id);
    if (file !== null) queue.add([file]);
  }

  async save({ id, name }: Recording): Promise<void> {
    const file = await this.#file(id);
    if (file !== null) saveFile(name, file);
  }

  /** Off the list at once; off the disk when the offer to undo it is gone. */
  async remove({ id, name }: Recording): Promise<void> {
    await this.#mark(id, { deleted: true });
    const key = `recording ${id}`;
    const undo = () => void this.#mark(id, { deleted: false }).then(() => messages.withdraw(key));
    const dismiss = () => void this.purge().then(() => messages.withdraw(key));
    messages.say(() => ({
      key,
      sentence: t('{name} is deleted.', { name: lineOf(name) }),
      actions: [
        { label: t('Undo'), run: undo },
        { label: t('Dismiss'), run: dismiss },
      ],
    }));
  }

  /** Takes what was deleted off the disk. */
  async purge(): Promise<void> {
    await this.worker.call((recorder) => recorder.purge()).catch(() => undefined);
  }

  /** A person knows that it was cut off. */
  async settle({ id }: Recording): Promise<void> {
    await this.#mark(id, { ended: true });
  }

  async #mark(id: string, change: Partial<Pick<Recording, 'deleted' | 'ended'>>): Promise<void> {
    await this.worker.call((recorder) => recorder.mark(id, change)).catch(() => undefined);
    await this.refresh();
  }

  async #file(id: string): Promise<File | null> {
    const file = await this.worker.call((recorder) => recorder.file(id)).catch(() => null);
    if (file !== null) return file;
    messages.sayUntil('OK', () => ({
      key: 'recording',
      kind: 'fault',
      sentence: t('This recording could not be read.'),
      more: t('Reload the page and try again.'),
    }));
    return null;
  }
}

export const recordings = new Recordings();
