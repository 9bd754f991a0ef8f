/** Reads the headers of a file, and once more in a fresh worker where the first gave no answer. */
import { ABORTED, fault, type MediaFacts, type SoundChoice } from '../../workers/protocol.ts';
import { unlessAborted } from './connection.ts';
import { Silence } from './silence.ts';
import type { MediaConnection } from './workers.ts';

/** Headers take milliseconds, a disk that has to wake up takes half a minute. */
const OPENING_MS = 120_000;

/** What opens files. */
type Opener = {
  /** The worker; one is started where there is none. */
  connection: () => MediaConnection;
  /** A job is heard with the same worker, which is watched for itself (src/engine/hear.ts). */
  busy: () => boolean;
};

/** Rejects with a fault of the file, with DamagedFile also where nothing answers twice, or with AbortError. */
export async function openFile(
  opener: Opener,
  file: File,
  signal: AbortSignal,
  choice: SoundChoice,
): Promise<MediaFacts> {
  const facts = (await openOnce(opener, file, signal, choice)) ?? (await openOnce(opener, file, signal, choice));
  if (facts === null) throw fault('DamagedFile', 'its headers could not be read in minutes');
  return facts;
}

/** Null: the worker has died, or gave no answer in a long while. */
async function openOnce(
  { connection, busy }: Opener,
  file: File,
  signal: AbortSignal,
  choice: SoundChoice,
): Promise<MediaFacts | null> {
  const media = connection();
  const patience = new AbortController();
  const silence = new Silence(OPENING_MS, () => {
    patience.abort();
    if (!busy()) media.end(fault(ABORTED));
  });
  try {
    const opening = media.call((remote) => remote.open(file, choice));
    return await unlessAborted(AbortSignal.any([signal, patience.signal]), opening);
  } catch (error) {
    if (!signal.aborted && (patience.signal.aborted || !media.alive)) return null;
    throw error;
  } finally {
    silence.end();
  }
}
