/** What the queue has to tell of faults, in words. No part of the first load. Pure. */
import type { FaultName } from '../../workers/protocol.ts';
import { clock } from '../clock.ts';
import { faultWords, takeoverWords } from '../fault-words.ts';
import type { Action, News } from '../messages/message.ts';
import { lengthOf, type Job } from './job.ts';
import type { Step } from './run.ts';

/** The CPU went on where the GPU had stopped. */
export function takeoverNews(job: Job, step: Extract<Step, { type: 'took-over' }>, tryAgain: Action): News {
  const at = step.atSeconds > 0 ? clock(step.atSeconds, lengthOf(job) ?? 0) : null;
  const { sentence, next } = takeoverWords(step.name, at, job.cues.length);
  return {
    key: 'gpu',
    kind: step.name === 'NoGpu' ? 'news' : 'fault',
    sentence,
    more: next,
    detail: step.detail,
    actions: [tryAgain],
  };
}

export function modelFaultNews(name: FaultName, detail: string): News {
  const { sentence, next } = faultWords(name);
  return { key: 'model', kind: 'fault', sentence, more: next, detail };
}
