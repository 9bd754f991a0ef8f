/**
 * Models of the hub that this page does not know: what the hub says of one, pinned to a commit and turned into an entry
 * of the catalogue. Its hashes are only what the hub itself said; from then on they hold.
 */
import { createSHA1 } from 'hash-wasm';
import { fault, type Backend, type DiskFile } from '../protocol';
import { hashOf } from './bytes';
import { HUB_URL, type CatalogueModel, type DecoderForm, type ModelFile, type SessionFiles } from './model-files';
import { checkedSettings } from './foreign';

/** One file of the hub's listing (`siblings` of `/api/models/<id>/revision/<revision>?blobs=true`). */
type Sibling = {
  rfilename: string;
  size?: number;
  /** SHA-1 that git knows the content by. */
  blobId?: string;
  lfs?: { sha256: string; size: number } | null;
};

export type Listing = { sha: string; private?: boolean; gated?: boolean | string; siblings: Sibling[] };

/** What a Whisper is besides its weights; transformers.js asks for these very names. */
const SETTINGS = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];
/** Whisper's tokenizer.json is 2.5 MB. */
const MOST_SETTINGS_BYTES = 20_000_000;
/** The listing of a repository with forty files is 20 kB. */
const MOST_LISTING_BYTES = 5_000_000;

const ENCODERS = [
  { path: 'onnx/encoder_model.onnx', gpu: true },
  { path: 'onnx/encoder_model_q4.onnx', gpu: true },
  { path: 'onnx/encoder_model_quantized.onnx', gpu: false },
];
const DECODERS: { path: string; form: DecoderForm; gpu: boolean }[] = [
  { path: 'onnx/decoder_model_merged_q4.onnx', form: 'q4', gpu: true },
  { path: 'onnx/decoder_model_merged.onnx', form: 'fp32', gpu: true },
  { path: 'onnx/decoder_model_merged_quantized.onnx', form: 'q8', gpu: false },
];

/**
 * `owner/name`, from what a person types or pastes; an address of the hub will do.
 * Throws EngineFailed in words for anything else: before a request is made.
 */
