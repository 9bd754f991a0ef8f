/**
 * The boundary: everything that may cross between the page (`src/`), the media worker and the engine worker.
 * Plain data that survives structured clone, and three interfaces; what the service worker is asked stands at the end.
 * Nothing else crosses.
 *
 * Units: seconds in cues, windows and words; milliseconds end in `Ms`; sizes end in `Bytes`; positions in the
 * sound are sample indices at the model's own rate (an absolute clock: it does not drift).
 */

// ── choices ────────────────────────────────────────────────────────────────────────────────────────────────

/** What the person asks for. `auto` is resolved to a `Backend` by the page before a model is loaded. */
export type BackendChoice = 'auto' | 'gpu' | 'cpu';
/** Where the sessions really run. */
export type Backend = 'gpu' | 'cpu';
export type Task = 'transcribe' | 'translate';
/**
 * Numerical form of a model's weights. `q4`: fp32 encoder and 4-bit decoder, on both backends. `fp32`: the reference for
 * parity and the bench. `q8`: 8-bit encoder and decoder, on the CPU only.
 */
export type DecoderForm = 'q4' | 'fp32' | 'q8';

// ── faults ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Every way a job, a load or a download can fail. An error's `name` is one of these (or `AbortError`). */
export type FaultName =
  | 'EmptyFile' // zero bytes
  | 'UnsupportedFormat' // no container or codec this browser can open
  | 'NoAudioTrack' // a readable file without sound
  | 'DamagedFile' // opens, but cannot be decoded (to the end)
  | 'FileVanished' // was readable, is not any more
  | 'ModelMissing' // not on this device and not asked for
  | 'ModelDamaged' // a file failed its SHA-256 or its length
  | 'DownloadFailed' // network cut, 4xx/5xx
  | 'DownloadBlocked' // a web page came instead of a file
  | 'StorageFull' // the browser has no room
  | 'NoGpu' // no adapter, or no device
  | 'GpuLost' // the device was lost or refused work
  | 'GpuOutOfMemory'
  | 'WrongResults' // output that cannot be right
  | 'EngineFailed'; // anything else inside the engine worker

/** The soft stop asked for by the person. Not a fault. */
export const ABORTED = 'AbortError';

/**
 * An error whose code is its `name`: comlink carries only name, message and stack across.
 * @param name one of the closed union
 * @param detail what a person may read under "Details"; never the sentence itself
 */
export function fault(name: FaultName | typeof ABORTED, detail = ''): Error {
  const error = new Error(detail);
  error.name = name;
  return error;
}

// ── requests ───────────────────────────────────────────────────────────────────────────────────────────────

/** One request, as the thread that made it knows it. blob: and data: are none. */
export type RequestEntry = {
  url: string;
  /** Milliseconds since the epoch when it began; with `url` its name, for an entry is told again as its bytes grow. */
  atMs: number;
  /** What the browser says came over the line, head included; 0: nothing did, or it keeps that to itself. */
  transferBytes: number;
  /** The length of the body, wherever it came from; 0 where the browser keeps it to itself. */
  bodyBytes: number;
  /** Body bytes its reader has counted so far; null: nobody counted. */
  countedBytes: number | null;
  /** It went to the service worker first, which has its own list. */
  viaServiceWorker: boolean;
  /** The model whose file it is, where the store asked for it. */
  modelId: string | null;
};

/** The browser's own resource timing, in this thread or given, as entries. */
export function requestEntries(timings = performance.getEntriesByType('resource')): RequestEntry[] {
  return (timings as PerformanceResourceTiming[])
    .filter(({ name }) => /^(https?|wss?):/.test(name))
    .map(({ name, startTime, transferSize, decodedBodySize, workerStart }) => ({
      url: name,
      atMs: performance.timeOrigin + startTime,
      transferBytes: transferSize,
      bodyBytes: decodedBodySize,
      countedBytes: null,
      viaServiceWorker: workerStart > 0,
      modelId: null,
    }));
}

