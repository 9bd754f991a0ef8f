/**
 * One job: sound in, cues out. Three stages run ahead of each other with bounded buffers: the media worker decodes
 * (by credit) and makes the log-mel, speech is found and packed (two batches ahead), the model hears.
 */
import type { Tensor } from 'onnxruntime-common';
import type { PcmSource } from './pcm-source';
import type { Cue, Doubt, JobEvent, JobReport, JobRequest, StageTimes, WindowResult } from './protocol';
import { createPacker, fileClock, soundOf, type AudioWindow } from './speech/windows';
import type { SpeechFinder } from './speech/speech';
import type { BatchSizes } from './whisper/batch';
import { gatherRows, stackRows } from './whisper/cache';
import { cuesOf, segmentsOf, straddles } from './whisper/cues';
import { decodeBatch, detectLanguages, type Begun } from './whisper/decode';
import {
  cannotBeRight,
  compressionRatio,
  doubtOf,
  failed,
  isSilence,
  leastBad,
  seededRandom,
  TEMPERATURES,
  type Attempt,
} from './whisper/fallback';
import { LanguagePool, likeliest } from './whisper/language';
import type { WhisperModel } from './whisper/model';
import { wordsOf } from './whisper/words';

export type JobContext = {
  model: WhisperModel;
  request: JobRequest;
  source: PcmSource;
  finder: SpeechFinder;
  /** Windows at once. */
  batch: BatchSizes;
  /** The same model on the CPU, to hear again what the GPU cannot have heard right. Null: this is the CPU. */
  cpuTwin: (() => Promise<WhisperModel>) | null;
  stopped: () => boolean;
  emit: (event: JobEvent) => void;
  /** Added to as the job goes on; the gauge reads it meanwhile. */
  stages: StageTimes;
  counts: JobCounts;
};

export type JobCounts = {
  tokens: number;
  encoderPasses: number;
  decoderSteps: number;
  doneSeconds: number;
  wallMs: number;
};

/** A window ready to be heard. `mel`: [bins, frames]. */
type Prepared = { window: AudioWindow; mel: Float32Array<ArrayBuffer>; seconds: number; speechSeconds: number | null };

/** Partial text goes out ten times a second at most. */
const PARTIAL_MS = 100;

