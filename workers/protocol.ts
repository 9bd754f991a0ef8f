/**
 * The boundary: everything that may cross between the page (`src/`), the media worker, the engine worker and the store
 * worker. Plain data that survives structured clone, and an interface for each worker; what the service worker is asked
 * stands at the end. Nothing else crosses.
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

// ── faults ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Every way a job, a load or a download can fail. An error's `name` is one of these (or `AbortError`). */
export type FaultName =
  | 'EmptyFile' // zero bytes
  | 'UnsupportedFormat' // no container or codec this browser can open
  | 'NoAudioTrack' // a readable file without sound
  | 'DamagedFile' // opens, but cannot be decoded (to the end)
  | 'FileVanished' // was readable, is not any more
  | 'FileChanged' // was written to or replaced after it was added
  | 'ModelMissing' // not on this device and not asked for
  | 'ModelDamaged' // a file failed its SHA-256 or its length
  | 'DownloadFailed' // network cut, 4xx/5xx
  | 'DownloadBlocked' // a web page came instead of a file
  | 'HostNotAllowed' // this page's policy does not let its worker ask that host (yet)
  | 'StorageFull' // the browser has no room
  | 'StorageRefused' // the browser keeps nothing here, as in some private windows
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
  /**
   * Milliseconds since the epoch when it began. A request that grows is told of more than once, and `url` and `atMs`
   * together say which one it is.
   */
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
  /** Every sound track, in the file's order; missing in what an earlier version kept. */
  tracks?: TrackFacts[];
  /** Index in `tracks` of the one that these facts and the sound are of. */
  track?: number;
  /** As the message of an UnsupportedFormat: the browser said that it decodes this, and failed where it was asked to. */
  doubt?: string;
};

/** One sound track of a file. */
export type TrackFacts = {
  /** ISO 639 code of two or three letters as the file says it; null: not said. */
  language: string | null;
  title: string | null;
  /** As in `MediaFacts`; what the file calls it where this browser has no name for it. */
  codec: string;
  channels: number;
  sampleRate: number;
  /** This browser can decode it. */
  decodable: boolean;
};

/** What of a file's sound is wanted. */
export type SoundChoice = {
  /** Index in `MediaFacts.tracks`; null: the first one that can be decoded. */
  track: number | null;
  /** Index of the one channel to hear (0 left, 1 right of a pair); null: all of them, mixed. */
  channel: number | null;
};

export const WHOLE_SOUND: SoundChoice = { track: null, channel: null };

/**
 * Sound that should be there and is not. `end`: the file breaks off; `within`: a spot inside could not be decoded, what is
 * behind it was heard. `seconds`: how much, null where that is not known.
 */
export type Loss = { where: 'end' | 'within'; seconds: number | null };

export interface MediaApi {
  /**
   * Reads the headers, of the track chosen. Rejects with a media fault; with UnsupportedFormat where that track cannot be
   * decoded, EngineFailed where there is none of that index.
   */
  open(file: File, choice?: SoundChoice): Promise<MediaFacts>;
  /**
   * Decodes, downmixes and resamples `file`, sends blocks over `port` as fast as the engine pulls them.
   * Starts when the engine says `begin`. Resolves when all was sent or the engine said `stop`; a fault goes
   * to the engine over the port and also rejects here. Without a choice all of the first track that can be decoded is
   * heard. Another track is another call with another port: opening costs milliseconds, nothing is decoded twice.
   */
  stream(
    file: File,
    port: MessagePort,
    choice?: SoundChoice,
    /** Gets how loud the sound is, some tens of seconds of it at a time, while it is decoded. */
    tellLevels?: (levels: Levels) => void,
  ): Promise<void>;
  /**
   * Decodes a file that nobody hears, for its levels alone. `tell` is waited for; false: no more is wanted. Rejects with a
   * media fault after the levels of what could be decoded.
   */
  levels(file: File, choice: SoundChoice, tell: (levels: Levels) => boolean): Promise<void>;
  /** Tells of every request this worker has made and, from now on, makes. */
  requests(tell: (entries: RequestEntry[]) => void): Promise<void>;
}

