/** Which of the files that were given are a model's, and which are something to listen to. Pure. */
import type { DiskFile } from '../../workers/protocol.ts';
import type { Given } from '../given-files.ts';

const WEIGHTS = /\.onnx(_data)?$/i;
/** What lies beside weights. */
const SETTINGS = /\.(json|txt|md)$/i;

/**
 * Weights, archives, and the small files that came with weights: a lone `notes.txt` or a recording beside a model is
 * left alone, and so is an archive inside a folder, at which nobody pointed.
 */
export function sortOut(given: readonly Given[]): { model: DiskFile[]; rest: Given[] } {
  const homes = new Set(given.filter(({ path }) => WEIGHTS.test(path)).map(({ path }) => topOf(path)));
  const isModel = ({ path }: Given) =>
    WEIGHTS.test(path) ||
    (/\.zip$/i.test(path) && (topOf(path) === '' || homes.has(topOf(path)))) ||
    (SETTINGS.test(path) && homes.has(topOf(path)));
  return {
    model: given.filter(isModel).map(({ path, file }) => ({ path, blob: file })),
    rest: given.filter((one) => !isModel(one)),
  };
}

/** The folder that was given; empty: the file itself was. */
function topOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}
