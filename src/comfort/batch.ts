/** What has become of the files since the queue last stood still, found by comparing two looks at the list. Pure. */
import { isRunning, type Job } from '../queue/job.ts';

/** What of a job is looked at. */
export type Looked = Pick<Job, 'id' | 'name' | 'phase'>;

/** A turn that a person is told of, each once. `over`: the queue stands still again, and something has come of it. */
export type Turn =
  | { type: 'started' | 'done' | 'failed'; name: string }
  | { type: 'over'; done: readonly string[]; failed: readonly string[] };

/** `phases`: of each job at the last look. `done`, `failed`: names, since the queue last stood still. */
export type Look = {
  phases: ReadonlyMap<string, Looked['phase']>;
  busy: boolean;
  done: readonly string[];
  failed: readonly string[];
};

export const FIRST_LOOK: Look = { phases: new Map(), busy: false, done: [], failed: [] };

/** @returns what to remember, and what has happened since `before` */
export function look(before: Look, jobs: readonly Looked[]): { now: Look; turns: Turn[] } {
  const turns: Turn[] = [];
  const done = [...before.done];
  const failed = [...before.failed];
  for (const { id, name, phase } of jobs) {
    const old = before.phases.get(id);
    // One that comes into the list with its words or its fault was kept from an earlier visit.
    if (old === undefined ? !isRunning({ phase }) : old === phase) continue;
    if (isRunning({ phase })) {
      if (old === undefined || !isRunning({ phase: old })) turns.push({ type: 'started', name });
    } else if (phase === 'done' || phase === 'failed') {
      turns.push({ type: phase, name });
      (phase === 'done' ? done : failed).push(name);
    }
  }
  const busy = jobs.some(({ phase }) => phase === 'waiting' || isRunning({ phase }));
  const phases = new Map(jobs.map(({ id, phase }) => [id, phase]));
  if (busy) return { now: { phases, busy, done, failed }, turns };
  if (done.length + failed.length > 0) turns.push({ type: 'over', done, failed });
  return { now: { phases, busy, done: [], failed: [] }, turns };
}