/** Levels per second of sound. Ten hours are 1.8 MB. */
export const LEVELS_A_SECOND = 50;

/**
 * How loud the sound is: for each fiftieth of a second its largest sample, rounded up, 255 for full scale. `first`: how many
 * fiftieths of a second lie between the start of the file and the first value.
 */
export type Levels = { first: number; values: Uint8Array<ArrayBuffer> };

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
  /** The log-mel of this window could not be made. */
  | { type: 'no-mel'; id: number; message: string }
  /** `totalSamples`: true length at the rate asked for. `truncated`: there is a loss. */
  | { type: 'end'; totalSamples: number; decodeMs: number; truncated: boolean; loss?: Loss | null }
  /** Sound that is passed on (`voices`) ends here, because the job does. */
  | { type: 'cut' }
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
  | 'wrong-output' // could not be right on the CPU either
  | 'unheard'; // speech was detected here, and nothing could be made of it, twice

/**
 * One line of the transcript. Invariant: 0 ≤ start ≤ end ≤ length of the sound; sorted by start in a file. `speaker`: who
 * says it, where the channels of the sound were heard one by one or the voices were told apart. `alsoSpeaking`: who else
 * speaks in the meantime.
 */
export type Cue = {
  start: number;
  end: number;
  text: string;
  words?: Word[];
  doubt?: Doubt;
  speaker?: string;
  alsoSpeaking?: string[];
};

/** One speaker talks from `start` to `end`, seconds of the file. Turns of different speakers may overlap. */
export type SpeakerTurn = { start: number; end: number; speaker: string };

/** How many speakers a person says there are; both ends count, and are at least 1. */
export type StatedSpeakers = { least: number; most: number };

/**
 * When cues and their words are, without what they say: a label needs no text, and the words of two hours take 50 ms to be
 * copied from one thread to the other, their times less than one (2026-11). Seconds; sorted by start.
 */
export type CueTimes = {
  /** Start and end of each cue. */
  spans: Float64Array;
  /** How many words each cue has. */
  wordCounts: Uint32Array;
  /** Start and end of each word, cue by cue. */
  words: Float64Array;
};

/** The parts of cues by one speaker each, in order: every cue has at least one, and its parts have all its words. */
export type CueLabels = {
  /** Speakers, as in turns. */
  names: string[];
  /** Of each part: which cue it is of; */
  cues: Uint32Array;
  /** where it ends among the words of its cue (it begins where the part before it ends); */
  ends: Uint32Array;
  /** who speaks, as a place in `names`; -1: nobody was heard near. */
  speakers: Int32Array;
  /** Who else speaks in the meantime: pairs of a part and a place in `names`, in order. */
  others: Uint32Array;
};

/**
 * All that is kept of a recording to tell its speakers apart, cut anew for another number of them, and continued: one
 * entry for each piece of one voice. Frames are of 270 samples at 16 kHz.
 */
export type VoiceTable = {
  version: 1;
  /** What is before this frame has been heard. */
  endFrame: number;
  starts: Uint32Array;
  ends: Uint32Array;
  /** 0: too short to have a voice; 1: has one; 2: two speak. */
  kinds: Uint8Array;
  /** [pieces, 192], each of a scale of its own: only directions are compared. Zeros where there is none. */
  voices: Int8Array;
};

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
  /** For `JobRequest.bookmark`; windows of earlier versions have none. */
  bookmark?: Bookmark;
};

/**
 * How far the engine had listened when it closed a window: given back, a job that was cut off goes on behind that window
 * with the very windows, and so the very words, that it would have had without the cut. Plain data that can be kept.
 */
