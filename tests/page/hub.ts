/** A hub for the store's tests: the real one's path layout, CORS, Range; cuts, lies, stalls and corrupts on command. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CatalogueModel } from '../../workers/store/model-files.ts';

/** What a request meets. Lengths count from the answer's own first byte, unless said otherwise. */
export type Behaviour =
  | { type: 'serve'; range?: boolean }
  /** So many bytes, then nothing until the promise resolves, then the rest. */
  | { type: 'hold'; afterBytes: number; until: Promise<void> }
  /**
   * The connection ends after so many bytes, short of the length that was promised. A moment's silence comes first, as
   * on a real line: Chromium drops what it has received but not handed out when the end comes in the same breath.
   * `until`: the end waits for this.
   */
  | { type: 'cut'; afterBytes: number; range?: boolean; until?: Promise<void> }
  /** So many bytes, then silence on an open connection. */
  | { type: 'stall'; afterBytes: number }
  /** Promises and sends fewer bytes than the file has. */
  | { type: 'short'; bytes: number }
  /** Sends this many bytes more than the file has. */
  | { type: 'long'; extraBytes: number }
  /** One bit of the file's byte `at` is wrong. */
  | { type: 'flip'; at: number }
  | { type: 'status'; status: number; contentType?: string; body?: string }
  | { type: 'redirect'; to: string }
  /** Refuses the connection after reading the request. */
  | { type: 'hang-up' };

const CUT_SILENCE_MS = 100;

export type Request = {
  path: string;
  /** First byte asked for; null without a Range header. */
  from: number | null;
  /** Body bytes handed to the socket. */
  servedBytes: number;
  headers: IncomingMessage['headers'];
};

export type Hub = {
  url: string;
  /** What is said of the model when it is asked for by name. */
  listing: unknown;
  requests: Request[];
  /** Decides per request; `nth` counts the earlier requests for the same path. */
  behave: (request: Request, nth: number) => Behaviour;
  bodyBytes(path?: string): number;
  close(): Promise<void>;
};

/** Bytes that look random, the same every time. */
export function noise(bytes: number, seed: number): Buffer {
  const out = Buffer.alloc(bytes);
  let state = seed;
  for (let index = 0; index < bytes; index += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    out.writeInt32LE(state, Math.min(index, bytes - 4));
  }
  return out;
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What the hub's API says of a repository with these files: SHA-256 of the large ones, git's names of the others. */
export function listingOf(sha: string, files: Record<string, Buffer>) {
  const git = (bytes: Buffer) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  return {
    sha,
    private: false,
    gated: false,
    siblings: Object.entries(files).map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      blobId: git(bytes),
      ...(rfilename.endsWith('.onnx') && { lfs: { sha256: sha256(bytes), size: bytes.length } }),
    })),
  };
}

type Changes = Record<string, unknown>;

/** The settings of a Whisper as small as one can be, with these changes; undefined takes a setting away. */
export function whisperSettings(
  changes: { config?: Changes; generation?: Changes; preprocessor?: Changes } = {},
): Record<string, Buffer> {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  return {
    'config.json': json({
      ...{ model_type: 'whisper', d_model: 512, decoder_layers: 6, decoder_attention_heads: 8, num_mel_bins: 80 },
      ...{ max_source_positions: 1500, max_target_positions: 448, vocab_size: 51865, median_filter_width: 7 },
      ...changes.config,
    }),
    'generation_config.json': json({
      ...{ eos_token_id: 50257, decoder_start_token_id: 50258, no_timestamps_token_id: 50363 },
      ...{ lang_to_id: { '<|en|>': 50259 }, alignment_heads: [[3, 1]], suppress_tokens: [1, 2] },
      ...changes.generation,
    }),
    'preprocessor_config.json': json({
      ...{ sampling_rate: 16000, feature_size: 80, hop_length: 160, n_fft: 400, n_samples: 480000 },
      ...changes.preprocessor,
    }),
  };
}

/** A model of the hub made of these bytes. */
export function modelOf(
  id: string,
  files: Record<string, Buffer>,
  facts: Partial<CatalogueModel> = {},
): CatalogueModel {
  return {
    id,
    name: `Model ${id}`,
    source: 'hub',
    repo: `someone/${id}`,
    revision: '0123abcd',
    multilingual: true,
    backends: ['gpu', 'cpu'],
    form: 'q4',
    sessions: { q4: { encoder: 'onnx/encoder_model.onnx', decoder: 'onnx/decoder_model_merged_q4.onnx' } },
    licence: 'MIT',
    files: Object.entries(files).map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
    ...facts,
  };
}

