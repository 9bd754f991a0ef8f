/** JSON as other programs write it, for what reads theirs. */
import { UNSPACED_LANGUAGES } from '../../workers/protocol.ts';
import type { HeardWindow } from '../queue/job.ts';
import { flatMapping } from '../mapping.ts';
import type { ExportedJob } from './exported.ts';
import { jsonInSteps } from './json-in-steps.ts';
import { speakerName } from './speakers.ts';

/** openai/whisper's `--output_format json`, with its word times (whisper/transcribe.py, whisper/timing.py). */
type WhisperJson = {
  text: string;
  segments: {
    id: number;
    /** Hundredths of a second: where the window began. */
    seek: number;
    start: number;
    end: number;
    text: string;
    tokens: number[];
    temperature: number;
    avg_logprob: number;
    compression_ratio: number;
    no_speech_prob: number;
    words?: { word: string; start: number; end: number; probability: number }[];
  }[];
  language: string;
};

/** m-bain/whisperX's JSON after alignment and diarization (whisperx/types.py, `AlignedTranscriptionResult`). */
type WhisperXJson = {
  segments: {
    start: number;
    end: number;
    text: string;
    words: WhisperXWord[];
    speaker?: string;
  }[];
  word_segments: WhisperXWord[];
  language: string;
};
type WhisperXWord = { word: string; start: number; end: number; score: number; speaker?: string };

/** Whisper hears at this rate, whatever the file has. */
const SAMPLE_RATE = 16_000;
const thousandths = (value: number) => Math.round(value * 1000) / 1000;

/** What `make` makes of each cue that says something. */
function spoken<Made>(
  job: ExportedJob,
  make: (cue: ExportedJob['cues'][number], id: number) => Made,
): Generator<void, Made[]> {
  let id = 0;
  return flatMapping(job.cues, (cue) => (cue.text.trim() === '' ? [] : [make(cue, id++)]));
}

/** The window that a cue was heard in. */
function windowAt(job: ExportedJob, start: number): HeardWindow | undefined {
  const sample = start * (job.load?.sampleRate ?? SAMPLE_RATE);
  return job.windows?.find(({ startSample, endSample }) => sample >= startSample - 1 && sample < endSample);
}

/**
 * What one window says of itself stands in each of its segments, as openai/whisper does. Tokens belong to a window, not to
 * a cue that may have been edited: there are none.
 */
export function* whisperJson(job: ExportedJob): Generator<void, string> {
  // Whisper writes a space before each word of a script that has spaces.
  const lead = UNSPACED_LANGUAGES.has(job.language ?? '') ? '' : ' ';
  const segments = yield* spoken(job, ({ start, end, text, words }, id): WhisperJson['segments'][number] => {
    const window = windowAt(job, start);
    return {
      id,
      seek: window === undefined ? 0 : Math.round((window.startSample / (job.load?.sampleRate ?? SAMPLE_RATE)) * 100),
      start: thousandths(start),
      end: thousandths(end),
      text: lead + text.trim(),
      tokens: [],
      temperature: window?.temperature ?? 0,
      avg_logprob: window?.averageLogProbability ?? 0,
      compression_ratio: window?.compressionRatio ?? 1,
      no_speech_prob: window?.noSpeechProbability ?? 0,
      ...(words !== undefined && {
        words: words.map((word) => ({
          word: lead + word.text.trim(),
          start: thousandths(word.start),
          end: thousandths(word.end),
          probability: word.probability,
        })),
      }),
    };
  });
  const file: WhisperJson = { text: segments.map(({ text }) => text).join(''), segments, language: job.language ?? '' };
  return `${yield* jsonInSteps(file)}\n`;
}

export function* whisperXJson(job: ExportedJob): Generator<void, string> {
  const segments = yield* spoken(job, (cue): WhisperXJson['segments'][number] => {
    const speaker = cue.speaker === undefined ? {} : { speaker: speakerName(job.speakers, cue.speaker) };
    return {
      start: thousandths(cue.start),
      end: thousandths(cue.end),
      text: cue.text.trim(),
      words: (cue.words ?? []).map(({ text, start, end, probability }) => ({
        word: text.trim(),
        start: thousandths(start),
        end: thousandths(end),
        score: thousandths(probability),
        ...speaker,
      })),
      ...speaker,
    };
  });
  const file: WhisperXJson = {
    segments,
    word_segments: segments.flatMap(({ words }) => words),
    language: job.language ?? '',
  };
  return `${yield* jsonInSteps(file)}\n`;
}