export function hubIdOf(typed: string): string {
  const [owner = '', name = '', ...rest] = typed.trim().replace(`${HUB_URL}/`, '').split(/[/?#]/);
  const part = /^[A-Za-z0-9](?!.*(\.\.|--))[\w.-]{0,95}$/;
  const bare = rest.length === 0 || typed.trim().startsWith(HUB_URL);
  if (!bare || !part.test(owner) || !part.test(name))
    throw fault('EngineFailed', 'A model of the hub is called owner/name, such as onnx-community/whisper-base.');
  return `${owner}/${name}`;
}

type Weights = { form: DecoderForm; files: SessionFiles; backends: Backend[] };

/**
 * The weights to take: those that run on the GPU before those that do not, the smaller before the larger.
 * Throws EngineFailed in words when there are none.
 */
export function chooseWeights(id: string, siblings: Sibling[]): Weights {
  const names = new Set(siblings.map((file) => file.rfilename));
  if (!siblings.some((file) => file.rfilename.endsWith('.onnx')))
    throw fault('EngineFailed', `${id} holds no weights in ONNX format.`);
  // Weights beside the graph, in a file of their own, are read by no part of this page.
  const whole = ({ path }: { path: string }) => names.has(path) && !names.has(`${path}_data`);
  const encoder = ENCODERS.find(whole);
  const decoder = DECODERS.find(whole);
  if (!encoder || !decoder) {
    const apart = [...ENCODERS, ...DECODERS].some(({ path }) => names.has(`${path}_data`));
    throw fault(
      'EngineFailed',
      apart
        ? `The weights of ${id} are spread over more files than this page reads.`
        : `${id} has no encoder and merged decoder of a Whisper under onnx/.`,
    );
  }
  return {
    form: decoder.form,
    files: { encoder: encoder.path, decoder: decoder.path },
    backends: encoder.gpu && decoder.gpu ? ['gpu', 'cpu'] : ['cpu'],
  };
}

type Ask = {
  /** The hub or a mirror, with a slash at its end. */
  hubUrl: string;
  /**
   * Reads at most so many bytes. `found` is false for what is not there for everyone.
   * Rejects with DownloadFailed, DownloadBlocked, HostNotAllowed or AbortError.
   */
  get: (address: string, mostBytes: number) => Promise<{ found: boolean; blob: Blob }>;
};

/**
 * Asks the hub for a model, reads its settings and checks them.
 * @returns the entry and its settings files, whose bytes are verified
 * Rejects with EngineFailed in words when it is no Whisper this page can run, and as `get`.
 */
export async function lookUp(ask: Ask, id: string): Promise<{ model: CatalogueModel; settings: DiskFile[] }> {
  const listing = await readListing(ask, id);
  const missing = SETTINGS.find((path) => !listing.siblings.some((file) => file.rfilename === path));
  const weights = chooseWeights(id, listing.siblings);
  if (missing) throw fault('EngineFailed', `${id} lacks ${missing}, so it cannot be run as a Whisper.`);
  const files: ModelFile[] = [];
  const settings: DiskFile[] = [];
  for (const path of SETTINGS) {
    const blob = await readSettings(ask, id, listing, path);
    files.push({ path, bytes: blob.size, sha256: await hashOf([new Uint8Array(await blob.arrayBuffer())]) });
    settings.push({ path, blob });
  }
  const [config, generation, preprocessor] = await Promise.all(
    settings.slice(0, 3).map(async ({ path, blob }) => asJson(id, path, await blob.text())),
  );
  const checked = checkedSettings(config, preprocessor, generation);
  if (!checked.ok) throw fault('EngineFailed', `${id} cannot be used. ${checked.why}`);
  for (const path of Object.values(weights.files)) files.push(weightsOf(id, listing, path));
  const { multilingual, noWords } = checked.settings;
  const note = ['Added by you, not verified by Earshot.', multilingual ? null : 'English only.', noWords]
    .filter((sentence) => sentence !== null)
    .join(' ');
  const model: CatalogueModel = {
    id,
    name: id,
    source: 'hub',
    repo: id,
    revision: listing.sha,
    multilingual,
    backends: weights.backends,
    form: weights.form,
    sessions: { [weights.form]: weights.files },
    licence: 'see its page on the hub',
    note,
    files,
    added: true,
  };
  return { model, settings };
}

async function readListing({ hubUrl, get }: Ask, id: string): Promise<Listing> {
  const { found, blob } = await get(`${hubUrl}api/models/${id}/revision/main?blobs=true`, MOST_LISTING_BYTES);
  if (!found) throw fault('EngineFailed', `The hub has no model called ${id}, or does not show it to everyone.`);
  const listing = asJson(id, 'The listing', await blob.text());
  if (!isListing(listing)) throw fault('DownloadFailed', `What the hub says of ${id} cannot be understood.`);
  if (listing.private === true || (listing.gated !== undefined && listing.gated !== false))
    throw fault('EngineFailed', `${id} is given only to people who sign in at the hub.`);
  return listing;
}

/** Whatever came, it has the form of a listing from here on. */
function isListing(value: unknown): value is Listing {
  const record = (one: unknown): one is Record<string, unknown> => typeof one === 'object' && one !== null;
  const maybe = (one: unknown, type: 'string' | 'number') => one === undefined || typeof one === type;
  const isLfs = (one: unknown) => record(one) && typeof one['sha256'] === 'string' && typeof one['size'] === 'number';
  const isSibling = (one: unknown) =>
    record(one) &&
    typeof one['rfilename'] === 'string' &&
    maybe(one['size'], 'number') &&
    maybe(one['blobId'], 'string') &&
    // The hub says null of a file that is no LFS file.
    (one['lfs'] === undefined || one['lfs'] === null || isLfs(one['lfs']));
  if (!record(value) || typeof value['sha'] !== 'string' || !/^[0-9a-f]{40}$/.test(value['sha'])) return false;
  return Array.isArray(value['siblings']) && value['siblings'].every(isSibling);
}

/** A small file at the pinned commit, verified by what the listing says of it. */
async function readSettings({ hubUrl, get }: Ask, id: string, { sha, siblings }: Listing, path: string): Promise<Blob> {
  const said = siblings.find((file) => file.rfilename === path);
  if ((said?.size ?? 0) > MOST_SETTINGS_BYTES) throw fault('EngineFailed', `${path} of ${id} is too large to be one.`);
  const { found, blob } = await get(`${hubUrl}${id}/resolve/${sha}/${path}`, MOST_SETTINGS_BYTES);
  if (!found) throw fault('DownloadFailed', `${path} of ${id} did not come.`);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const right = said?.lfs ? (await hashOf([bytes])) === said.lfs.sha256 : (await gitHash(bytes)) === said?.blobId;
  if (!right) throw fault('ModelDamaged', `${path} of ${id} is not what the hub says it is.`);
  return blob;
}

/** The name git knows these bytes by. */
async function gitHash(bytes: Uint8Array): Promise<string> {
  const sha1 = (await createSHA1()).init();
  sha1.update(`blob ${bytes.byteLength}\0`);
  sha1.update(bytes);
  return sha1.digest();
}

function weightsOf(id: string, { siblings }: Listing, path: string): ModelFile {
  const lfs = siblings.find((file) => file.rfilename === path)?.lfs;
  if (!lfs || !/^[0-9a-f]{64}$/.test(lfs.sha256) || !Number.isSafeInteger(lfs.size) || lfs.size <= 0)
    throw fault('EngineFailed', `The hub names no hash of ${path} in ${id}, so it could not be verified.`);
  return { path, bytes: lfs.size, sha256: lfs.sha256 };
}

function asJson(id: string, path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw fault('DownloadFailed', `${path} of ${id} cannot be understood.`);
  }
}
