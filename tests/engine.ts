/** Drives the shipped engine and media workers through the harness page, and compares what they heard. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import type { Backend, Gauge, JobReport, LoadReport, WindowResult } from '../workers/protocol.ts';
import { fixture } from './browser.ts';
import type { DecoderForm } from '../workers/store/model-files.ts';
import type { HarnessRequest } from './harness/engine.ts';
import type { Clip, Layout, Phrase } from './harness/sound.ts';

type Engine = typeof import('./harness/engine.ts');
type Sound = typeof import('./harness/sound.ts');

export type Heard = { report: JobReport; windows: WindowResult[]; text: string; gauge: Gauge };

/** One entry of reference.json: what an independent PyTorch implementation decoded. */
export type Reference = {
  file: string;
  model: string;
  task: 'transcribe' | 'translate';
  language: string;
  noSpeechProbability: number;
  tokens: number[];
  text: string;
  words: [text: string, start: number, end: number][];
};

export function references(path = fixture('windows/reference.json')): Reference[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { windows: Reference[] }).windows;
}

export async function load(page: Page, modelId: string, backend: Backend, form?: DecoderForm): Promise<LoadReport> {
  return page.evaluate(
    async ([modelId, backend, form]) => {
      const engine = await window.harness.load<Engine>('engine');
      return engine.load(modelId, backend, form);
    },
    [modelId, backend, form] as const,
  );
}

/** @param path of a sound file on this machine */
export async function hear(page: Page, path: string, request: HarnessRequest = {}): Promise<Heard> {
  return page.evaluate(
    async ({ base64, name, request }) => {
      const engine = await window.harness.load<Engine>('engine');
      const { report, windows, text, gauge } = await engine.hear(engine.fileOf(base64, name), request);
      return { report, windows, text, gauge };
    },
    { base64: readFileSync(path).toString('base64'), name: path.split('/').at(-1)!, request },
  );
}

/** As `hear`, on a recording composed in the page. */
export async function hearComposed(
  page: Page,
  clips: Clip[],
  layout: Layout,
  request: HarnessRequest = {},
): Promise<Heard & { phrases: Phrase[] }> {
  return page.evaluate(
    async ({ clips, layout, request }) => {
      const engine = await window.harness.load<Engine>('engine');
      const sound = await window.harness.load<Sound>('sound');
      const { file, phrases } = sound.compose(clips, layout);
      const { report, windows, text, gauge } = await engine.hear(file, request);
      return { report, windows, text, gauge, phrases };
    },
    { clips, layout, request },
  );
}

/** The phrases of a composed recording, each decoded alone, in a window of its own. @returns what was heard */
export async function hearApart(
  page: Page,
  clips: Clip[],
  layout: Layout,
  request: HarnessRequest = {},
): Promise<string> {
  return page.evaluate(
    async ({ clips, layout, request }) => {
      const engine = await window.harness.load<Engine>('engine');
      const sound = await window.harness.load<Sound>('sound');
      const { file, phrases } = sound.compose(clips, layout);
      const texts: string[] = [];
      for (const one of await sound.apart(file, phrases)) texts.push((await engine.hear(one, request)).text);
      return texts.join(' ');
    },
    { clips, layout, request },
  );
}

const ENGLISH = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The synthetic English digits of tests/fixtures. */
export function syntheticDigits(): Clip[] {
  const folder = fixture('digits');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.wav'))
    .sort()
    .map((name) => ({
      text: ENGLISH[Number(name.split('_')[2])],
      voice: name.split('_')[0],
      base64: readFileSync(join(folder, name)).toString('base64'),
    }));
}

/** Recordings of people, `{digit}_{speaker}_{n}.wav`. */
export function humanDigits(folder: string): Clip[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.wav'))
    .sort()
    .map((name) => ({
      text: ENGLISH[Number(name.split('_')[0])],
      voice: name.split('_')[1],
      base64: readFileSync(join(folder, name)).toString('base64'),
    }));
}

/** Word error rate: edits to turn what was heard into the truth, over the truth's words. */
export function wordErrorRate(truth: string, heard: string): number {
  const a = truth.split(/\s+/).filter(Boolean);
  const b = heard.split(/\s+/).filter(Boolean);
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)! / Math.max(1, a.length);
}

/** Cues sorted, inside the sound, words inside their cue and in order. @returns what is wrong, or '' */
export function wrongWith(windows: WindowResult[], audioSeconds: number): string {
  let last = 0;
  for (const window of windows) {
    for (const cue of window.cues) {
      if (cue.start < last) return `cue at ${cue.start} after ${last}`;
      if (cue.end < cue.start) return `cue at ${cue.start} ends at ${cue.end}`;
      if (cue.start < 0 || cue.end > audioSeconds + 0.001) return `cue ${cue.start}–${cue.end} outside the sound`;
      last = cue.start;
      let at = cue.start;
      for (const word of cue.words ?? []) {
        if (word.start < at || word.end < word.start || word.end > cue.end) return `word ${word.text} at ${word.start}`;
        at = word.start;
      }
    }
  }
  return '';
}