// ── media worker ───────────────────────────────────────────────────────────────────────────────────────────

/** What the file says of itself before anything is decoded. */
export type MediaFacts = {
  container: string;
  codec: string;
  /** Seconds, from the container; null where only decoding to the end can tell. */
  seconds: number | null;
  sampleRate: number;
  channels: number;
  video: boolean;
};

/** What decoding cost. `seconds` is the true length that was decoded. */
export type MediaReport = { seconds: number; decodeMs: number; blocks: number; warning?: 'truncated' };

export interface MediaApi {
  /** Reads the headers. Rejects with a media fault. */
  open(file: File): Promise<MediaFacts>;
  /**
   * Decodes, downmixes and resamples `file`, sends blocks over `port` as fast as the engine pulls them.
   * Starts when the engine says `begin`. Resolves when all was sent or the engine said `stop`; a fault goes
   * to the engine over the port and also rejects here.
   */
  stream(file: File, port: MessagePort): Promise<MediaReport>;
  /** Tells of every request this worker has made and, from now on, makes. */
  requests(tell: (entries: RequestEntry[]) => void): Promise<void>;
}

/** What a model's encoder takes, from its preprocessor_config.json. */
export type MelShape = {
  sampleRate: number;
  /** Samples of a full window (30 s for Whisper, 10 s for one of the digits models). */
  windowSamples: number;
  hop: number;
  fft: number;
  /** Mel bins: 80, or 128 for the large models. */
  bins: number;
};

/** Engine → media, over the job's MessagePort. */
export type PcmRequest =
  | { type: 'begin'; sampleRate: number; fromSample: number }
  /** Credit for `blocks` more blocks: the only thing that lets media send. */
  | { type: 'pull'; blocks: number }
  /**
   * The log-mel of one window, made while the GPU hears the one before. `samples` are transferred. Answered with `mel`
   * at any time from `begin` to `stop`, also after `end` and `fault`.
   */
  | { type: 'mel'; id: number; shape: MelShape; samples: Float32Array<ArrayBuffer> }
  | { type: 'stop' };

/** Media → engine. `samples` are mono, [-1, 1], transferred. `start` is the absolute sample index of the first. */
export type PcmMessage =
  | { type: 'facts'; facts: MediaFacts }
  | { type: 'pcm'; start: number; samples: Float32Array<ArrayBuffer> }
  /** `mel`: [bins, frames], transferred. `ms`: what it cost. */
  | { type: 'mel'; id: number; mel: Float32Array<ArrayBuffer>; ms: number }
  /** `totalSamples`: true length at the rate asked for. `truncated`: the file broke off before its stated end. */
  | { type: 'end'; totalSamples: number; decodeMs: number; truncated: boolean }
  | { type: 'fault'; name: FaultName; message: string };

// ── transcript ─────────────────────────────────────────────────────────────────────────────────────────────

/** Seconds from the start of the file; probability in [0, 1]. */
export type Word = { start: number; end: number; text: string; probability: number };

/** Why a cue should be looked at again. */
export type Doubt =
  | 'low-probability' // mean log-probability under the threshold at every temperature
  | 'repetition' // compresses over 2.4 : 1, or a loop was cut
  | 'maybe-no-speech' // no-speech probability high, kept because the words were sure
  | 'retried-on-cpu' // the GPU's output could not be right
  | 'wrong-output'; // could not be right on the CPU either

/** One line of the transcript. Invariant: 0 ≤ start ≤ end ≤ length of the sound; sorted by start in a file. */
export type Cue = { start: number; end: number; text: string; words?: Word[]; doubt?: Doubt };

/** One finished window: what the decoder gave and how sure it was. `tokens` exclude prompt and end-of-text. */
export type WindowResult = {
  index: number;
  startSample: number;
  endSample: number;
  cues: Cue[];
  tokens: number[];
  language: string;
  languageProbability: number;
  noSpeechProbability: number;
  averageLogProbability: number;
  compressionRatio: number;
  temperature: number;
  backend: Backend;
};