export type Bookmark = {
  /** What the listening depends on: a bookmark made with other choices is of no use. */
  key: string;
  /** Sound from here on is listened to again, in samples of the file. */
  fromSample: number;
  /** The engine's own (workers/hearing/bookmark.ts). */
  state: unknown;
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
  /** Whose it is and on what terms, in a few words. */
  licence: string;
  /** One that a person chooses from; false: for tests, the self-test and the demonstration. */
  listed: boolean;
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

/**
 * `broughtMs`: how long it took to bring the model to this device for this load; missing where it was here. `lent`: its
 * files, where the store has them in memory only.
 */
export type LoadRequest = {
  modelId: string;
  backend: Backend;
  broughtMs?: number;
  lent?: readonly DiskFile[];
};
/** What came of bringing a model. `lent`: its files, as `exportFiles` gives them, where this browser keeps nothing. */
export type Brought = { lent: readonly DiskFile[] | null };
export type LoadProgress = {
  phase: 'reading' | 'compiling' | 'uploading' | 'warming';
  loadedBytes: number;
  totalBytes: number;
};
/**
 * What the weights are while the model is in memory: `fp32` is fastest in wasm; `blocks` is as they are stored, which is
 * how the GPU takes them, and what a CPU with too little memory for fp32 has to do with.
 */
export type MemoryForm = 'fp32' | 'blocks';
/** Where the model came from this time, and what it took. */
export type LoadReport = {
  modelId: string;
  backend: Backend;
  source: 'memory' | 'indexeddb' | 'network';
  /** False: this browser keeps nothing here; the weights came from the page and are only in memory. */
  kept: boolean;
  /** With `broughtMs`. */
  loadMs: number;
  sampleRate: number;
  windowSeconds: number;
  /** ISO codes the model's files list; empty for an English-only model. */
  languages: string[];
  threads: number;
  runtime: 'jspi' | 'asyncify' | 'wasm';
  /** Numerical form of the weights on the disk, as the catalogue has it (`DecoderForm`, workers/store/model-files.ts). */
  form: string;
  memoryForm: MemoryForm;
  /** Why words get no times of their own with this model, in a sentence; null: they do. */
  noWords: string | null;
};

export type JobRequest = {
  /** ISO code, or null: detect. */
  language: string | null;
  task: Task;
  /** Go on from here: everything before is already transcribed. */
  fromSample: number;
  /** Hear nothing from here on, as if the file ended; missing: to its end. */
  untilSample?: number;
  /** What the file was heard to be before this call, to go on with instead of detecting it again; null: not known. */
  heardLanguage: { language: string; probability: number } | null;
  /** Of the last window before `fromSample`; null: what comes then is packed as if the file began there. */
  bookmark: Bookmark | null;
  /** Leave long silences out. Off for music and noisy rooms. */
  skipSilence: boolean;
  /** Known names and spellings, fed as previous text. Empty: none. */
  glossary: string;
  words: boolean;
  /** Detect the language again for each window (mixed-language sound). Ignored when `language` is set. */
  languagePerWindow: boolean;
};

/**
 * Languages written without spaces between words, ISO codes: the engine cuts their words at characters, and the page joins
 * them without a space. Those of openai/whisper's tokenizer.py, split_to_word_tokens, and Khmer and Tibetan, of which a
 * whole phrase would otherwise be one word.
 */
export const UNSPACED_LANGUAGES: ReadonlySet<string> = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'km', 'my', 'bo']);

export const DEFAULT_JOB: JobRequest = {
  language: null,
  task: 'transcribe',
  fromSample: 0,
  heardLanguage: null,
  bookmark: null,
  skipSilence: true,
  glossary: '',
  words: false,
  languagePerWindow: false,
};

