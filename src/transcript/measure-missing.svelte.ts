/** Measures the recording that is shown where nobody has: its words came from a file, or from an earlier version. */
import { LEVELS_A_SECOND, WHOLE_SOUND } from '../../workers/protocol.ts';
import { engine } from '../engine.svelte.ts';
import { isPending, isRunning, type Job } from '../queue/job.ts';
import { queue } from '../queue/queue.svelte.ts';
import { noteIfLost } from './lost-file.ts';
import type { SoundLevels } from '../waveform/sound-levels.svelte.ts';

/** A recording whose last seconds are missing is measured enough: containers round their length. */
const TAIL_SECONDS = 2;

/** @param asked what is shown; `length` of the recording in seconds */
export function measureMissing(asked: () => { job: Job; levels: SoundLevels; length: number }): void {
  // Derived one by one, because the list of jobs is new ten times a second.
  const recording = $derived(asked().job.fileMissing ? null : asked().job.file);
  const track = $derived(asked().job.facts?.track ?? null);
  const idle = $derived(!isRunning(asked().job) && !isPending(asked().job) && queue.current === null);
  const levels = $derived(asked().levels);
  const least = $derived(Math.max(1, (asked().length - TAIL_SECONDS) * LEVELS_A_SECOND));
  const lacking = $derived(levels.ready && levels.length < least);
  const wanted = $derived(idle && lacking ? recording : null);
  $effect(() => {
    const file = wanted;
    if (file === null) return;
    const into = levels;
    let open = true;
    engine
      .levels(file, { ...WHOLE_SOUND, track }, (more) => {
        if (open) into.add(more);
        return open;
      })
      // The picture is a comfort: where it cannot be made, nothing else is missing, unless the file is.
      .catch(() => noteIfLost(file, queue));
    return () => {
      open = false;
    };
  });
}