export async function runJob(context: JobContext): Promise<JobReport> {
  const { model, request, source, stopped, emit, stages, counts } = context;
  const startMs = performance.now();
  const { sampleRate } = model.mel;
  const pool = new LanguagePool(request.heardLanguage);
  const report: JobReport = {
    outcome: 'done',
    doneSample: request.fromSample,
    audioSeconds: 0,
    wallMs: 0,
    language: request.language,
    languageProbability: request.language === null ? 0 : 1,
    windows: 0,
    cues: 0,
    tokens: 0,
    encoderPasses: 0,
    decoderSteps: 0,
    cpuRetries: 0,
    truncated: false,
    firstTextMs: null,
    stages,
  };

  const progress = (): void => {
    counts.wallMs = performance.now() - startMs;
    counts.doneSeconds = (report.doneSample - request.fromSample) / sampleRate;
    const audioSeconds = source.end ? source.end.totalSamples / sampleRate : (source.facts?.seconds ?? null);
    const doneSeconds = report.doneSample / sampleRate;
    const speed = counts.doneSeconds / Math.max(1e-3, counts.wallMs / 1000);
    emit({
      type: 'progress',
      doneSeconds,
      audioSeconds,
      speed,
      secondsLeft: audioSeconds === null || speed === 0 ? null : Math.max(0, audioSeconds - doneSeconds) / speed,
    });
  };

  // On the CPU what is prepared ahead of the first words only keeps them waiting; on the GPU it costs them nothing.
  let holding = model.backend === 'cpu';
  const prepared = ahead(
    prepare(context),
    () => (holding ? 0 : 2 * context.batch.limit),
    () => stopped(),
  );
  const goOn = (): void => {
    holding = false;
    prepared.wake();
  };
  let told: string | null = null;
  try {
    while (!stopped()) {
      const { size } = context.batch;
      const group: Prepared[] = [];
      while (group.length < size) {
        // A fault of the sound is thrown again by the next call: what was prepared before it is heard first.
        const next = await prepared.next().catch((error: unknown) => {
          if (group.length === 0) throw error;
          return null;
        });
        if (!next) break;
        group.push(next);
      }
      if (group.length === 0) break;
      const hearMs = performance.now();
      const heard = await hear(context, pool, group, (start, text) => {
        report.firstTextMs ??= performance.now() - startMs;
        goOn();
        emit({ type: 'partial', start, text });
      });
      if (!heard) break; // stopped in the middle: what is not finished is not kept
      goOn();
      // Windows heard a second time say nothing about the size.
      if (
        group.length === size &&
        heard.cpuRetries === 0 &&
        heard.results.every(({ temperature }) => temperature === 0)
      )
        context.batch.tell(
          group.reduce((sum, { seconds }) => sum + seconds, 0),
          performance.now() - hearMs,
        );
      for (const result of heard.results) {
        const languageKey = `${result.language} ${result.languageProbability.toFixed(2)}`;
        if (told !== languageKey && !request.languagePerWindow) {
          told = languageKey;
          emit({ type: 'language', language: result.language, probability: result.languageProbability });
        }
        if (result.cues.length > 0) report.firstTextMs ??= performance.now() - startMs;
        report.windows += 1;
        report.cues += result.cues.length;
        report.doneSample = result.endSample;
        report.language = request.language ?? (request.languagePerWindow ? result.language : pool.best.language);
        report.languageProbability = result.languageProbability;
        emit({ type: 'window', window: result });
        progress();
      }
      report.cpuRetries += heard.cpuRetries;
    }
  } finally {
    prepared.close();
  }
  report.outcome = stopped() ? 'cancelled' : 'done';
  if (source.end) {
    stages.mediaMs = source.end.decodeMs;
    report.truncated = source.end.truncated;
    report.audioSeconds = source.end.totalSamples / sampleRate;
    if (report.outcome === 'done') report.doneSample = Math.max(report.doneSample, source.end.totalSamples);
  } else {
    report.audioSeconds = source.facts?.seconds ?? report.doneSample / sampleRate;
  }
  progress();
  report.wallMs = performance.now() - startMs;
  report.tokens = counts.tokens;
  report.encoderPasses = counts.encoderPasses;
  report.decoderSteps = counts.decoderSteps;
  return { ...report, stages: { ...stages } };
}

/** Sound to windows with their log-mel, in order. */
async function* prepare({
  model,
  request,
  source,
  finder,
  stopped,
  emit,
  stages,
}: JobContext): AsyncGenerator<Prepared> {
  const { windowSamples, sampleRate } = model.mel;
  const packer = createPacker(windowSamples, sampleRate, request.fromSample);
  let factsTold = false;

  const ready = async (window: AudioWindow): Promise<Prepared | null> => {
    const pcm = soundOf(window, (start, end, out, at) => source.copy(start, end, out, at));
    const seconds = pcm.length / sampleRate;
    const made = await source.logMel(pcm, model.mel);
    if (made === null) return null;
    stages.melMs += made.ms;
    const speechSeconds = request.skipSilence ? window.speechSamples / sampleRate : null;
    return { window, mel: made.mel, seconds, speechSeconds };
  };
  const tellSpeech = (regions: { start: number; end: number }[]): void => {
    if (regions.length === 0) return;
    const inSeconds = regions.map(({ start, end }) => ({ start: start / sampleRate, end: end / sampleRate }));
    emit({ type: 'speech', regions: inSeconds });
  };

  let broken = null as Error | null;
  for (;;) {
    const block = await source.next(stopped).catch((error: unknown) => {
      // What came before the fault is heard all the same; then it is told.
      broken = error instanceof Error ? error : new Error(String(error));
      return null;
    });
    if (source.facts && !factsTold) {
      factsTold = true;
      emit({ type: 'facts', facts: source.facts });
    }
    if (stopped()) return;
    const regions = block ? await finder.push(block) : await finder.flush();
    stages.speechMs = finder.spentMs;
    tellSpeech(regions);
    for (const region of regions) {
      const window = packer.add(region);
      const item = window && (await ready(window));
      if (stopped()) return;
      if (item) yield item;
    }
    if (!block) break;
    source.forget(Math.min(finder.neededFrom - packer.padSamples, packer.neededFrom));
  }
  const last = packer.flush(source.end?.totalSamples ?? source.received);
  const item = last && (await ready(last));
  if (stopped()) return;
  if (item) yield item;
  if (broken !== null) throw broken;
}

