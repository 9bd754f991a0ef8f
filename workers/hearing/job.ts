/**
 * One job: sound in, cues out. Three stages run ahead of each other with bounded buffers: the media worker decodes
 * (by credit) and makes the log-mel, speech is found and packed (two batches ahead), the model hears.
 */
import { ahead } from './ahead';
import { bookmarkOf } from './bookmark';
import type { JobContext, Ready } from './context';
import { prepare } from './prepare';
import { hearWithinMemory } from './within-memory';
import type { JobReport } from '../protocol';
import { LanguageTrack } from '../whisper/language';

export type { JobContext, JobCounts } from './context';

export async function transcribeSound(context: JobContext): Promise<JobReport> {
  const { model, request, source, stopped, emit, stages, counts } = context;
  const startMs = performance.now();
  const { sampleRate } = model.mel;
  const languages = { track: new LanguageTrack(request.heardLanguage, context.place?.languages) };
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
  /** Samples of the file by language. */
  const spoken = new Map<string, number>();
  try {
    while (!stopped()) {
      const { size } = context.batch;
      const group: Ready[] = [];
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
      const heard = await hearWithinMemory(context, languages, group, (start, text) => {
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
        context.batch.measured(
          group.reduce((sum, { seconds }) => sum + seconds, 0),
          performance.now() - hearMs,
        );
      const states = languages.track.takeStates();
      for (const [row, result] of heard.results.entries()) {
        // A file is in the language that most of its speech is in.
        spoken.set(result.language, (spoken.get(result.language) ?? 0) + result.endSample - result.startSample);
        const main = [...spoken].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
        if (main === result.language) report.languageProbability = result.languageProbability;
        report.language = request.language ?? main;
        const languageKey = `${report.language} ${report.languageProbability.toFixed(2)}`;
        if (told !== languageKey && !request.languagePerWindow) {
          told = languageKey;
          emit({ type: 'language', language: report.language, probability: report.languageProbability });
        }
        if (result.cues.length > 0) report.firstTextMs ??= performance.now() - startMs;
        report.windows += 1;
        report.cues += result.cues.length;
        report.doneSample = result.endSample;
        const { place } = group[row];
        // A window that was told a second time has a state too many: then only the last is sure to be of the last window.
        const state =
          states.length === group.length ? states[row] : row === group.length - 1 ? states.at(-1) : undefined;
        const bookmark = place && bookmarkOf(request, model.mel, place, state ?? null);
        emit({ type: 'window', window: { ...result, ...(bookmark && { bookmark }) } });
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
    report.loss = source.end.loss ?? null;
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