// ── models ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A model of the catalogue and what of it is on this device. */
export type ModelState = {
  id: string;
  /** "Whisper base", "Spoken digits". */
  name: string;
  /** `bundled`: served with the page; `hub`: downloaded once when asked. */
  source: 'bundled' | 'hub';
  /** The weights alone: the size a model is known by ("206 MB"). */
  weightBytes: number;
  /** Everything needed to run it, tokenizer and settings too. */
  totalBytes: number;
  /** Verified bytes on this device. */
  storedBytes: number;
  /** Bytes of unfinished files that were kept, not verified yet: a download goes on from there. */
  partialBytes?: number;
  /** All files are here and were verified. */
  ready: boolean;
  /** Where the bytes come from: "huggingface.co", or "this page". */
  host: string;
  multilingual: boolean;
  /** Where it can run; never empty. */
  backends: Backend[];
  /** `pinned`: this page knows every hash; `hub`: a hub id of the person's own, its hashes are what the hub said. */
  trust: 'pinned' | 'hub';
  /** Milliseconds since the epoch of the last time every stored byte was read and hashed; null: never since it came. */
  checkedAt: number | null;
  /** Added by the person: deleting it also takes it off the list. */
  custom: boolean;
  /** Short text for the person: "hears only spoken digits, in four languages". */
  note?: string;
};

export type FileState = 'waiting' | 'loading' | 'checked';
export type DownloadProgress = {
  modelId: string;
  loadedBytes: number;
  totalBytes: number;
  bytesPerSecond: number;
  secondsLeft: number | null;
  files: { path: string; bytes: number; loadedBytes: number; state: FileState }[];
};

/** A file of the person's disk. `path` as the picker, the drop or the archive gives it: only shown, never trusted. */
export type DiskFile = { path: string; blob: Blob };
/** How much of what was given has been read and, where it belongs to a model, kept. */
export type ImportProgress = { loadedBytes: number; totalBytes: number };
/** What became of each file. Paths as given; inside an archive `<archive>/<path>`. */
export type ImportReport = {
  /** Verified and kept. */
  stored: { modelId: string; path: string }[];
  /** Meant to be a file of a model, but the bytes are not the right ones. */
  damaged: string[];
  /** Nothing this page knows. */
  unknown: string[];
  /** Not looked into, or not to the end. `why` is a sentence for the person. */
  refused: { path: string; why: string }[];
};

// ── engine worker ──────────────────────────────────────────────────────────────────────────────────────────

/** What `navigator.gpu` gave. Limits in bytes or counts as WebGPU names them. */
export type AdapterReport = {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  /** A software rasteriser (SwiftShader, WARP): works, slowly. */
  fallback: boolean;
  features: string[];
  limits: Record<string, number>;
};

/** `decoder`: the model's own form unless said otherwise. */
export type LoadRequest = { modelId: string; backend: Backend; decoder?: DecoderForm };
export type LoadProgress = {
  phase: 'reading' | 'compiling' | 'uploading' | 'warming';
  loadedBytes: number;
  totalBytes: number;
};
/** Where the model came from this time, and what it took. */
export type LoadReport = {
  modelId: string;
  backend: Backend;
  source: 'memory' | 'indexeddb' | 'network';
  loadMs: number;
  sampleRate: number;
  windowSeconds: number;
  /** ISO codes the model's files list; empty for an English-only model. */
  languages: string[];
  threads: number;
  runtime: 'jspi' | 'asyncify' | 'wasm';
};

export type JobRequest = {
  /** ISO code, or null: detect. */
  language: string | null;
  task: Task;
  /** Go on from here: everything before is already transcribed. */
  fromSample: number;
  /** What the file was heard to be before this call, to go on with instead of detecting it again; null: not known. */
  heardLanguage: { language: string; probability: number } | null;
  /** Leave long silences out. Off for music and noisy rooms. */
  skipSilence: boolean;
  /** Known names and spellings, fed as previous text. Empty: none. */
  glossary: string;
  words: boolean;
  /** Detect the language again for each window (mixed-language sound). Ignored when `language` is set. */
  languagePerWindow: boolean;
  /** Retry doubtful windows at higher temperatures, stop loops, drop what is no speech. Off: plain greedy decoding. */
  safetyNets: boolean;
  /** Windows decoded at once; 0: from the memory there is. The text does not depend on it. */
  batch: number;
};

