/** A model as a list of files: what is known of each, and where it lies at its source and on the disk. */
import { fault, type Backend } from '../protocol';

/**
 * Numerical form of a model's weights. `b8`: 8-bit blocks on the disk, the form of the Whisper base that comes with the
 * page, on both backends. `q4`: fp32 encoder and 4-bit decoder, on both backends. `fp32`: the reference for parity and
 * the bench. `q8`: 8-bit encoder and decoder, on the CPU only.
 */
export type DecoderForm = 'b8' | 'q4' | 'fp32' | 'q8';

/** `optional`: only fetched when asked for by path. */
export type ModelFile = { path: string; bytes: number; sha256: string; optional?: true };

/** The two ONNX files of a model, encoder and merged decoder. */
export type SessionFiles = { encoder: string; decoder: string };

export type CatalogueModel = {
  id: string;
  /** For the person: "Whisper base". */
  name: string;
  /** `bundled`: under `models/<id>/` of the page itself; `hub`: at the pinned revision of `repo`. */
  source: 'bundled' | 'hub';
  /** `owner/name` on the hub; the id for a bundled model. */
  repo: string;
  /** Hub: the commit. Bundled: hex digits of the weights' SHA-256, so that new weights get new keys. */
  revision: string;
  /** The name its files have on the disk and its lock among the tabs; its id unless said otherwise. */
  shelf?: string;
  multilingual: boolean;
  /** Where its own form can run. */
  backends: Backend[];
  /** The form that is loaded unless another is asked for. */
  form: DecoderForm;
  /** Every form it comes in, its own first of all. */
  sessions: Partial<Record<DecoderForm, SessionFiles>>;
  licence: string;
  note?: string;
  files: ModelFile[];
  /** By the person, from the hub: the hashes are what the hub said. */
  added?: true;
  /** For tests, the self-test and the demonstration: not in the lists a person chooses from. */
  unlisted?: true;
};

export const HUB_URL = 'https://huggingface.co';

/** The files of one form; its own without `form`. Throws EngineFailed for a form it does not come in. */
export function sessionFiles(model: CatalogueModel, form: DecoderForm = model.form): SessionFiles {
  const files = model.sessions[form];
  if (!files) throw fault('EngineFailed', `${model.name} does not come in the form ${form}.`);
  return files;
}

/**
 * The one address a file is fetched from.
 * @param baseUrl absolute, of the page (the folder that holds `models/`)
 * @param hubUrl absolute, of the hub or of a mirror with the hub's path layout
 */
export function addressOf(model: CatalogueModel, path: string, baseUrl: string, hubUrl: string): string {
  return model.source === 'bundled'
    ? new URL(`models/${model.id}/${path}`, asFolder(baseUrl)).href
    : new URL(`${model.repo}/resolve/${model.revision}/${path}`, asFolder(hubUrl)).href;
}

/** A base without its trailing slash would lose its last folder. */
export const asFolder = (url: string) => (url.endsWith('/') ? url : `${url}/`);

/** The name a model's files have on the disk, and its lock among the tabs. */
export const shelfOf = ({ id, shelf }: Pick<CatalogueModel, 'id' | 'shelf'>) => shelf ?? id;

/**
 * The file that transformers.js means by a cache key: `/models/<id>/<path>`, then `<hub>/<id>/resolve/<any
 * revision>/<path>`. The whole key has to fit: `someone/whisper-base` is another model than `whisper-base`. Only the
 * pinned revision is ever stored.
 */
export function findByKey(models: CatalogueModel[], key: string): { model: CatalogueModel; file: ModelFile } | null {
  const plain = key.replace(/[?#].*$/, '');
  for (const model of models) {
    const path = after(plain, `/models/${model.id}/`) ?? after(plain, `${HUB_URL}/${model.id}/resolve/`, /^[^/]+\//);
    const file = model.files.find((one) => one.path === path);
    if (file) return { model, file };
  }
  return null;
}

/** What follows `head` in `text`, less what `then` matches of it; null: it begins otherwise. */
function after(text: string, head: string, then?: RegExp): string | null {
  return text.startsWith(head) ? text.slice(head.length).replace(then ?? '', '') : null;
}