/** Serves the files under `<repo>/resolve/<revision>/`. */
export async function startHub(model: CatalogueModel, files: Record<string, Buffer>): Promise<Hub> {
  const prefix = `/${model.repo}/resolve/${model.revision}/`;
  const hub: Hub = {
    url: '',
    listing: listingOf(model.revision, files),
    requests: [],
    behave: () => ({ type: 'serve' }),
    bodyBytes: (path) =>
      hub.requests
        .filter((request) => path === undefined || request.path === path)
        .reduce((total, request) => total + request.servedBytes, 0),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };

  const server = createServer((incoming, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'Content-Range, Accept-Ranges, ETag');
    if (incoming.url === `/api/models/${model.repo}/revision/main?blobs=true`)
      return void response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(hub.listing));
    const path = decodeURIComponent(incoming.url ?? '').slice(prefix.length);
    const file = incoming.url?.startsWith(prefix) ? files[path] : undefined;
    const from = /^bytes=(\d+)-$/.exec(incoming.headers.range ?? '')?.[1];
    const request = { path, from: from ? Number(from) : null, servedBytes: 0, headers: incoming.headers };
    const nth = hub.requests.filter((earlier) => earlier.path === path).length;
    hub.requests.push(request);
    if (!file) return void response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Entry not found');
    void answer(request, hub.behave(request, nth), file, response);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(undefined)));
  hub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return hub;
}

async function answer(request: Request, behaviour: Behaviour, file: Buffer, response: ServerResponse): Promise<void> {
  const closed = new Promise((seen) => response.once('close', seen));
  const send = async (bytes: Buffer) => {
    for (let at = 0; at < bytes.length && !response.destroyed; at += 65_536) {
      const piece = bytes.subarray(at, at + 65_536);
      request.servedBytes += piece.length;
      if (!response.write(piece)) await Promise.race([new Promise((seen) => response.once('drain', seen)), closed]);
    }
  };
  const ranged = request.from !== null && !('range' in behaviour && behaviour.range === false);
  const from = ranged ? (request.from ?? 0) : 0;
  const head = (totalBytes: number) => {
    if (ranged && from >= totalBytes) {
      response.writeHead(416, { 'Content-Range': `bytes */${totalBytes}` }).end();
      return false;
    }
    response.writeHead(ranged ? 206 : 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': totalBytes - from,
      ...(ranged && { 'Content-Range': `bytes ${from}-${totalBytes - 1}/${totalBytes}` }),
    });
    return true;
  };

  switch (behaviour.type) {
    case 'serve':
      if (!head(file.length)) return;
      await send(file.subarray(from));
      return void response.end();
    case 'hold':
      if (!head(file.length)) return;
      await send(file.subarray(from, from + behaviour.afterBytes));
      await behaviour.until;
      await send(file.subarray(from + behaviour.afterBytes));
      return void response.end();
    case 'cut':
      if (!head(file.length)) return;
      await send(file.subarray(from, from + behaviour.afterBytes));
      await behaviour.until;
      setTimeout(() => response.socket?.end(), CUT_SILENCE_MS);
      return;
    case 'stall':
      if (!head(file.length)) return;
      return send(file.subarray(from, from + behaviour.afterBytes));
    case 'short':
      if (!head(behaviour.bytes)) return;
      await send(file.subarray(from, behaviour.bytes));
      return void response.end();
    case 'long':
      if (!head(file.length + behaviour.extraBytes)) return;
      await send(Buffer.concat([file, Buffer.alloc(behaviour.extraBytes)]).subarray(from));
      return void response.end();
    case 'flip': {
      if (!head(file.length)) return;
      const wrong = Buffer.from(file);
      wrong[behaviour.at] = (wrong[behaviour.at] ?? 0) ^ 1;
      await send(wrong.subarray(from));
      return void response.end();
    }
    case 'status':
      response.writeHead(behaviour.status, { 'Content-Type': behaviour.contentType ?? 'text/plain' });
      return void response.end(behaviour.body ?? String(behaviour.status));
    case 'redirect':
      return void response.writeHead(302, { Location: behaviour.to }).end();
    case 'hang-up':
      return void response.socket?.destroy();
  }
}
