/** The whole library as one file, and back. */
import { unzipped, uniqueNames, zippedOneByOne, ZipRefusal, type ZipEntry } from '../export/zip.ts';
import { decoding } from '../import/read-transcript.ts';
import { exportName } from '../export/export-name.ts';
import { firstWords, readHeaders, readJob, saveWindows, type Header } from '../queue/saved.ts';
import { titleOf } from '../queue/file-name.ts';
import type { Job } from '../queue/job.ts';
import { inSlices } from '../slices.ts';
import { keepTranslation, keptTranslation } from '../queue/translations.ts';
import { laidOn, portable, type PortableTranslation } from '../translation/portable.ts';
import { FOLDER, isLike, libraryFile, MANIFEST, manifest, readLibraryFile, sameness } from './library-file.ts';

/** A hundred hours of words with their times are 60 MB; a thousand recordings of two hours are 2 GB. */
const MOST = { file: 200 * 1024 * 1024, all: 8 * 1024 * 1024 * 1024 };

/** The beginning of an archive and as much of its end as holds the names of some thousand files. */
const LOOKED_AT = 1024 * 1024;

/** Whether a file is an archive of the library, by the names in it: it may have been packed anew by another program. */
export async function isLibrary(file: Blob): Promise<boolean> {
  const head = await file.slice(0, LOOKED_AT).arrayBuffer();
  const tail = await file.slice(Math.max(LOOKED_AT, file.size - LOOKED_AT)).arrayBuffer();
  const latin = new TextDecoder('latin1');
  const text = latin.decode(head);
  return text.startsWith('PK') && (text.includes(MANIFEST) || latin.decode(tail).includes(MANIFEST));
}

/** Every transcript on this device. */
export async function exportedLibrary(): Promise<{ name: string; blob: Blob }> {
  const now = new Date();
  const headers = await readHeaders();
  const names = uniqueNames(headers.map(({ name, title = '' }) => exportName(titleOf({ name, title }), 'json')));
  const bytesOf = (text: string) => new TextEncoder().encode(text);
  async function* entries(): AsyncGenerator<ZipEntry> {
    yield { name: MANIFEST, bytes: bytesOf(manifest(headers.length)) };
    for (const [index, { id }] of headers.entries()) {
      const found = await readJob(id);
      if (found === null || found.job.cues.length === 0) continue;
      yield {
        name: FOLDER + names[index],
        bytes: bytesOf(await inSlices(libraryFile(found.job, found.added, await keptTranslation(id)))),
      };
    }
  }
  const day = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
  return { name: `Earshot library ${day}.zip`, blob: await zippedOneByOne(entries(), now) };
}

/** What became of an archive. `stopped`: why the rest of it was not read; null: it was. */
export type Imported = { added: number; known: number; unreadable: number; stopped: string | null };

/** Puts the transcripts of an archive beside those that are here. One that is here already is not doubled. */
export async function importLibrary(file: Blob): Promise<Imported> {
  const done: Imported = { added: 0, known: 0, unreadable: 0, stopped: null };
  const here: Here[] = await readHeaders();
  const isTranscript = (name: string) => /\.json$/i.test(name) && !name.endsWith(MANIFEST);
  try {
    for await (const { bytes } of unzipped(file, isTranscript, MOST)) {
      const text = await inSlices(decoding(bytes, new TextDecoder()));
      const read = await inSlices(readLibraryFile(text, () => crypto.randomUUID()));
      const known = read && (await asHere(read.job, here));
      if (read === null) done.unreadable += 1;
      else if (known !== null) {
        await keepCarried(known, read.translation);
        done.known += 1;
      } else {
        const isTaken = here.some(({ id }) => id === read.job.id);
        const job = isTaken ? { ...read.job, id: crypto.randomUUID() } : read.job;
        await saveWindows(job, read.added, job.windows, job.edits);
        await keepCarried(job, read.translation);
        here.push({ id: job.id, name: job.name, first: firstWords(job.cues) });
        done.added += 1;
      }
    }
  } catch (error) {
    if (!(error instanceof ZipRefusal)) throw error;
    done.stopped = error.message;
  }
  return done;
}

type Here = Pick<Header, 'id' | 'name' | 'first'>;

/** The transcript that is here already; null: it is not. */
async function asHere(job: Job, here: readonly Here[]): Promise<Job | null> {
  const like = here.filter((header) => isLike(header, job));
  if (like.length === 0) return null;
  const same = await inSlices(sameness(job));
  for (const { id } of like) {
    const found = await readJob(id);
    if (found !== null && (await inSlices(sameness(found.job))) === same) return found.job;
  }
  return null;
}

/** Keeps the translation that came with a transcript, where there is none of its words here. */
async function keepCarried({ id, cues }: Job, carried: PortableTranslation | null): Promise<void> {
  const translation = carried && laidOn(cues, carried);
  if (translation === null || portable(cues, await keptTranslation(id)) !== null) return;
  await keepTranslation(id, translation);
}