/** Previews while a job runs; the promise's report is the truth and may resolve before the last event. */
export type JobEvent =
  /** The job goes on, though there may be nothing to tell for long. */
  | { type: 'working' }
  | { type: 'facts'; facts: MediaFacts }
  | { type: 'language'; language: string; probability: number }
  /** Seconds of the file that are finished; `audioSeconds` null until known. `speed` = audio seconds per second. */
  | { type: 'progress'; doneSeconds: number; audioSeconds: number | null; speed: number; secondsLeft: number | null }
  /** Speech found ahead of the decoder, for the tape. Seconds. */
  | { type: 'speech'; regions: { start: number; end: number }[] }
  /** The window being decoded: its text so far. `start` in seconds. */
  | { type: 'partial'; start: number; text: string }
  /** How loud the sound is that the media worker has decoded, which may be ahead of what was heard. */
  | { type: 'levels'; levels: Levels }
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
  /** Sound is missing; `loss` says what is known of it. */
  truncated: boolean;
  loss?: Loss | null;
  /** Wall time until the first partial text, null if there was none. */
  firstTextMs: number | null;
  stages: StageTimes;
};

/** Bytes on the GPU by what they hold. `other`: uniforms, and what bytes cross by. */
export type GpuBytes = { weights: number; keyValues: number; activations: number; other: number };

/**
 * The busy share checked: the same compute passes by the GPU's own clock (`passMs`, in which at least one of them ran) and
 * by ours (`busyMs`, in which the queue had work).
 */
export type ClockCheck = { passes: number; passMs: number; busyMs: number };

/** The engine at this moment. Bytes are the worker's own buffers, counted; the driver's overhead is not visible. */
export type Gauge = {
  adapter: AdapterReport | null;
  backend: Backend | null;
  runtime: LoadReport['runtime'] | null;
  threads: number;
  modelId: string | null;
  /** As stored; expanded for the CPU they take more. */
  modelBytesInMemory: number;
  memoryForm: MemoryForm | null;
  gpuBytesNow: number;
  /** What `gpuBytesNow` is for; the four add up to it. */
  gpuKinds: GpuBytes;
  gpuBytesPeak: number;
  /** All bytes ever allocated on the GPU by this worker. */
  gpuBytesTotal: number;
  gpuBuffers: number;
  /** Share of the time since the last reading in which the GPU had work, [0, 1]. */
  gpuBusy: number;
  /** Milliseconds in which the GPU had work, since this worker started. */
  gpuBusyMs: number;
  /**
   * Share of the time since the last reading in which the GPU's programs were compiled, [0, 1]. It is done before they are
   * submitted, so it is no part of `gpuBusy`.
   */
  gpuCompile: number;
  /** Of the last job that was heard to its end on the GPU; null: none was, or its adapter shows no clock. */
  clockCheck: ClockCheck | null;
  /**
   * Share of the time since the last reading in which ONNX Runtime was at work, [0, 1]: where the model runs on the CPU, that
   * is how busy its threads are; on the GPU it is the time to hand work over and to wait for it.
   */
  runBusy: number;
  /** Milliseconds of that since this worker started. */
  runBusyMs: number;
  wasmHeapBytes: number;
  /** Whisper models in the memory of this worker: one, and a second one while a window is heard again on the CPU. */
  modelInstances: number;
  /** Models made by this worker, and loads that it answered with the one in memory. */
  modelsMade: number;
  memoryHits: number;
  /** Jobs begun and windows finished in this worker. */
  jobs: number;
  windows: number;
  loadMs: number | null;
  loadSource: LoadReport['source'] | null;
  /** Processing seconds per second of audio in the current or last job; null before the first. */
  realTimeFactor: number | null;
  tokensPerSecond: number | null;
  /** Seconds of sound that the current or last job has finished; `stages` are what it took. */
  doneSeconds: number;
  stages: StageTimes;
};

/**
 * How many nodes of a session's graph an execution provider of ONNX Runtime runs. `types`: how many of each operator; empty
 * where one provider runs them all.
 */
export type NodePlacement = {
  session: 'encoder' | 'decoder';
  provider: string;
  nodes: number;
  types: Record<string, number>;
};

