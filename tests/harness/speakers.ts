/** The speakers worker as the page uses it: networks from the store, sound from the media worker, turns and labelled cues. */
import * as Comlink from 'comlink';
import { labelledCues, timesOf } from '../../src/speakers/label-cues.ts';
import { cancel, hear, load as loadModel } from './engine.ts';
import type {
  Cue,
  MediaApi,
  SpeakersApi,
  SpeakerTurn,
  StatedSpeakers,
  StoreApi,
  VoiceReport,
} from '../../workers/protocol.ts';

export type Told = {
  outcome: VoiceReport['outcome'];
  pieces: number;
  turns: SpeakerTurn[];
  /** Cut anew for one speaker, and again without a number. */
  one: SpeakerTurn[];
  again: SpeakerTurn[];
  labelled: Cue[];
  /** Milliseconds from the first block to the table, and of the second cut. */
  heardMs: number;
  cutMs: number;
};

let remote: Comlink.Remote<SpeakersApi> | null = null;

function speakers(): Comlink.Remote<SpeakersApi> {
  return (remote ??= Comlink.wrap<SpeakersApi>(
    new Worker(new URL('../../workers/speakers.worker.ts', import.meta.url), {
      type: 'module',
      name: document.baseURI,
    }),
  ));
}

/** Loads without the networks on this device, then with them. @returns the fault's name, and what was fetched */
export async function load(): Promise<{ without: string; files: number }> {
  const store = Comlink.wrap<StoreApi>(
    new Worker(new URL('../../workers/store.worker.ts', import.meta.url), { type: 'module', name: document.baseURI }),
  );
  const without = await speakers()
    .load()
    .then(
      () => '',
      (error: unknown) => (error as Error).name,
    );
  let files = 0;
  await store.download(
    'speakers',
    Comlink.proxy(({ files: all }) => (files = all.length)),
  );
  await speakers().load();
  return { without, files };
}

/**
 * @param cues to label; empty: none
 * @param stopAfter seconds heard after which it is cancelled; null: never
 */
export async function tell(
  file: File,
  {
    cues = [],
    stated = null,
    stopAfter = null,
  }: { cues?: Cue[]; stated?: StatedSpeakers | null; stopAfter?: number | null },
): Promise<Told> {
  const media = Comlink.wrap<MediaApi>(
    new Worker(new URL('../../workers/media.worker.ts', import.meta.url), { type: 'module' }),
  );
  const { port1, port2 } = new MessageChannel();
  media.stream(file, Comlink.transfer(port1, [port1])).catch(() => undefined);
  const began = performance.now();
  const { outcome, table } = await speakers().hear(
    Comlink.transfer(port2, [port2]),
    Comlink.proxy(({ doneSeconds }) => {
      if (stopAfter !== null && doneSeconds >= stopAfter) void speakers().cancel();
    }),
  );
  const heardMs = performance.now() - began;
  const turns = await speakers().tell(table, stated, []);
  const recut = performance.now();
  const one = await speakers().tell(table, { least: 1, most: 1 }, turns);
  const cutMs = performance.now() - recut;
  const again = await speakers().tell(table, stated, turns);
  const labelled = labelledCues(cues, await speakers().label(timesOf(cues), turns));
  return { outcome, pieces: table.starts.length, turns, one, again, labelled, heardMs, cutMs };
}

export type Beside = {
  text: string;
  jobOutcome: string;
  outcome: VoiceReport['outcome'];
  ends: number[];
  alone: number[];
};

/**
 * Hears a file beside the job that transcribes it, and once more by itself.
 * @param stopAfter windows after which the job is cancelled; null: never
 */
export async function beside(file: File, stopAfter: number | null): Promise<Beside> {
  await loadModel('whisper-digits-10s', 'cpu');
  const { port1, port2 } = new MessageChannel();
  const report = speakers().hear(
    Comlink.transfer(port2, [port2]),
    Comlink.proxy(() => undefined),
  );
  let windows = 0;
  const heard = await hear(
    file,
    { safetyNets: false },
    (event) => {
      if (event.type === 'window' && ++windows === stopAfter) void cancel();
    },
    port1,
  );
  const { outcome, table } = await report;
  const media = Comlink.wrap<MediaApi>(
    new Worker(new URL('../../workers/media.worker.ts', import.meta.url), { type: 'module' }),
  );
  const again = new MessageChannel();
  media.stream(file, Comlink.transfer(again.port1, [again.port1])).catch(() => undefined);
  const alone = await speakers().hear(
    Comlink.transfer(again.port2, [again.port2]),
    Comlink.proxy(() => undefined),
  );
  return {
    text: heard.text,
    jobOutcome: heard.report.outcome,
    outcome,
    ends: [...table.ends],
    alone: [...alone.table.ends],
  };
}
