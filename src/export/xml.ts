/** Text inside XML 1.0. Pure. */

/** What XML 1.0 cannot hold even escaped (section 2.2, "Char"). */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

/** For element content and for attributes in double quotes. */
export function xmlText(text: string): string {
  return text
    .replace(FORBIDDEN, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Attributes, each with a space before it; those that are null are left out. */
export function xmlAttributes(values: Record<string, string | number | null>): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === null ? [] : [` ${name}="${xmlText(String(value)).replace(/\s/g, ' ')}"`]))
    .join('');
}
