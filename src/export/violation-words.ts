/** What a subtitle breaks, in words. Pure. */
import { number, t } from '../locale/text.ts';
import type { Violation } from '../shaper/check.ts';

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** "Too fast by 1.6 characters a second." */
export function violationWords({ kind, value, limit }: Violation): string {
  switch (kind) {
    case 'line':
      return t('A line is {value} wide, {limit} too many: one word is longer than a line.', {
        value,
        limit: value - limit,
      });
    case 'lines':
      return t('{value} lines, {limit} too many.', { value, limit: value - limit });
    case 'fast':
      return t('Too fast by {limit} a second: no room to stay longer.', { limit: number(value - limit, 1) });
    case 'short':
      return t('Only {seconds} long: no room to stay longer.', { seconds: seconds(value) });
    case 'long':
      return t('{seconds} long, {limit} too much.', { seconds: seconds(value), limit: seconds(value - limit) });
    case 'gap':
      return t('Only {n} ms before the next one.', { n: Math.max(0, value) });
  }
}
