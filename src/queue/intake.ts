/** Which of the files that were given are heard, which are a model's, and which are left out; folders are walked. */
import type { DiskFile } from '../../workers/protocol.ts';
import { sortOut } from '../models/recognise.ts';
import { folderOf, given, type Dropped, type Given, type LeftOut } from '../given-files.ts';
import { walkFolders } from '../walk-folders.ts';
import { stemOf, stemsOf } from './imported-job.ts';
import { SOUND_TYPES } from './sound-types.ts';

/** Recordings that may not open here. They are taken all the same, so that each says itself why it does not open. */
const RARE = [
  ...['.3g2', '.3gp', '.aifc', '.amr', '.ape', '.asf', '.au', '.awb', '.bwf', '.dss', '.ds2', '.dts', '.ec3', '.eac3'],
  ...['.f4v', '.flv', '.gsm', '.m2ts', '.mp1', '.mpga', '.mts', '.mxf', '.ra', '.rf64', '.rm', '.snd', '.spx', '.tta'],
  ...['.vob', '.vox', '.w64', '.wmv', '.wv'],
];
/** Endings of files that may hold sound. Only files inside folders are chosen by them: a person picked the others. */
const SOUND = new RegExp(`(${[...Object.values(SOUND_TYPES).flat(), ...RARE].join('|').replaceAll('.', '\\.')})$`, 'i');

/**
 * What was given: files to listen to, files of a model, and what of the folders was taken for neither. `folders`: how
 * many were walked.
 */
export type Intake = { files: Given[]; model: DiskFile[]; leftOut: LeftOut[]; folders: number };

/** @param folder the files come from a picker of folders, so nobody chose each of them */
export function pickedBy(files: readonly File[], folder: boolean): Intake {
  const all = files.map(given);
  return folder ? intakeOf([], all, [], 1) : intakeOf(all, [], [], 0);
}

/** @param direct what a person pointed at @param inside what lies in the folders */
export function intakeOf(
  direct: readonly Given[],
  inside: readonly Given[],
  unread: readonly LeftOut[],
  folders: number,
): Intake {
  const [alone, within] = [sortOut(direct), sortOut(inside)];
  const sound = within.rest.filter(isSound);
  const recordings = new Set(sound.map((one) => folderOf(one) + stemOf(one.file.name)));
  const taken = within.rest.filter((one) => isSound(one) || isBeside(one, recordings));
  const others = within.rest.filter((one) => !taken.includes(one)).map(({ path }) => ({ path, unread: false }));
  return {
    files: [...inNaturalOrder(alone.rest), ...inNaturalOrder(taken)],
    model: [...alone.model, ...within.model],
    leftOut: [...others, ...unread],
    folders,
  };
}

function isSound({ file }: Given): boolean {
  return (/^(audio|video)\//.test(file.type) || SOUND.test(file.name)) && !file.name.startsWith('.');
}

/**
 * Subtitles beside a recording of their name: they come with it, though nobody pointed at them.
 * @param recordings folder and stem of each
 */
function isBeside(one: Given, recordings: ReadonlySet<string>): boolean {
  const { name } = one.file;
  return /\.(srt|vtt)$/i.test(name) && stemsOf(name).some((stem) => recordings.has(folderOf(one) + stem));
}

/** As a person reads numbers: "tape 2" before "tape 10". */
function inNaturalOrder(files: readonly Given[]): Given[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return files.toSorted((a, b) => compare(a.path, b.path));
}

/** What was dropped or pasted; its folders are walked. */
export async function intakeOfDrop({ files, folders }: Dropped): Promise<Intake> {
  const { inside, unread } = await walkFolders(folders);
  return intakeOf(files, inside, unread, folders.length);
}