export interface EngineApi {
  /** Null: this browser offers no adapter. Never rejects. */
  adapter(): Promise<AdapterReport | null>;
  /**
   * Makes a model ready that is on this device; one instance per worker, reused when it is the same (then `source` is
   * `memory`). Rejects with ModelMissing when a file of it is not here, ModelDamaged when one cannot be read whole, NoGpu,
   * GpuLost, GpuOutOfMemory, EngineFailed. After any but the first two the page must end this worker and start a fresh
   * one, save where the store finds the model damaged on the disk and heals it: then it may be loaded again here.
   */
  load(request: LoadRequest, onProgress: (progress: LoadProgress) => void): Promise<LoadReport>;
  /**
   * Runs one job; a second call while one runs rejects. Cancel makes it resolve with `cancelled`.
   * @param voices gets the sound that the job hears, for the speakers worker: it is decoded once
   */
  transcribe(
    request: JobRequest,
    port: MessagePort,
    onEvent: (event: JobEvent) => void,
    voices?: MessagePort,
  ): Promise<JobReport>;
  cancel(): Promise<void>;
  /** Frees sessions and GPU memory now. Waits for nothing but the step in flight. */
  unload(): Promise<void>;
  gauge(): Promise<Gauge>;
  /**
   * Where the graphs of a model that is on this device run, node by node. Takes about as long as a load and leaves no model
   * in memory. Rejects as `load`; [] where this build of ONNX Runtime says nothing of it.
   */
  placements(request: LoadRequest): Promise<NodePlacement[]>;
  /** Tells of every request this worker has made and, from now on, makes. */
  requests(tell: (entries: RequestEntry[]) => void): Promise<void>;
}

// ── store worker ───────────────────────────────────────────────────────────────────────────────────────────

/**
 * Keeps the models on this device. It outlives every engine: a download goes on whatever becomes of the job beside it.
 * Calls may overlap; of one model only one is worked on at a time, in all tabs together, and the others wait.
 */