/**
 * Hears a batch of windows.
 * @returns null when the job was stopped before the batch was finished
 */
async function hear(
  context: JobContext,
  pool: LanguagePool,
  group: readonly Prepared[],
  onPartial: (start: number, text: string) => void,
): Promise<{ results: WindowResult[]; cpuRetries: number } | null> {
  const { model, request, stopped, stages, counts } = context;
  const began = performance.now();
  const parts: Tensor[] = [];
  let hidden: Tensor | null = null;
  try {
    for (const { mel } of group) {
      if (stopped()) return null;
      const { bins } = model.mel;
      const feeds = { input_features: new model.ort.Tensor('float32', mel, [1, bins, mel.length / bins]) };
      parts.push(await model.encode(feeds));
      counts.encoderPasses += 1;
    }
    // A run with its output on the GPU resolves when it is submitted. Nobody waits for its end, so that the decoder's
    // first run is put together meanwhile; it only tells encoder from decoder time.
    const encoded = Promise.resolve(model.device?.queue.onSubmittedWorkDone()).then(() => performance.now());
    encoded.catch(() => undefined);
    if (stopped()) return null;
    if (parts.length > 1) {
      hidden = stackRows(model, parts);
      for (const part of parts.splice(0)) part.dispose();
    } else {
      hidden = parts.pop()!;
    }

    const { languages, begun } = await chooseLanguages(context, pool, hidden, group.length);
    if (stopped()) {
      begun?.cache.dispose();
      return null;
    }
    const attempts = await decodeWithNets(context, hidden, group, languages, begun, onPartial);
    const encodedAt = await encoded;
    stages.encodeMs += encodedAt - began;
    stages.decodeMs += performance.now() - encodedAt;
    if (!attempts) return null;
    const results: WindowResult[] = [];
    let cpuRetries = 0;
    for (const [row, item] of group.entries()) {
      if (stopped()) return null; // the sessions may be on their way out
      const attempt = attempts[row];
      const wrong = request.safetyNets && cannotBeRight(attempt, item.speechSeconds, model.tokens.endOfText);
      if (wrong && context.cpuTwin) {
        const twin = await context.cpuTwin();
        const again = await hear({ ...context, model: twin, cpuTwin: null }, pool, [item], onPartial);
        if (!again) return null;
        cpuRetries += 1;
        results.push(marked(again.results[0], 'retried-on-cpu'));
        continue;
      }
      const one = group.length > 1 ? () => gatherRows(model, hidden!, [row]) : null;
      const result = await resultOf(context, item, attempt, languages[row], hidden, one);
      results.push(wrong ? marked(result, 'wrong-output') : result);
    }
    return stopped() ? null : { results, cpuRetries };
  } finally {
    for (const part of parts) part.dispose();
    hidden?.dispose();
  }
}

/** A doubt already there says more than the one given. */
function marked(result: WindowResult, doubt: Doubt): WindowResult {
  return { ...result, cues: result.cues.map((cue) => ({ ...cue, doubt: cue.doubt ?? doubt })) };
}

type Language = { language: string; probability: number };

