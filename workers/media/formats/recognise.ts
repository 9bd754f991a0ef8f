/** The containers that are read here, and those that stay closed, told by their first bytes. */
import { fault } from '../../protocol';
import { openAc3 } from './ac3';
import { openAiff } from './aiff';
import { openAmr } from './amr';
import { openAsf } from './asf';
import { openAu } from './au';
import { lettersAt } from './bytes';
import { openCaf } from './caf';
import type { OwnFile } from './own-file';
import { pictureIn } from './soundless';
import { openWave } from './wave';
import { openWave64 } from './wave64';

const OPENERS = [openWave, openAiff, openCaf, openWave64, openAu, openAmr, openAsf, openAc3];

/** [where, letters, what it is]: files with sound that nobody here reads, and some that have none. */
const CLOSED: [at: number, letters: string, name: string][] = [
  [8, 'AVI ', 'an AVI film'],
  [0, '.RMF', 'RealMedia'],
  [0, '.ra\xfd', 'RealAudio'],
  [0, 'FLV\x01', 'a Flash film'],
  [0, '\0\0\x01\xba', 'an MPEG programme stream'],
  [0, 'wvpk', 'WavPack'],
  [0, 'MAC ', 'Monkey’s Audio'],
  [0, 'TTA1', 'True Audio'],
  [0, 'MPCK', 'Musepack'],
  [0, 'MP+', 'Musepack'],
  [0, 'DSD ', 'DSD sound'],
  [0, 'FRM8', 'DSD sound'],
  [0, 'ajkg', 'Shorten'],
  [0, 'Creative Voice File', 'a Creative Voice file'],
  [0, '2BIT', 'AVR sound'],
  [0, '\x02dss', 'DSS of a dictaphone'],
  [0, '\x03dss', 'DSS of a dictaphone'],
  [28, 'Speex   ', 'Speex in Ogg'],
  [0, '\x7f\xfe\x80\x01', 'DTS'],
  [0, '\xfe\x7f\x01\x80', 'DTS'],
  [4, '\xf8\x72\x6f\xba', 'Dolby TrueHD'],
];
/** Those that no program turns into sound by itself. */
const LOCKED: [at: number, letters: string, name: string][] = [
  [0, '\x03ds2', 'a DS2 file, which only the dictaphone’s own program opens'],
  [0, 'MThd', 'a MIDI file, which holds notes, no sound'],
  [4, 'ftypaax', 'an Audible book with copy protection'],
];

/**
 * @param head the first bytes of the file
 * @returns null where the file is mediabunny's, or nobody's
 * @throws UnsupportedFormat whose message says what the file is ("holds …" where another program could turn it into
 * something that opens here, "locked: …" where none can, "soundless: …" where there is no sound in it); NoAudioTrack; DamagedFile; what reading throws
 */
export async function recognise(file: Blob, head: Uint8Array): Promise<OwnFile | null> {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (const [at, letters, name] of CLOSED) {
    if (lettersAt(view, at, letters.length) === letters) throw fault('UnsupportedFormat', `holds ${name}`);
  }
  for (const [at, letters, name] of LOCKED) {
    if (lettersAt(view, at, letters.length) === letters) throw fault('UnsupportedFormat', `locked: ${name}`);
  }
  // A picture of the film's container would be told as a film without sound.
  const picture = pictureIn(view);
  if (picture !== null) throw fault('UnsupportedFormat', picture);
  for (const open of OPENERS) {
    const own = await open(file, view);
    if (own) return own;
  }
  return null;
}