export const DEFAULT_JOB: JobRequest = {
  language: null,
  task: 'transcribe',
  fromSample: 0,
  heardLanguage: null,
  skipSilence: true,
  glossary: '',
  words: false,
  languagePerWindow: false,
  safetyNets: true,
  batch: 0,
};

/** Previews while a job runs; the promise's report is the truth and may resolve before the last event. */
export type JobEvent =
  | { type: 'facts'; facts: MediaFacts }
  | { type: 'language'; language: string; probability: number }
  /** Seconds of the file that are finished; `audioSeconds` null until known. `speed` = audio seconds per second. */
  | { type: 'progress'; doneSeconds: number; audioSeconds: number | null; speed: number; secondsLeft: number | null }
  /** Speech found ahead of the decoder, for the tape. Seconds. */
  | { type: 'speech'; regions: { start: number; end: number }[] }
  /** The window being decoded: its text so far. `start` in seconds. */
  | { type: 'partial'; start: number; text: string }
  | { type: 'window'; window: WindowResult };

/** Time per stage, milliseconds; they overlap, so they need not add up to the job's wall time. */
export type StageTimes = {
  mediaMs: number;
  speechMs: number;
  melMs: number;
  encodeMs: number;
  decodeMs: number;
  wordsMs: number;
};

export type JobReport = {
  /** `cancelled`: windows up to `doneSample` are finished and kept. */
  outcome: 'done' | 'cancelled';
  doneSample: number;
  audioSeconds: number;
  wallMs: number;
  language: string | null;
  languageProbability: number;
  windows: number;
  cues: number;
  tokens: number;
  encoderPasses: number;
  decoderSteps: number;
  cpuRetries: number;
  truncated: boolean;
  /** Wall time until the first partial text, null if there was none. */
  firstTextMs: number | null;
  stages: StageTimes;
};

/** The engine at this moment. Bytes are the worker's own buffers, counted; the driver's overhead is not visible. */
export type Gauge = {
  adapter: AdapterReport | null;
  backend: Backend | null;
  runtime: LoadReport['runtime'] | null;
  threads: number;
  modelId: string | null;
  modelBytesInMemory: number;
  gpuBytesNow: number;
  gpuBytesPeak: number;
  /** All bytes ever allocated on the GPU by this worker. */
  gpuBytesTotal: number;
  gpuBuffers: number;
  /** Share of the time since the last reading in which the GPU had work, [0, 1]. */
  gpuBusy: number;
  wasmHeapBytes: number;
  loadMs: number | null;
  loadSource: LoadReport['source'] | null;
  /** Processing seconds per second of audio in the current or last job; null before the first. */
  realTimeFactor: number | null;
  tokensPerSecond: number | null;
  stages: StageTimes;
};

