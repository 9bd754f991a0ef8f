/** What is said of a model: how large it is, where it runs, how it came. Pure. */
import type { ModelState } from '../../workers/protocol.ts';
import { size } from '../clock.ts';
import { hereBytes } from './model-state.ts';

/** "206 MB", "118 MB of 209 MB are here", "5.5 MB, comes with the page". */
export function sizeWords(model: ModelState): string {
  if (model.ready) return `${size(model.totalBytes)} on this device`;
  const here = hereBytes(model);
  if (here > 0) return `${size(here)} of ${size(model.totalBytes)} here`;
  return model.source === 'bundled'
    ? `${size(model.totalBytes)}, comes with the page`
    : `${size(model.totalBytes)} to download`;
}

export function trustWords({ trust }: ModelState): string {
  return trust === 'pinned' ? 'Checked against a pinned SHA-256' : 'Not verified by Earshot';
}

/** @param locale of the date; the browser's own without it */
export function checkedWords({ checkedAt, ready }: ModelState, locale?: string): string {
  if (!ready) return '';
  if (checkedAt === null) return 'not read again since it came';
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(checkedAt);
  return `last read and checked ${date}`;
}

export function placeWords({ backends }: ModelState): string {
  if (!backends.includes('gpu')) return 'CPU only';
  return backends.includes('cpu') ? 'GPU or CPU' : 'GPU only';
}
