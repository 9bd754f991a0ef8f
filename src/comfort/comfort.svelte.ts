/** Watches the queue for a person who looks elsewhere, or does not look at all. Not a part of the first load. */
import { t } from '../locale/text.ts';
import { lineOf } from '../queue/file-name.ts';
import { shareDone } from '../queue/job.ts';
import { queue } from '../queue/queue.svelte.ts';
import { live } from '../record/live.svelte.ts';
import { settings } from '../settings/settings.svelte.ts';
import { chime, notify } from '../signals.ts';
import { FIRST_LOOK, look, type Turn } from './batch.ts';
import { overWords, signOf, type Sign } from './sign.ts';

class Comfort {
  #last = FIRST_LOOK;
  #said = $state.raw('');
  /** What ended while the tab was in the background. */
  #unseen = $state.raw<Extract<Turn, { type: 'over' }> | null>(null);

  readonly #sign = $derived.by(() => {
    const job = queue.current;
    return signOf(live.on, job && { name: job.name, share: shareDone(job) }, this.#unseen);
  });

  /** For screen readers: the last turn of the work, and never its percentages. */
  get said(): string {
    return this.#said;
  }
  get sign(): Sign {
    return this.#sign;
  }

  /** To be called with each change of the list. */
  look(): void {
    const { now, turns } = look(this.#last, queue.jobs);
    this.#last = now;
    const said = turns.flatMap(wordsOf);
    if (said.length > 0) this.#said = said.join(' ');
    const over = turns.find((turn) => turn.type === 'over');
    if (over !== undefined) this.#end(over);
  }

  /** The person is back. */
  see(): void {
    this.#unseen = null;
  }

  /** Once, however many files there were. */
  #end(over: Extract<Turn, { type: 'over' }>): void {
    const { notify: mayNotify, chime: maySound } = settings.current;
    if (maySound) void chime();
    if (document.visibilityState === 'visible' && document.hasFocus()) return;
    this.#unseen = over;
    if (mayNotify) void notify(`${overWords(over)}.`);
  }
}

/** A fault is said by the file's own row (`role=alert`), and the end of several files by a message (`role=status`). */
function wordsOf(turn: Turn): string[] {
  switch (turn.type) {
    case 'started':
      return [t('{name} is being transcribed.', { name: lineOf(turn.name) })];
    case 'done':
      return [t('{name} is done.', { name: lineOf(turn.name) })];
    case 'failed':
    case 'over':
      return [];
  }
}

export const comfort = new Comfort();