export interface EngineApi {
  /** The catalogue with what is on this device. */
  models(): Promise<ModelState[]>;
  /** Fetches, verifies and keeps a model. One at a time. Rejects with a download fault or AbortError. */
  download(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<void>;
  /** Also stops a verification or an import. What came until then stays. */
  cancelDownload(): Promise<void>;
  /**
   * Reads every stored byte again and hashes it; what is damaged is fetched again once.
   * @returns paths that were damaged and are right again
   * Rejects with ModelDamaged, a download fault or AbortError; what was damaged is gone then.
   */
  verifyModel(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<string[]>;
  /**
   * Takes models from the person's disk: folders, single files and zip archives mixed. Files are known by their bytes.
   * Rejects with StorageFull or AbortError; what was kept until then stays.
   */
  importModels(files: DiskFile[], onProgress: (progress: ImportProgress) => void): Promise<ImportReport>;
  /**
   * A zip archive of a model in the hub's layout, `<model>/<path>`, which `importModels` takes back. Each byte is read
   * and hashed before the archive is made, none is held in memory.
   * Rejects with ModelMissing when the model is not whole on this device, ModelDamaged when it does not heal.
   */
  exportModel(modelId: string): Promise<Blob>;
  /**
   * Puts a model of the hub that the page does not know on the list, pinned to its newest commit; `hubId` is
   * `owner/name` or its address. Downloading it comes after.
   * Rejects with EngineFailed, its detail a sentence, when it is no Whisper this page can run; with a download fault or
   * AbortError.
   */
  addModel(hubId: string): Promise<ModelState>;
  /**
   * Where the hub's files come from, in this visit and later ones: an https address with the hub's layout
   * (`<mirror>/<owner>/<name>/resolve/<revision>/<path>`), or `./…` for a folder of the page; null: the hub itself.
   * What is fetched stays verified by the same hashes. Another origin is let in by the service worker when it serves the
   * worker's script, so the page starts a fresh engine worker after this; until then a download from there rejects
   * with DownloadFailed and says so.
   * Rejects with DownloadFailed, its detail a sentence, for an address that cannot be a mirror.
   */
  useMirror(address: string | null): Promise<void>;
  /** The mirror's address as it is kept; null: none. */
  mirror(): Promise<string | null>;
  /** Frees the disk, of finished and unfinished files; an added model leaves the list. */
  deleteModel(modelId: string): Promise<void>;
  /** Null: this browser offers no adapter. Never rejects. */
  adapter(): Promise<AdapterReport | null>;
  /**
   * Makes a model ready; one instance per worker, reused when it is the same (then `source` is `memory`).
   * A bundled model that is not on disk yet is fetched from the page's own origin.
   * Rejects with ModelMissing, ModelDamaged, NoGpu, GpuLost, EngineFailed. After any but ModelMissing the page
   * must end this worker and start a fresh one.
   */
  load(request: LoadRequest, onProgress: (progress: LoadProgress) => void): Promise<LoadReport>;
  /** Runs one job; a second call while one runs rejects. Cancel makes it resolve with `cancelled`. */
  transcribe(request: JobRequest, port: MessagePort, onEvent: (event: JobEvent) => void): Promise<JobReport>;
  cancel(): Promise<void>;
  /** Frees sessions and GPU memory now. Waits for nothing but the step in flight. */
  unload(): Promise<void>;
  gauge(): Promise<Gauge>;
  /** Tells of every request this worker has made and, from now on, makes. A download is told of as it grows. */
  requests(tell: (entries: RequestEntry[]) => void): Promise<void>;
}

// ── service worker ─────────────────────────────────────────────────────────────────────────────────────────

/**
 * Page → service worker. All are safe to send at any time and more than once; those with an answer get it on the port
 * that comes with them.
 */
export type ServiceOrder =
  /** The waiting version takes over. Pages that are open keep the files they were built with. */
  | { type: 'SKIP_WAITING' }
  /** `gpu`: the page has an adapter, whatever the service worker can see. */
  | { type: 'KEEP_RUNTIME'; gpu?: boolean }
  /** Answered with `Kept`. `measure`: sizes too, which reads everything once. */
  | { type: 'WHAT_IS_KEPT'; gpu: boolean; measure: boolean }
  /** Answered with `RequestEntry[]`: what the service worker itself has asked for since it last woke. */
  | { type: 'REQUESTS' };

/** A part of what the page needs offline. `bytes` null: not measured. */
export type KeptPart = { missing: number; bytes: number | null };
/** What the service worker finds on this device at the moment it is asked. */
export type Kept = {
  shell: KeptPart;
  runtime: KeptPart;
  /** The engine is being fetched. */
  fetching: boolean;
};

/** Where the service worker keeps what was shared with the page until the page has taken it. */
export const SHARED_CACHE = 'earshot-shared';