async function chooseLanguages(
  { model, request, counts }: JobContext,
  pool: LanguagePool,
  hidden: Tensor,
  rows: number,
): Promise<{ languages: Language[]; begun: Begun | null }> {
  const all = (language: Language): { languages: Language[]; begun: null } => ({
    languages: Array.from({ length: rows }, () => language),
    begun: null,
  });
  if (model.tokens.languages.size === 0) return all({ language: 'en', probability: 1 });
  if (request.language !== null) return all({ language: request.language, probability: 1 });
  if (!request.languagePerWindow && pool.settled) return all(pool.best);
  // A language is told from the sound alone: what is said after a glossary begins with that.
  const { guesses, begun } = await detectLanguages(model, hidden, rows, glossaryOf(model, request).length === 0);
  counts.decoderSteps += 1;
  if (request.languagePerWindow) return { languages: guesses.map(likeliest), begun };
  // Each window with what is known up to it, so that the language does not depend on the batch either.
  const languages = guesses.map((guess) => {
    if (!pool.settled) pool.add(guess);
    return pool.best;
  });
  return { languages, begun };
}

/**
 * Decodes at temperature 0, and the rows that fail again at higher ones.
 * @param begun taken over
 * @returns null when stopped
 */
async function decodeWithNets(
  context: JobContext,
  hidden: Tensor,
  group: readonly Prepared[],
  languages: readonly Language[],
  begun: Begun | null,
  onPartial: (start: number, text: string) => void,
): Promise<Attempt[] | null> {
  const { model, request, stopped, counts } = context;
  const { sampleRate } = model.mel;
  const prompts = languages.map(({ language }) => promptFor(model, request, language));
  const attempts: Attempt[][] = group.map(() => []);
  let rows = group.map((_, row) => row);
  let partialMs = -Infinity;

  for (const temperature of request.safetyNets ? TEMPERATURES : [0]) {
    if (stopped()) return null;
    const some = rows.length < group.length;
    const input = some ? gatherRows(model, hidden, rows) : hidden;
    try {
      const decoded = await decodeBatch(model, input, {
        prompts: rows.map((row) => prompts[row]),
        begun: temperature === 0 ? begun : null,
        temperature,
        // The same draw for the same window, whatever batch it is in.
        randoms: rows.map((row) => seededRandom(group[row].window.pieces[0].start + Math.round(temperature * 10))),
        stopLoops: request.safetyNets,
        stopped,
        onStep: () => {
          counts.decoderSteps += 1;
        },
        onTokens: (position, tokens) => {
          counts.tokens += 1;
          // Only the earliest window of the batch is shown while it is heard.
          if (position !== 0 || performance.now() - partialMs < PARTIAL_MS) return;
          const text = model.text.decode(tokens).trim();
          if (text === '') return;
          partialMs = performance.now();
          onPartial(group[rows[0]].window.pieces[0].start / sampleRate, text);
        },
      });
      if (stopped()) return null;
      for (const [position, row] of rows.entries()) {
        const one = decoded[position];
        const text = model.text.decode(one.tokens).trim();
        attempts[row].push({ ...one, text, compressionRatio: await compressionRatio(text), temperature });
      }
    } finally {
      if (some) input.dispose();
    }
    rows = rows.filter((row) => failed(attempts[row].at(-1)!));
    if (rows.length === 0) break;
  }
  return attempts.map((list) => (failed(list.at(-1)!) && request.safetyNets ? leastBad(list) : list.at(-1)!));
}

/** `<|startofprev|> glossary`, or nothing. */
function glossaryOf({ tokens, text, targetPositions }: WhisperModel, request: JobRequest): number[] {
  const glossary = request.glossary.trim();
  if (glossary === '' || tokens.startOfPrevious === null) return [];
  // decoding.py, _get_initial_tokens: at most half the positions, the end of the text counts.
  return [tokens.startOfPrevious, ...text.encode(` ${glossary}`).slice(-(targetPositions / 2 - 1))];
}

