/**
 * How a GPU does from the moment its device was opened: what it complained of outside every error scope, and how often
 * its results could not be right. Kinds of errors are told by their types, never by their words (WebGPU, "Errors &
 * Debugging").
 */
import { fault } from '../protocol';

/** What is used of a device. */
export type Complaining = Pick<GPUDevice, 'addEventListener' | 'createBuffer' | 'pushErrorScope' | 'popErrorScope'>;

/**
 * Windows that the GPU got wrong and the CPU right before the GPU is given up: one may be an accident, and each further one
 * is decoded twice.
 */
const WRONG_WINDOWS = 2;

export class GpuHealth {
  readonly #device: Complaining | null;
  #shortage: string | null = null;
  #broken: string | null = null;
  #wrongWindows = 0;

  /** @param device watched from now on; null: there is none to complain, only windows are counted */
  constructor(device: Complaining | null) {
    this.#device = device;
    if (device === null) return;
    device.addEventListener('uncapturederror', (event) => this.#note(event.error));
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (descriptor) => {
      try {
        return createBuffer(descriptor);
      } catch (error) {
        // For a buffer that is mapped from the start there is no other way to say it (WebGPU, GPUDevice.createBuffer).
        if (error instanceof RangeError) this.#shortage ??= error.message;
        throw error;
      }
    };
  }

  #note(error: GPUError): void {
    console.warn('GPU error:', error.message);
    if (error instanceof GPUOutOfMemoryError) this.#shortage ??= error.message;
    // A buffer for which there was no memory is invalid, and each use of it an error of its own: not the GPU's fault.
    else if (this.#shortage === null) this.#broken ??= error.message;
  }

  /** There was no memory for something since `takeShortage` was asked. */
  get isShort(): boolean {
    return this.#shortage !== null;
  }

  /** Why nothing that this device gives can be trusted any more; null: no reason. */
  get broken(): string | null {
    return this.#broken;
  }

  /**
   * Waits until the device has told of everything that was asked of it so far.
   * @returns what there was no memory for since the last call; null: there was enough. It is forgotten then.
   */
  async takeShortage(): Promise<string | null> {
    if (this.#device !== null) {
      // The answer to a scope comes behind the errors of all that was asked before it.
      this.#device.pushErrorScope('validation');
      // A device that is lost says so elsewhere.
      await this.#device.popErrorScope().catch(() => null);
      // Their events may still wait for their turn.
      await new Promise((resolve) => setTimeout(resolve));
    }
    const shortage = this.#shortage;
    this.#shortage = null;
    return shortage;
  }

  /**
   * Counts a window that the GPU got wrong and the CPU right.
   * @throws WrongResults when that has happened too often
   */
  noteWrongWindow(): void {
    this.#wrongWindows += 1;
    if (this.#wrongWindows >= WRONG_WINDOWS)
      throw fault('WrongResults', `${this.#wrongWindows} windows could not be right, and the CPU heard them.`);
  }
}
