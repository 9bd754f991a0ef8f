/** The recording that runs: asks for the sound, hands it to the recorder worker, and says what becomes of it. */
import type { Recording, TapLevel } from '../../workers/protocol.ts';
import { callback, handOver } from '../engine/workers.ts';
import { asFault } from '../faults.ts';
import { t } from '../locale/text.ts';
import { sleepAgain, stayAwake } from '../queue/awake.ts';
import { EMPTY_STRIP, isSilent, withLevel } from './level.ts';
import { live } from './live.svelte.ts';
import { recordingStem } from './name.ts';
import {
  cutOffWords,
  noSoundWords,
  SHARE_ENDED_MICROPHONE_GOES_ON,
  SoundFault,
  type RecordWords,
} from './record-words.ts';
import { RECORDING_LOCK, recordings } from './recordings.svelte.ts';
import { closeStream, microphones, openSources, type Sources, type What } from './sources.ts';
import { Sound } from './sound.ts';

/** `listening`: the sound is measured, and nothing kept. `saving`: the last second is on its way to the disk. */
export type RecorderPhase = 'off' | 'asking' | 'listening' | 'recording' | 'paused' | 'saving';

/** The worklet says the end within a block; where it does not, the worker is told. */
const END_MS = 1500;
/** Levels (20 a second) without any sound until the person is asked about the microphone. */
const SILENT_LEVELS = 100;

class Recorder {
  #phase = $state.raw<RecorderPhase>('off');
  #peak = $state.raw(0);
  #seconds = $state.raw(0);
  #kept = $state.raw({ seconds: 0, bytes: 0, safe: true });
  #strip = $state.raw(EMPTY_STRIP);
  #silentLevels = $state.raw(0);
  #tell = $state.raw<(() => RecordWords) | null>(null);
  #devices = $state.raw<readonly MediaDeviceInfo[]>([]);

  #sources: Sources | null = null;
  #sound: Sound | null = null;
  /** Resolves when the worker has written the end, or could not. */
  #written: Promise<Recording | null> | null = null;
  #release: (() => void) | null = null;

  get phase(): RecorderPhase {
    return this.#phase;
  }
  /** The loudest sample of the last twentieth of a second, [0, 1]. */
  get peak(): number {
    return this.#peak;
  }
  /** Of sound recorded so far. */
  get seconds(): number {
    return this.#seconds;
  }
  /** What of it is on the disk; `safe` false: in memory only. */
  get kept(): { seconds: number; bytes: number; safe: boolean } {
    return this.#kept;
  }
  /** The last levels, [0, 1]. */
  get bars(): readonly number[] {
    return this.#strip.bars;
  }
  /** No sound has come for a while. */
  get silent(): boolean {
    return this.#silentLevels >= SILENT_LEVELS;
  }
  /** Why nothing is recorded, or why it ended. */
  get words(): RecordWords | null {
    return this.#tell?.() ?? null;
  }
  get devices(): readonly MediaDeviceInfo[] {
    return this.#devices;
  }
  get running(): boolean {
    return this.#phase === 'recording' || this.#phase === 'paused' || this.#phase === 'saving';
  }

  /** Which microphones there are. */
  async findDevices(): Promise<void> {
    this.#devices = await microphones();
  }