/** `<|startofprev|> glossary <|startoftranscript|> <|language|> <|task|>`, times on. */
function promptFor(model: WhisperModel, request: JobRequest, language: string): number[] {
  const { tokens } = model;
  const prompt = [...glossaryOf(model, request), tokens.startOfTranscript];
  const languageToken = tokens.languages.get(language);
  const taskToken = request.task === 'translate' ? tokens.translate : tokens.transcribe;
  if (languageToken !== undefined) prompt.push(languageToken);
  if (taskToken !== null) prompt.push(taskToken);
  return prompt;
}

/**
 * @param hidden encoder output of the batch
 * @param ownRow makes this window's row of it, to be disposed; null: the batch is this window
 */
async function resultOf(
  { model, request, stages }: JobContext,
  { window, seconds }: Prepared,
  attempt: Attempt,
  { language, probability }: Language,
  hidden: Tensor,
  ownRow: (() => Tensor) | null,
): Promise<WindowResult> {
  const { tokens: special, text, timeStep, mel } = model;
  const clock = fileClock(window, mel.sampleRate);
  const silent = request.safetyNets && isSilence(attempt);
  const segments = silent ? [] : segmentsOf(attempt.tokens, special, timeStep, seconds);
  let words: Awaited<ReturnType<typeof wordsOf>> | null = null;
  // A segment over a left-out silence is split at it, and only its words tell where.
  if (segments.length > 0 && (request.words || segments.some((segment) => straddles(segment, clock)))) {
    const began = performance.now();
    const row = ownRow?.() ?? hidden;
    try {
      const prompt = promptFor(model, request, language);
      words = await wordsOf(model, row, prompt, attempt.tokens, segments, language, seconds);
    } finally {
      if (ownRow) row.dispose();
    }
    stages.wordsMs += performance.now() - began;
  }
  const result: WindowResult = {
    index: window.index,
    startSample: window.pieces[0].start,
    endSample: window.pieces.at(-1)!.end,
    cues: cuesOf(segments, text, clock, words, request.words),
    tokens: attempt.tokens,
    language,
    languageProbability: probability,
    noSpeechProbability: attempt.noSpeechProbability,
    averageLogProbability: attempt.averageLogProbability,
    compressionRatio: attempt.compressionRatio,
    temperature: attempt.temperature,
    backend: model.backend,
  };
  if (!request.safetyNets) return result;
  const doubt = doubtOf(attempt);
  if (doubt !== null) return marked(result, doubt);
  // Words without a length were put behind the window's sound, where there only is padding.
  const cues = result.cues.map((cue): Cue => (cue.end > cue.start ? cue : { ...cue, doubt: 'maybe-no-speech' }));
  return { ...result, cues };
}

/**
 * Runs a generator ahead of its reader.
 * @param limit how many items may lie ready before the next is made; `wake` when it has changed
 */
function ahead<T>(
  items: AsyncGenerator<T>,
  limit: () => number,
  stopped: () => boolean,
): { next(): Promise<T | null>; wake(): void; close(): void } {
  const queue: T[] = [];
  let ended = false;
  let failure: { error: unknown } | null = null;
  let closed = false;
  let wakeReader = (): void => undefined;
  let wakeWriter = (): void => undefined;
  const pump = async (): Promise<void> => {
    try {
      for await (const item of items) {
        queue.push(item);
        wakeReader();
        while (queue.length >= limit() && !closed) {
          await new Promise<void>((resolve) => {
            wakeWriter = resolve;
          });
        }
        if (closed) break;
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    wakeReader();
  };
  void pump();
  return {
    async next() {
      for (;;) {
        const item = queue.shift();
        if (item !== undefined) {
          wakeWriter();
          return item;
        }
        if (stopped()) return null; // what breaks on a stop is no fault: the sessions may be gone
        if (failure) throw failure.error;
        if (ended) return null;
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
    },
    wake() {
      wakeWriter();
    },
    close() {
      closed = true;
      wakeWriter();
      wakeReader();
    },
  };
}
