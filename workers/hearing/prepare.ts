/** Sound to windows with their log-mel, in order. */
import type { SampleRange } from '../speech/ranges';
import { createPacker, soundOf, speechOf, within, type AudioWindow } from '../speech/windows';
import { behind, type Place } from './bookmark';
import type { JobContext, Prepared, Ready } from './context';

/** A window whose loudest sample is under this is brought up to it: -30 dBFS. */
const QUIET_PEAK = 0.03;

/**
 * A window's samples and log-mel. Whisper's log-mel has a floor of its own for the power of a band (1e-10, openai/whisper
 * audio.py), under which much of speech at -60 dBFS falls: quiet sound is brought up first.
 * @returns null when the job was stopped meanwhile
 */
async function prepareWindow(
  { model, source, stages }: Pick<JobContext, 'model' | 'source' | 'stages'>,
  window: AudioWindow,
): Promise<Prepared | null> {
  const { sampleRate } = model.mel;
  const pcm = soundOf(window, (start, end, out, at) => source.copy(start, end, out, at));
  const seconds = pcm.length / sampleRate;
  let peak = 0;
  for (let i = 0; i < pcm.length; i++) peak = Math.max(peak, Math.abs(pcm[i]));
  if (peak > 0 && peak < QUIET_PEAK) for (let i = 0; i < pcm.length; i++) pcm[i] = pcm[i] * (QUIET_PEAK / peak);
  const made = await source.logMel(pcm, model.mel);
  if (made === null) return null;
  stages.melMs += made.ms;
  return { window, mel: made.mel, seconds, speech: speechOf(window, sampleRate) };
}

/** A block without its first samples; nothing is left where it has no more than those. */
function from(block: Float32Array, samples: number): Float32Array {
  return block.subarray(Math.min(block.length, Math.max(0, samples)));
}

/**
 * Whether the file can be gone on with: it is not damaged, it is out of reach. What is no whole window by then is heard with
 * the rest of it, so that the words are those of a run that was not cut.
 */
function goesOn({ name }: Error): boolean {
  return name === 'FileVanished' || name === 'FileChanged';
}

/** All windows of a job. @throws the fault of the sound, behind the windows that came before it */
export async function* prepare(context: JobContext): AsyncGenerator<Ready> {
  const { model, request, source, place, passOn, finder, detector, stopped, emit, stages } = context;
  const { windowSamples, sampleRate } = model.mel;
  const packer = createPacker(windowSamples, sampleRate, request.fromSample, place?.packer);
  /** Speech found beside a finder that takes everything, as far back as windows still need it. */
  let found: SampleRange[] = [...(place?.found ?? [])];
  let factsTold = false;
  /** Closed windows up to whose end it is not known yet where speech is. */
  const waiting: AudioWindow[] = [...(place?.waiting ?? [])];
  /** Sound up to here was listened to. */
  let listened = place?.received ?? request.fromSample;

  const neededFrom = (): number => {
    const needed = Math.min(finder.neededFrom, detector?.neededFrom ?? Infinity) - packer.padSamples;
    return Math.max(0, Math.min(needed, packer.neededFrom, waiting[0]?.pieces[0].start ?? Infinity));
  };
  const placeNow = (): Place => ({
    fromSample: neededFrom(),
    received: listened,
    finder: detector === finder ? null : (finder.state as Place['finder']),
    detector: (detector?.state ?? null) as Place['detector'],
    packer: packer.state,
    found: [...found],
    waiting: [...waiting],
  });

  const tellSpeech = (regions: SampleRange[]): void => {
    if (regions.length === 0) return;
    const inSeconds = regions.map(({ start, end }) => ({ start: start / sampleRate, end: end / sampleRate }));
    emit({ type: 'speech', regions: inSeconds });
  };
  /** Windows of which it is known where speech is. */
  const known = function* (ended: boolean): Generator<AudioWindow> {
    while (waiting.length > 0) {
      const [window] = waiting;
      const end = window.pieces.at(-1)!.end;
      if (detector === finder) yield window;
      else if (detector === null) yield { ...window, speech: null };
      else {
        if (!ended && detector.knownTo < end) return;
        const open = detector.openFrom;
        const all = open === null || ended ? found : [...found, { start: open, end: detector.knownTo }];
        yield { ...window, speech: window.pieces.flatMap((piece) => within(all, piece.start, piece.end)) };
        found = found.filter((region) => region.end > end);
      }
      waiting.shift();
    }
  };

  let broken = null as Error | null;
  for (;;) {
    const before = placeNow();
    const block = await source.next(stopped).catch((error: unknown) => {
      // What came before damage is heard all the same; then it is told.
      broken = error instanceof Error ? error : new Error(String(error));
      return null;
    });
    if (source.facts && !factsTold) {
      factsTold = true;
      emit({ type: 'facts', facts: source.facts });
    }
    if (stopped()) return;
    if (block) {
      const start = source.received - block.length;
      const unheard = from(block, request.fromSample - start);
      if (unheard.length > 0) await passOn?.send(source.received - unheard.length, unheard);
    } else {
      passOn?.end(source.end);
      if (broken !== null && goesOn(broken)) throw broken;
    }
    // Sound that was listened to before is only kept.
    const fresh = block && from(block, listened - (source.received - block.length));
    if (fresh?.length === 0) continue;
    listened = Math.max(listened, source.received);
    const regions = fresh ? await finder.push(fresh) : await finder.flush();
    tellSpeech(regions);
    if (detector && detector !== finder) found.push(...(fresh ? await detector.push(fresh) : await detector.flush()));
    stages.speechMs = detector?.spentMs ?? 0;
    packer.reached(source.received);
    for (const region of regions) {
      const window = packer.add(region);
      if (window) waiting.push(window);
    }
    if (!block) {
      const last = packer.flush(source.end?.totalSamples ?? source.received);
      if (last) waiting.push(last);
    }
    for (const closed of known(!block)) {
      const window = behind(closed, request.fromSample);
      if (window === null) continue;
      const item = await prepareWindow(context, window);
      if (stopped()) return;
      if (item) yield { ...item, place: broken === null ? before : null };
    }
    if (!block) break;
    source.forget(neededFrom());
  }
  if (broken !== null) throw broken;
}
