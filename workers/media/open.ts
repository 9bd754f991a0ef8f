/** Opens a file: asks each kind in turn whether it is one of its own, and names what goes wrong. Nothing is decoded. */
import { fault, WHOLE_SOUND, type SoundChoice } from '../protocol';
import { openContainer } from './container';
import { soundless } from './formats/soundless';
import { refusalOf } from './formats/codec-names';
import { isMediaFault, type Media, type Opener } from './media';
import { openFrames, searchFrames } from './open-frames';
import { openOgg, searchOgg } from './open-ogg';
import { openOwn } from './open-own';
import { openWav } from './wav';

/** Enough to know every kind by. */
const HEAD_BYTES = 64 * 1024;
/** In the order in which they are asked: what is sure by its first bytes first, what needs a search last. */
const OPENERS: Opener[] = [openOwn, openWav, openFrames, openOgg, openContainer, searchOgg, searchFrames];

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error of a read of the file's first and last byte; null: it can still be read. */
async function readError(file: Blob): Promise<unknown> {
  try {
    await file.slice(0, 1).arrayBuffer();
    await file.slice(Math.max(0, file.size - 1)).arrayBuffer();
    return null;
  } catch (error) {
    return error;
  }
}

/**
 * The fault that a failed read or decode amounts to. The name of a failed read differs between ways of reading; asking
 * once more does not: browsers give a file that is gone NotFoundError, and one that was written to since it was added
 * NotReadableError (File API, section 7.2: its snapshot state).
 * @param otherwise where the file can be read
 */
export async function explain(
  file: Blob,
  error: unknown,
  otherwise: 'DamagedFile' | 'UnsupportedFormat',
): Promise<Error> {
  if (isMediaFault(error)) return error;
  const unreadable = await readError(file);
  if (unreadable === null) return fault(otherwise, words(error));
  const changed = unreadable instanceof DOMException && unreadable.name === 'NotReadableError';
  return fault(changed ? 'FileChanged' : 'FileVanished', words(unreadable));
}

/** Codecs of the browser's decoders. What is decoded here or not compressed at all needs no proof. */
const BORROWED = /^(mp2|mp3|mp4a|opus|vorbis|flac)/;
/**
 * WebKit on GStreamer, by what it calls itself, and the codecs that its decoder must not be asked for: version 2.50 ends the
 * page where their sound is copied as the floats that it is (measured with AAC and Opus), and what it gives of
 * AAC as integers is not the sound. The browser's player decodes both well.
 */
const WEBKIT_GTK = /Linux.*AppleWebKit(?!.*Chrome)/;
const FATAL = /^(mp4a|opus)$/;
/** Damage at the beginning of a recording does not reach this far. Seconds. */
const FURTHER_SECONDS = 10;
/** Those that have given sound in this worker, by the beginning of their names. */
const proven = new Set<string>();
/** Those that gave none, and what was said of them then: a decoder that is silent keeps everyone waiting only once. */
const silent = new Map<string, Error>();

/**
 * Whether the browser's decoder gives sound: one that says it can and then gives none is told here, before a job is begun
 * with it. Asked until the codec has given some.
 * @returns false: it failed at the beginning and further on. That is damage, which the job itself tells of, or a decoder
 *   that knows nothing of its codec, as that of WebKitGTK 2.50 for MP3
 * @throws UnsupportedFormat: it says nothing at all, or would end the page
 */
async function prove({ facts, stretches }: Media): Promise<boolean> {
  const codec = BORROWED.exec(facts.codec)?.[0];
  if (codec === undefined || proven.has(codec)) return true;
  if (FATAL.test(codec) && WEBKIT_GTK.test(navigator.userAgent))
    throw fault('UnsupportedFormat', refusalOf(facts.codec, facts.container));
  const known = silent.get(codec);
  if (known !== undefined) throw known;
  for (const from of [-Infinity, Math.min(FURTHER_SECONDS, (facts.seconds ?? Infinity) / 2)]) {
    const sound = stretches[0].read(from);
    try {
      if (!(await sound.next()).done) proven.add(codec);
      return true;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'UnsupportedFormat') continue;
      silent.set(codec, error);
      throw error;
    } finally {
      await sound.return(undefined);
    }
  }
  return false;
}

/**
 * Opens `file` at the track that was chosen. The caller must `dispose()` it.
 * @throws EmptyFile, UnsupportedFormat, NoAudioTrack, DamagedFile, FileVanished, FileChanged; EngineFailed for a track that
 *   is not there
 */
export async function openMedia(file: Blob, choice: SoundChoice = WHOLE_SOUND): Promise<Media> {
  if (file.size === 0) {
    // Chromium gives a file that is gone the size 0 too; only a read of the whole tells.
    await file.arrayBuffer().catch(async (error: unknown) => {
      throw fault(
        error instanceof DOMException && error.name === 'NotReadableError' ? 'FileChanged' : 'FileVanished',
        words(error),
      );
    });
    throw fault('EmptyFile');
  }
  let head: Uint8Array<ArrayBuffer>;
  try {
    head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    for (const open of OPENERS) {
      const media = await open({ file, head, choice });
      if (!media) continue;
      try {
        if (!(await prove(media))) media.facts.doubt = refusalOf(media.facts.codec, media.facts.container);
      } catch (error) {
        media.dispose();
        throw error;
      }
      return media;
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'EngineFailed') throw error;
    throw await explain(file, error, 'DamagedFile');
  }
  throw fault('UnsupportedFormat', soundless(head) ?? 'no container known here');
}