export interface StoreApi {
  /** The catalogue with what is on this device. Rejects with EngineFailed when the browser refuses IndexedDB. */
  models(): Promise<ModelState[]>;
  /** Fetches, verifies and keeps a model. Rejects with a download fault or AbortError; what came until then stays. */
  download(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<void>;
  /**
   * As `download`, for a load that found a model missing that comes with the page. `cancel` leaves it alone, `abandon`
   * stops it.
   * @returns null: it does not come with the page, so it is a person's to ask for
   */
  bring(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<Brought | null>;
  /**
   * As `verifyModel`, for a load that failed: the disk may have gone bad, and neither ONNX Runtime nor the browser says
   * so. `cancel` leaves it alone, `abandon` stops it.
   */
  heal(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<string[]>;
  /** Stops every `bring` and `heal` under way: the load that asked for it was given up. What came until then stays. */
  abandon(): Promise<void>;
  /** Stops every `download`, `verifyModel`, `importModels` and `addModel` under way. What came until then stays. */
  cancel(): Promise<void>;
  /**
   * Reads every stored byte again and hashes it; what is damaged is fetched again once.
   * @returns paths that were damaged and are right again
   * Rejects with ModelDamaged, a download fault or AbortError; what was damaged is gone then.
   */
  verifyModel(modelId: string, onProgress: (progress: DownloadProgress) => void): Promise<string[]>;
  /**
   * As `verifyModel` when a month has passed since the bytes were last known to be right; before that nothing is done. As
   * nobody asked for this check, only what comes with the page is fetched again.
   * @returns whether damage was found, healed or not
   */
  recheck(modelId: string): Promise<boolean>;
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
   * worker's script, so the page starts a fresh store worker after this; until then a download from there rejects
   * with HostNotAllowed and says so.
   * Rejects with DownloadFailed, its detail a sentence, for an address that cannot be a mirror.
   */
  useMirror(address: string | null): Promise<void>;
  /** The mirror's address as it is kept; null: none. */
  mirror(): Promise<string | null>;
  /**
   * Notes that the person has chosen a model of the hub: from now on the service worker lets the hub, or the mirror in its
   * place, into the policy of the store worker's script.
   * @returns whether this worker was started with that already; if not, a fresh one has to do what is asked of the hub
   */
  letHubIn(): Promise<boolean>;
  /** Frees the disk, of finished and unfinished files; an added model leaves the list. */
  deleteModel(modelId: string): Promise<void>;
  /** Tells of every request this worker has made and, from now on, makes. A download is told of as it grows. */
  requests(tell: (entries: RequestEntry[]) => void): Promise<void>;
}

// ── find ───────────────────────────────────────────────────────────────────────────────────────────────────

/** What is looked for. `replacement`: with `regex`, `$&`, `$1` to `$99` and `$<name>` stand for what was found. */
export type FindQuery = {
  pattern: string;
  matchCase: boolean;
  wholeWord: boolean;
  regex: boolean;
  replacement: string;
};

/** UTF-16 code units of the text it is in, `to` exclusive; `with`: what would stand in its place. */
export type FoundText = { from: number; to: number; with: string };

/** Page → find worker. A pattern may take forever: then the page ends the worker. */
export type FindRequest = { id: number; query: FindQuery; texts: readonly string[] };

/** Find worker → page. `found`: by text, those without one are left out; `bad`: the pattern is no regular expression. */
export type FindAnswer =
  | { id: number; type: 'begun' }
  | { id: number; type: 'found'; found: [text: number, places: FoundText[]][] }
  | { id: number; type: 'bad'; message: string };

// ── speakers worker ────────────────────────────────────────────────────────────────────────────────────────

/** How much of the recording has been heard for its voices. Seconds. */
export type VoiceProgress = { doneSeconds: number };

export type VoiceReport = {
  /** `cancelled`: the table is of what was heard until then. */
  outcome: 'done' | 'cancelled';
  table: VoiceTable;
  /** Milliseconds of work, waiting for the sound left out. */
  spentMs: number;
};

/** The middle of what was heard of one speaker: 192 numbers, of which only the direction counts. `seconds`: of how much. */
export type SpeakerVoice = { speaker: string; voice: Int8Array; seconds: number };

export interface SpeakersApi {
  /**
   * Makes the two networks ready; they have to be on this device (`fetchModel('speakers')`). Once a worker.
   * Rejects with ModelMissing, ModelDamaged or EngineFailed.
   */
  load(): Promise<void>;
  /**
   * Hears a recording, whose sound the port gives: the media worker's, or the engine's that passes on what it hears itself.
   * One at a time. A fault of the sound rejects when what came before it was heard; the table of that is what `tableSoFar`
   * gives.
   * @param earlier of the same recording, where its sound does not begin at the start because that was heard before
   */
  hear(
    port: MessagePort,
    onProgress: (progress: VoiceProgress) => void,
    earlier?: VoiceTable | null,
  ): Promise<VoiceReport>;
  /** Makes `hear` resolve with `cancelled`. */
  cancel(): Promise<void>;
  /** Of the recording that is heard, or was heard last. */
  tableSoFar(): Promise<VoiceTable | null>;
  /**
   * Who speaks when, of a table. The same table is cut anew for another number in milliseconds.
   * @param before turns told earlier: who is in them keeps the name
   */
  tell(table: VoiceTable, stated: StatedSpeakers | null, before: SpeakerTurn[]): Promise<SpeakerTurn[]>;
  /** The voice of each speaker of these turns; one of whom too little was heard has none. */
  voices(table: VoiceTable, turns: SpeakerTurn[]): Promise<SpeakerVoice[]>;
  /** Who speaks in which part of the cues. */
  label(times: CueTimes, turns: SpeakerTurn[]): Promise<CueLabels>;
  /** Tells of every request this worker has made and, from now on, makes. */
  requests(tell: (entries: RequestEntry[]) => void): Promise<void>;
}

// ── documents for Word ─────────────────────────────────────────────────────────────────────────────────────

/** A paragraph. `time`: before it, as it is printed; `name`: who speaks; null: neither is wanted, or known. */
export type DocxParagraph = { time: string | null; name: string | null; text: string };
/** `title`: its heading; `language`: an ISO code for the spelling checker, or null. */
export type DocxRequest = { title: string; language: string | null; paragraphs: readonly DocxParagraph[] };
export type DocxAnswer = { type: 'made'; bytes: Uint8Array<ArrayBuffer> } | { type: 'failed'; message: string };

// ── recorder worker ────────────────────────────────────────────────────────────────────────────────────────

/** A recording on this device. */
export type Recording = {
  id: string;
  /** Of the file that it gives, with the ending of its format. */
  name: string;
  /** Milliseconds since 1970. */
  startedMs: number;
  seconds: number;
  bytes: number;
  type: 'audio/ogg' | 'audio/wav';
  /** False: it runs, or was cut off before anybody stopped it. */
  ended: boolean;
  /** A person has deleted it and may still take that back. */
  deleted: boolean;
};

/** `stem`: the name of its file without an ending; `sampleRate`: of the sound that comes. */
export type RecordingOrder = { id: string; stem: string; startedMs: number; sampleRate: number };
/** What is kept of it. `safe` false: only in memory, because the browser keeps nothing here. */
export type RecordingProgress = { seconds: number; bytes: number; safe: boolean };

/** Page → worklet. After `record` the sound goes to the recorder over `port`; a pause leaves out what is heard in it. */
export type TapOrder = { type: 'record'; port: MessagePort } | { type: 'pause'; paused: boolean } | { type: 'end' };
/** Worklet → page, 20 times a second. `peak`: [0, 1] and above; `seconds`: of sound handed to the recorder so far. */
export type TapLevel = { peak: number; seconds: number };
/** Worklet → recorder worker. One channel, [-1, 1]. */
export type TapMessage = { type: 'pcm'; samples: Float32Array } | { type: 'pause' } | { type: 'end' };

/** Writes recordings to this device while they run. */
export interface RecorderApi {
  /**
   * Records what the worklet sends over `port`, until it says the end. One at a time. Resolves with the recording as it is
   * kept; rejects with StorageFull or EngineFailed where the disk takes no more: what it took until then stays.
   */
  record(port: MessagePort, order: RecordingOrder, tell: (progress: RecordingProgress) => void): Promise<Recording>;
  /** As the end from the worklet, where that is not there any more to say it. */
  end(): Promise<void>;
  /** All that are kept, the newest first. */
  list(): Promise<Recording[]>;
  /** The recording as a file; null: there is none. */
  file(id: string): Promise<File | null>;
  /** `deleted`: off the list until `purge` takes it off the disk; false brings it back. `ended`: a person knows of it. */
  mark(id: string, change: Partial<Pick<Recording, 'deleted' | 'ended'>>): Promise<void>;
  /** Takes off the disk what is marked as deleted. */
  purge(): Promise<void>;
  /** Tells of every request this worker has made and, from now on, makes. */
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

// ── scripts ────────────────────────────────────────────────────────────────────────────────────────────────

/** A script of the build: of the page, of a worker, or the service worker. */
const OWN_SCRIPT = /\/(assets\/[^/]+\.m?js|sw\.js)$/;

/**
 * The policy (vite.config.ts) lets no text become HTML or a script unless a named policy says so. This is the one for the
 * addresses of workers: bundlers and ONNX Runtime give them as text, and those of the build itself are let through. For each
 * thread that starts others; does nothing where the browser knows no Trusted Types.
 */
export function allowOwnScripts(): void {
  type Rules = { createScriptURL: (address: string) => string | null };
  const { trustedTypes, location } = globalThis as unknown as {
    trustedTypes?: { defaultPolicy: unknown; createPolicy(name: string, rules: Rules): unknown };
    location: URL;
  };
  if (trustedTypes === undefined || trustedTypes.defaultPolicy !== null) return;
  trustedTypes.createPolicy('default', {
    createScriptURL(address) {
      const { origin, pathname } = new URL(address, location.href);
      return origin === location.origin && OWN_SCRIPT.test(pathname) ? address : null;
    },
  });
}
