/** What a subtitle breaks, in words. Pure. */
import type { Violation } from '../shaper/check.ts';

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** "Too fast by 1.6 characters a second." */
export function violationWords({ kind, value, limit }: Violation): string {
  switch (kind) {
    case 'line':
      return `A line is ${value} wide, ${value - limit} too many: one word is longer than a line.`;
    case 'lines':
      return `${value} lines, ${value - limit} too many.`;
    case 'fast':
      return `Too fast by ${(value - limit).toFixed(1)} a second: no room to stay longer.`;
    case 'short':
      return `Only ${seconds(value)} long: no room to stay longer.`;
    case 'long':
      return `${seconds(value)} long, ${seconds(value - limit)} too much.`;
    case 'gap':
      return `Only ${Math.max(0, value)} ms before the next one.`;
  }
}
