/** Hears a batch of windows: encoder, decoder, cues, and once more what was said and not written. */
import type { Tensor } from 'onnxruntime-common';
import { fault, type Cue, type WindowResult } from '../protocol';
import { gatherRows, stackRows } from '../whisper/cache';
import { cannotBeRight, failed } from '../whisper/fallback';
import { speechSecondsOf, type JobContext, type Prepared } from './context';
import type { TimeRange } from '../speech/ranges';
import { againOf, unheard } from './leftovers';
import { marked, resultOf } from './result';
import { write, type Languages, type OnPartial, type Written } from './attempts';

export type Heard = { results: WindowResult[]; cpuRetries: number };

/** What stands for speech that nobody could understand; Whisper's own normalizer takes what is in brackets for no word. */
export const INAUDIBLE = '[inaudible]';

/** @returns null when the job was stopped before the batch was finished */
export async function hear(
  context: JobContext,
  languages: Languages,
  group: readonly Prepared[],
  onPartial: OnPartial,
): Promise<Heard | null> {
  const first = await hearOnce(context, languages, group, onPartial);
  if (!first || !context.safetyNets) return first && { results: first.results, cpuRetries: first.cpuRetries };
  const { sampleRate } = context.model.mel;
  const stretches = group.map(({ window }, row) => {
    const speech = (window.speech ?? []).map(({ start, end }) => ({
      start: start / sampleRate,
      end: end / sampleRate,
    }));
    return unheard(speech, first.results[row].cues);
  });
  const { results } = first;
  let { cpuRetries } = first;
  // Window by window: what is heard again must not depend on the batch either.
  for (const [row, item] of group.entries()) {
    const rest = againOf(item, stretches[row], context.model.mel);
    if (!rest) continue;
    const again = await hearOnce(context, { given: [first.written[row].language] }, [rest], () => undefined);
    if (!again) return null;
    cpuRetries += again.cpuRetries;
    const unsure = failed(again.written[0].attempt, speechSecondsOf(rest));
    const [heard] = unsure ? [marked(again.results[0], 'low-probability')] : again.results;
    results[row] = { ...results[row], cues: inOrder([...results[row].cues, ...heard.cues]) };
  }
  return {
    results: results.map((result, row) => ({
      ...result,
      cues: inOrder([...result.cues, ...unheard(stretches[row], result.cues).map(inaudible)]),
    })),
    cpuRetries,
  };
}

function inaudible({ start, end }: TimeRange): Cue {
  const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;
  return { start: milliseconds(start), end: milliseconds(end), text: INAUDIBLE, doubt: 'unheard' };
}

/** Cues by their start; where one was put between others, an earlier one ends where it begins. */
function inOrder(cues: readonly Cue[]): Cue[] {
  const sorted = [...cues].sort((one, other) => one.start - other.start);
  return sorted.map((cue, i) => (i + 1 < sorted.length ? endedBy(cue, sorted[i + 1].start) : cue));
}

/** What is heard again begins at a frame of the log-mel, which may lie up to 10 ms inside the cue before. */
function endedBy(cue: Cue, latest: number): Cue {
  if (cue.end <= latest) return cue;
  const { words } = cue;
  const within = words?.map((word) => ({
    ...word,
    start: Math.min(word.start, latest),
    end: Math.min(word.end, latest),
  }));
  return { ...cue, end: latest, ...(within && { words: within }) };
}

/**
 * The languages for one window of a group that is heard a second time. One that has told the track its language already
 * must not tell it twice.
 */
function ofOne(languages: Languages, row: number, counted: boolean): Languages {
  if ('given' in languages) return { given: [languages.given[row]] };
  return counted ? { track: languages.track.copy() } : languages;
}

async function hearOnce(
  context: JobContext,
  languages: Languages,
  group: readonly Prepared[],
  onPartial: OnPartial,
): Promise<(Heard & { written: Written[] }) | null> {
  const { model, stopped, stages, counts } = context;
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
    const written = await write(context, hidden, group, languages, onPartial);
    const encodedAt = await encoded;
    stages.encodeMs += encodedAt - began;
    stages.decodeMs += performance.now() - encodedAt;
    if (!written) return null;
    const results: WindowResult[] = [];
    let cpuRetries = 0;
    for (const [row, item] of group.entries()) {
      if (stopped()) return null; // the sessions may be on their way out
      const { attempt, language } = written[row];
      const wrong = context.safetyNets && cannotBeRight(attempt, speechSecondsOf(item));
      if (wrong && context.cpuTwin) {
        const twin = await context.cpuTwin().catch((error: unknown) => {
          // Two forms of a model in one worker may be too much; a fresh worker on the CPU has room for its own.
          throw fault('WrongResults', `The CPU could not hear what the GPU got wrong: ${String(error)}`);
        });
        const asked = ofOne(languages, row, written[row].counted);
        const again = await hearOnce({ ...context, model: twin, cpuTwin: null }, asked, [item], onPartial);
        if (!again) return null;
        cpuRetries += 1;
        // What cannot be right on the CPU either says nothing of the GPU.
        if (!cannotBeRight(again.written[0].attempt, speechSecondsOf(item))) context.gpu?.noteWrongWindow();
        results.push(marked(again.results[0], 'retried-on-cpu'));
        continue;
      }
      const one = group.length > 1 ? () => gatherRows(model, hidden!, [row]) : null;
      const result = await resultOf(context, item, attempt, language, hidden, one);
      results.push(wrong ? marked(result, 'wrong-output') : result);
    }
    return stopped() ? null : { results, cpuRetries, written };
  } finally {
    for (const part of parts) part.dispose();
    hidden?.dispose();
  }
}
