/** So much is read of a file at its beginning, its middle and its end. */
const PART_BYTES = 65_536;

/**
 * What a file of this content is known by, whatever it is called and whenever it was copied: the SHA-256 of its length and of
 * three parts of it. A recording of hours is told from another one in milliseconds; who changes a few bytes between the
 * parts on purpose is not found out, and harms nobody.
 * @returns null where it cannot be read, or where the browser has no SHA-256 (a page without TLS)
 */
export async function fingerprintOf(file: Blob): Promise<string | null> {
  const last = Math.max(0, file.size - PART_BYTES);
  const parts = [0, Math.floor(last / 2), last].map((at) => file.slice(at, at + PART_BYTES));
  try {
    const bytes = await new Blob([`${file.size} `, ...parts]).arrayBuffer();
    const digest = await crypto.subtle.digest('SHA-256', bytes);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  } catch {
    return null;
  }
}