  /** Shows the level without keeping anything. Call it in the event of a click. */
  async listen(what: What, deviceId: string): Promise<void> {
    if (this.#phase === 'off') await this.#open(what, deviceId);
  }

  /** Begins a recording. Call it in the event of a click. */
  async record(what: What, deviceId: string): Promise<void> {
    if (this.#phase === 'off' && !(await this.#open(what, deviceId))) return;
    if (this.#phase !== 'listening' || this.#sound === null) return;
    this.#phase = 'asking';
    if (!(await this.#claim())) {
      this.#tell = () => noSoundWords('other-tab');
      this.#close();
      return;
    }
    await recordings.purge();
    const startedMs = Date.now();
    const order = {
      id: crypto.randomUUID(),
      stem: recordingStem(new Date(startedMs)),
      startedMs,
      sampleRate: this.#sound.sampleRate,
    };
    const { port1, port2 } = new MessageChannel();
    const tell = callback((kept: Recorder['kept']) => (this.#kept = kept));
    this.#seconds = 0;
    this.#kept = { seconds: 0, bytes: 0, safe: true };
    this.#written = recordings.worker.call((worker) => worker.record(handOver(port2), order, tell));
    // The disk takes no more, or the worker has died.
    this.#written.catch(() => void this.stop());
    this.#sound.record(port1);
    this.#phase = 'recording';
    addEventListener('beforeunload', askFirst);
    document.addEventListener('visibilitychange', this.#onVisible);
    live.set(true);
    void stayAwake('recording');
  }

  pause(): void {
    if (this.#phase !== 'recording') return;
    this.#phase = 'paused';
    this.#sound?.pause(true);
  }

  resume(): void {
    if (this.#phase !== 'paused') return;
    this.#phase = 'recording';
    this.#sound?.pause(false);
  }

  /**
   * Ends what runs.
   * @returns the recording; null: nothing was recorded, or the end could not be written (what was before it is kept)
   */
  async stop(): Promise<Recording | null> {
    if (this.#phase === 'listening') this.#close();
    if (this.#phase !== 'recording' && this.#phase !== 'paused') return null;
    this.#phase = 'saving';
    this.#sound?.end();
    const late = setTimeout(() => void recordings.worker.call((worker) => worker.end()).catch(() => undefined), END_MS);
    const recording = await this.#written?.catch((error: unknown) => {
      const why = asFault(error).name === 'StorageFull' ? 'full' : 'broken';
      const seconds = this.#kept.bytes === 0 ? 0 : this.#kept.seconds;
      this.#tell = () => cutOffWords(why, seconds);
      return null;
    });
    clearTimeout(late);
    this.#written = null;
    this.#close();
    await recordings.refresh(true);
    return recording ?? null;
  }

  /** @returns whether there is sound now */
  async #open(what: What, deviceId: string): Promise<boolean> {
    this.#phase = 'asking';
    this.#tell = null;
    this.#strip = EMPTY_STRIP;
    this.#silentLevels = 0;
    let context: AudioContext | null = null;
    try {
      context = new AudioContext();
      const sources = await openSources(what, deviceId);
      this.#sources = sources;
      this.#watch(sources);
      const streams = [sources.microphone, sources.shared].filter((stream) => stream !== null);
      this.#sound = await Sound.open(context, streams, (level) => this.#onLevel(level));
      this.#phase = 'listening';
      void this.findDevices();
      return true;
    } catch (error) {
      await context?.close();
      const why = error instanceof SoundFault ? error.why : 'not-offered';
      this.#tell = () => noSoundWords(why);
      this.#close();
      return false;
    }
  }

  /** A device that is unplugged and a share that is stopped end their track. */
  #watch({ microphone, shared }: Sources): void {
    for (const track of microphone?.getAudioTracks() ?? []) {
      track.addEventListener('ended', () => void this.#cutOff('unplugged'));
    }
    for (const track of shared?.getAudioTracks() ?? []) {
      track.addEventListener('ended', () => {
        if (microphone === null) void this.#cutOff('share-ended');
        else this.#tell = () => ({ sentence: t(SHARE_ENDED_MICROPHONE_GOES_ON), next: '' });
      });
    }
  }

  /** It ends, and nobody has asked for that. */
  async #cutOff(why: 'unplugged' | 'share-ended'): Promise<void> {
    if (this.#phase === 'off' || this.#phase === 'saving') return;
    const recorded = this.#phase === 'recording' || this.#phase === 'paused';
    const recording = await this.stop();
    if (!recorded) this.#tell = () => noSoundWords(why === 'unplugged' ? 'no-device' : 'share-refused');
    else if (recording !== null) this.#tell = () => cutOffWords(why, recording.seconds);
  }

  /** Nothing is recorded in two tabs at once. A browser without Web Locks cannot tell, and the answer is yes. */
  #claim(): Promise<boolean> {
    if (!('locks' in navigator)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const held = (lock: Lock | null): Promise<void> | void => {
        resolve(lock !== null);
        if (lock !== null) return new Promise((release) => (this.#release = release));
      };
      navigator.locks.request(RECORDING_LOCK, { ifAvailable: true }, held).catch(() => resolve(true));
    });
  }

  #onLevel({ peak, seconds }: TapLevel): void {
    this.#peak = peak;
    this.#silentLevels = isSilent(peak) ? this.#silentLevels + 1 : 0;
    if (this.#phase !== 'paused') this.#strip = withLevel(this.#strip, peak);
    if (this.running) this.#seconds = seconds;
  }

  readonly #onVisible = (): void => {
    if (document.visibilityState === 'visible') this.#sound?.wake();
  };

  #close(): void {
    this.#sound?.close();
    this.#sound = null;
    closeStream(this.#sources?.microphone ?? null);
    closeStream(this.#sources?.shared ?? null);
    this.#sources = null;
    this.#release?.();
    this.#release = null;
    removeEventListener('beforeunload', askFirst);
    document.removeEventListener('visibilitychange', this.#onVisible);
    void sleepAgain('recording');
    if (live.on) live.set(false);
    this.#peak = 0;
    this.#phase = 'off';
  }
}

/** What runs would end with the tab; what there is of it is on the disk. */
function askFirst(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

export const recorder = new Recorder();
