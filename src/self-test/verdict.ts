/**
 * The known-answer test: a clip whose words are known, heard on one backend. A GPU can succeed with garbage, and only
 * an answer that is known shows it.
 */
import type { AdapterReport, Backend } from '../../workers/protocol.ts';

/** The model and the clip that come with the page. */
export const TEST_MODEL = 'whisper-digits-10s';
export const TEST_CLIP = 'demo/digits.wav';
export const TEST_TRUTH = 'demo/digits.json';

export type Verdict = { backend: Backend; right: number; total: number; heard: string; wallMs: number };

/** A working backend hears every word; one may slip with another driver's rounding. Garbage gets next to none. */
const PASS_SHARE = 0.9;

export function passed(verdict: Pick<Verdict, 'right' | 'total'>): boolean {
  return verdict.total > 0 && verdict.right >= PASS_SHARE * verdict.total;
}

/** How many words of the truth were heard, in order: the longest common subsequence. */
export function rightWords(truth: readonly string[], heard: readonly string[]): number {
  let row = new Array<number>(heard.length + 1).fill(0);
  for (const word of truth) {
    const next = [0];
    heard.forEach((one, j) => next.push(one === word ? row[j] + 1 : Math.max(row[j + 1], next[j])));
    row = next;
  }
  return row[heard.length];
}

/** A verdict counts for one browser version and one adapter. */
export function verdictKey(userAgent: string, adapter: AdapterReport): string {
  const { vendor, architecture, device, description } = adapter;
  return ['earshot self-test', userAgent, vendor, architecture, device, description].join('|');
}

/** What was kept, or null: nothing, or not a verdict. */
export function verdictOf(text: string | null): Verdict | null {
  if (text === null) return null;
  try {
    const kept = JSON.parse(text) as Partial<Verdict>;
    return typeof kept.right === 'number' && typeof kept.total === 'number' ? (kept as Verdict) : null;
  } catch {
    return null;
  }
}
