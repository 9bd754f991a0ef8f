/** The order of things in the worker that tells speakers apart: load the networks, hear one recording at a time, cut, label. */
import { PcmSource } from '../hearing/pcm-source';
import { createMutex } from '../onnx/mutex';
import { loadOrt } from '../onnx/ort';
import { ABORTED, fault, type SpeakersApi, type SpeakerTurn, type StatedSpeakers, type VoiceTable } from '../protocol';
import { RequestLog } from '../requests';
import { StoredModels } from '../store/stored-models';
import { SPEAKERS_FILES, SPEAKERS_MODEL } from '../store/speakers-model';
import { createCut } from './assign';
import { FBANK_RATE } from './fbank';
import { SpeakerListener } from './listener';
import { meanVoices } from './mean-voices';
import { namedAs } from './naming';
import { loadNetworks, type SpeakerNetworks } from './networks';
import { labelsOf } from './words';

export function createSpeakers(): SpeakersApi {
  const requests = new RequestLog();
  const stored = new StoredModels();
  const mutex = createMutex();
  let loading: Promise<SpeakerNetworks> | null = null;
  let run: { stopped: boolean; source: PcmSource } | null = null;
  let listener: SpeakerListener | null = null;
  /** The table that was cut last: its tree is made once. */
  let last: { key: string; cut: (stated: StatedSpeakers | null) => SpeakerTurn[] } | null = null;

  async function networks(): Promise<SpeakerNetworks> {
    loading ??= make().catch((error: unknown) => {
      loading = null;
      throw named(error);
    });
    return loading;
  }

  async function make(): Promise<SpeakerNetworks> {
    const bytes = async (path: string): Promise<Uint8Array> =>
      new Uint8Array(await (await stored.blob(SPEAKERS_MODEL, path)).arrayBuffer());
    const { ort, threads } = await loadOrt('wasm');
    // Beside a transcription on the CPU: ONNX Runtime's threads wait for each other busily, and twice as many of them as
    // there are cores made either work three times as slow (two cores, 2026-11).
    ort.env.wasm.numThreads = Math.max(1, threads >> 1);
    return loadNetworks(ort, mutex, {
      segmentation: await bytes(SPEAKERS_FILES.segmentation),
      embedding: await bytes(SPEAKERS_FILES.embedding),
    });
  }

  function named(error: unknown): Error {
    const known = error instanceof Error ? error : new Error(String(error));
    return !known.name.endsWith('Error') || known.name === ABORTED ? known : fault('EngineFailed', known.message);
  }

  return {
    async load() {
      await networks();
    },
    async hear(port, onProgress, earlier = null) {
      if (run) throw fault('EngineFailed', 'a recording is being heard');
      const source = new PcmSource(port, FBANK_RATE, 0);
      const mine = { stopped: false, source };
      run = mine;
      try {
        const nets = await networks();
        const before = nets.spentMs;
        listener = null;
        for (;;) {
          const block = await source.next(() => mine.stopped);
          if (!block) break;
          source.forget(source.received);
          listener ??= new SpeakerListener(nets, source.received - block.length, earlier);
          await listener.push(block);
          onProgress({ doneSeconds: listener.doneSeconds });
        }
        listener ??= new SpeakerListener(nets);
        const done = !mine.stopped && !source.cut;
        const table = done ? await listener.finish() : listener.table();
        return { outcome: done ? 'done' : 'cancelled', table, spentMs: nets.spentMs - before };
      } catch (error) {
        throw named(error);
      } finally {
        source.stop();
        run = null;
      }
    },
    cancel() {
      if (run) {
        run.stopped = true;
        run.source.nudge();
      }
      return Promise.resolve();
    },
    tableSoFar: () => Promise.resolve(listener?.table() ?? null),
    tell(table, stated, before) {
      const key = keyOf(table);
      if (last?.key !== key) last = { key, cut: createCut(table) };
      const turns = last.cut(stated);
      return Promise.resolve(before.length > 0 ? namedAs(before, turns) : turns);
    },
    voices: (table, turns) => Promise.resolve(meanVoices(table, turns)),
    label: (times, turns) => Promise.resolve(labelsOf(times, turns)),
    async requests(tell) {
      requests.watch(tell);
    },
  };
}

/** Tells tables apart: a FNV-1a hash of all that is in one. */
function keyOf({ endFrame, starts, ends, kinds, voices }: VoiceTable): string {
  let hash = 0x811c9dc5;
  for (const values of [starts, ends, kinds, voices])
    for (let i = 0; i < values.length; i++) hash = Math.imul(hash ^ values[i], 0x01000193);
  return `${endFrame} ${starts.length} ${hash >>> 0}`;
}
