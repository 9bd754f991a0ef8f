/** What is said of a model: how large it is, where it runs, how it came. Pure. */
import { date, t } from '../locale/text.ts';
import type { ModelState } from '../../workers/protocol.ts';
import { size } from '../clock.ts';
import { hereBytes } from './model-state.ts';

/** "206 MB", "118 MB of 209 MB are here", "5.5 MB, comes with the page". */
export function sizeWords(model: ModelState): string {
  if (model.ready) return t('{size} on this device', { size: size(model.totalBytes) });
  const here = hereBytes(model);
  if (here > 0) return t('{size} of {size2} here', { size: size(here), size2: size(model.totalBytes) });
  return model.source === 'bundled'
    ? t('{size}, comes with the page', { size: size(model.totalBytes) })
    : t('{size} to download', { size: size(model.totalBytes) });
}

export function trustWords({ trust }: ModelState): string {
  return trust === 'pinned' ? t('Checked against a pinned SHA-256') : t('Not verified by Earshot');
}

/** @param locale of the date; the browser's own without it */
export function checkedWords({ checkedAt, ready }: ModelState): string {
  if (!ready) return '';
  if (checkedAt === null) return t('not read again since it came');
  return t('last read and checked {date}', {
    date: date(checkedAt, { dateStyle: 'medium', timeStyle: 'short' }, 'en-GB'),
  });
}

export function placeWords({ backends }: ModelState): string {
  if (!backends.includes('gpu')) return t('CPU only');
  return backends.includes('cpu') ? t('GPU or CPU') : t('GPU only');
}
