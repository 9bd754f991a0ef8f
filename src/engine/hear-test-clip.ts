/** The self-test itself: hears a clip that comes with the page and counts the words that are right. */
import { ABORTED, DEFAULT_JOB, fault, type Backend } from '../../workers/protocol.ts';
import type { Listener } from './listener.ts';
import { rightWords } from './right-words.ts';
import { keyOf } from '../alignment/match.ts';
import { NO_ANSWER, type TestClip, type Verdict } from './verdict.ts';

/** A clip is about ten seconds long. A GPU that takes longer than this has hung. */
const SELF_TEST_MS = 60_000;

/**
 * In the caller's turn. Rejects with what loading and hearing reject with, with DownloadFailed when the clip does not
 * come, with GpuLost or EngineFailed when there is no answer within a minute, and with AbortError.
 */
export async function hearTestClip(
  listener: Listener,
  { model, sound, truth: truthPath }: TestClip,
  backend: Backend,
  signal: AbortSignal,
): Promise<Verdict> {
  const [clip, truth] = await Promise.all([ownFile(sound), ownFile(truthPath)]);
  const { words } = (await truth.json()) as { words: { text: string }[] };
  const { loadMs } = await listener.prepare({ modelId: model, backend }, signal);
  const heard: string[] = [];
  const file = new File([await clip.blob()], 'self-test.wav', { type: 'audio/wav' });
  const impatient = new AbortController();
  const timer = setTimeout(() => impatient.abort(), SELF_TEST_MS);
  const report = await listener
    .transcribe(
      file,
      { ...DEFAULT_JOB, language: 'en' },
      (event) => {
        if (event.type === 'window') heard.push(...event.window.cues.flatMap((cue) => cue.text.split(/\s+/)));
      },
      AbortSignal.any([signal, impatient.signal]),
    )
    .catch((error: unknown) => {
      if (signal.aborted || !impatient.signal.aborted) throw error;
      return null;
    })
    .finally(() => clearTimeout(timer));
  // What was heard of a clip that was stopped in the middle is no verdict.
  if (signal.aborted) throw fault(ABORTED);
  if (report === null || report.outcome === 'cancelled')
    throw fault(backend === 'gpu' ? 'GpuLost' : 'EngineFailed', NO_ANSWER);
  const said = words.map((word) => word.text);
  const { audioSeconds, stages } = report;
  return {
    backend,
    right: rightWords(said.map(keyOf), heard.map(keyOf)),
    total: said.length,
    heard: heard.join(' '),
    wallMs: report.wallMs,
    loadMs,
    report: { audioSeconds, stages },
  };
}

/** A file that comes with the page. */
async function ownFile(path: string): Promise<Response> {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw fault('DownloadFailed', `${path}: ${response.status} ${response.statusText}`);
  return response;
}
