/**
 * The known-answer test: clips whose words are known, heard on one backend. A GPU can succeed with garbage, and only an
 * answer that is known shows it.
 */
import type { AdapterReport, Backend, JobReport } from '../../workers/protocol.ts';
import type { WhyCpu } from './backend-answer.ts';

/** A clip that comes with the page, and the model that hears it. */
export type TestClip = { name: 'digits' | 'sentence'; model: string; sound: string; truth: string };

/** Quick, with a model that is always here: garbage shows. */
export const DIGITS: TestClip = {
  name: 'digits',
  model: 'whisper-digits-10s',
  sound: 'demo/digits.wav',
  truth: 'demo/digits.json',
};
/** Real speech and the model that people use: its times can be compared. */
export const SENTENCE: TestClip = {
  name: 'sentence',
  model: 'whisper-base',
  sound: 'demo/sentence.wav',
  truth: 'demo/sentence.json',
};

/** The detail of the fault that says that a backend did not answer. */
export const NO_ANSWER = 'the self-test got no answer';

export type Verdict = {
  backend: Backend;
  right: number;
  total: number;
  heard: string;
  wallMs: number;
  /** Missing in what an earlier version kept. */
  loadMs?: number;
  report?: Pick<JobReport, 'audioSeconds' | 'stages'>;
};

/** A working backend hears every word; one may slip with another driver's rounding. Garbage gets next to none. */
const PASS_SHARE = 0.9;

export function passed(verdict: Pick<Verdict, 'right' | 'total'>): boolean {
  return verdict.total > 0 && verdict.right >= PASS_SHARE * verdict.total;
}

/** What is known of one adapter in one browser version. */
export type KeptVerdicts = {
  digits?: Verdict;
  /** The sentence on either backend. */
  gpu?: Verdict;
  cpu?: Verdict;
};

/** The verdicts count for one browser version and one adapter. */
export function verdictKey(userAgent: string, adapter: AdapterReport): string {
  const { vendor, architecture, device, description } = adapter;
  return ['earshot self-test', userAgent, vendor, architecture, device, description].join('|');
}

/** What was kept; what is no verdict is left out. An earlier version kept the digits' alone. */
export function verdictsOf(text: string | null): KeptVerdicts {
  if (text === null) return {};
  try {
    const kept = JSON.parse(text) as unknown;
    if (isVerdict(kept)) return { digits: kept };
    const { digits, gpu, cpu } = (kept ?? {}) as Record<string, unknown>;
    return { ...(isVerdict(digits) && { digits }), ...(isVerdict(gpu) && { gpu }), ...(isVerdict(cpu) && { cpu }) };
  } catch {
    return {};
  }
}

function isVerdict(value: unknown): value is Verdict {
  const { right, total } = (value ?? {}) as Partial<Verdict>;
  return typeof right === 'number' && typeof total === 'number';
}

/** The sentence is a second or two of work: a smaller difference may be chance. */
const SLOWER = 1.1;

/** Why Automatic takes the CPU after these tests; null: it takes the GPU. */
export function whyNotGpu({ digits, gpu, cpu }: KeptVerdicts): WhyCpu | null {
  if (digits !== undefined && !passed(digits)) return 'wrong-results';
  if (gpu !== undefined && !passed(gpu)) return 'wrong-results';
  if (gpu !== undefined && cpu !== undefined && passed(cpu) && gpu.wallMs > cpu.wallMs * SLOWER) return 'slower-gpu';
  return null;
}
