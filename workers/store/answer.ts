/** What a server's answer means for a file: pure, so that every lie a server can tell has a unit test. */
import { fault } from '../protocol';

export type Answer = {
  status: number;
  contentType: string | null;
  /** Only readable when the server exposes it across origins. */
  contentRange: string | null;
};

type Verdict =
  /** Read the body; its first `skipBytes` are on disk already. */
  | { type: 'read'; skipBytes: number }
  /** May be gone next time. */
  | { type: 'retry'; fault: Error }
  | { type: 'fail'; fault: Error }
  /** The stored bytes cannot belong to this file: start from zero. */
  | { type: 'restart'; fault: Error };

/**
 * @param fromByte the request asked for the bytes from here on (0: no Range header)
 * @param totalBytes of the whole file, from the catalogue
 */
export function judge(answer: Answer, fromByte: number, totalBytes: number): Verdict {
  const { status } = answer;
  if (status === 200 || status === 206) {
    if (isPage(answer.contentType)) return { type: 'fail', fault: blocked(answer) };
    return status === 200 ? { type: 'read', skipBytes: fromByte } : judgeRange(answer, fromByte, totalBytes);
  }
  const failed = fault('DownloadFailed', `The server answered ${status}.`);
  if (status === 416) return { type: 'restart', fault: failed };
  // A proxy or a captive portal that refuses with a page of its own. A 404 or 502 page is an ordinary error.
  if (status === 511 || status === 407 || (isPage(answer.contentType) && (status === 403 || status === 451)))
    return { type: 'fail', fault: blocked(answer) };
  // 403: the storage host's signed address expired between redirect and request; the next redirect is a fresh one.
  const passing = status >= 500 || status === 403 || status === 408 || status === 425 || status === 429;
  return { type: passing ? 'retry' : 'fail', fault: failed };
}

function judgeRange({ contentRange }: Answer, fromByte: number, totalBytes: number): Verdict {
  const parts = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(contentRange ?? '');
  if (!parts) return { type: 'read', skipBytes: 0 };
  const start = Number(parts[1]);
  const total = parts[2] === '*' ? totalBytes : Number(parts[2]);
  if (total !== totalBytes)
    return { type: 'restart', fault: fault('DownloadFailed', `The file has ${total} bytes instead of ${totalBytes}.`) };
  if (start > fromByte)
    return { type: 'retry', fault: fault('DownloadFailed', `Asked for byte ${fromByte}, got byte ${start}.`) };
  return { type: 'read', skipBytes: fromByte - start };
}

const isPage = (contentType: string | null) => /^\s*(text\/html|application\/xhtml)/i.test(contentType ?? '');

const blocked = ({ status, contentType }: Answer) =>
  fault('DownloadBlocked', `A web page came instead of the file (${status}, ${contentType ?? 'no content type'}).`);

/** No file of a model starts with `<`; what does is a web page under a wrong content type. */
export function looksLikePage(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head.subarray(0, 64));
  return text.trimStart().startsWith('<');
}
