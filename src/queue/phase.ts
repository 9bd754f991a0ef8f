/** The one line under a file's name. Pure. */
import { clock, duration, percent, speed } from '../clock.ts';
import { languageName } from '../settings/languages.ts';
import { lengthOf, shareDone, type Job } from './job.ts';

type PhaseLine = {
  icon: 'clock' | 'wave' | 'check' | 'stop' | 'warn' | 'news';
  /** `strong`: figures that change while the file is heard. */
  parts: readonly { text: string; strong?: boolean }[];
};

/** @param loadedShare how much of the model is in memory, [0, 1]; null while not known */
export function phaseLine(job: Job, loadedShare: number | null = null): PhaseLine {
  if (job.elsewhere) return { icon: 'news', parts: [{ text: elsewhere(job) }] };
  switch (job.phase) {
    case 'waiting':
      return { icon: 'clock', parts: [{ text: ['Waiting', sound(job)].join('') }] };
    case 'needs-model':
      return { icon: 'clock', parts: [{ text: ['Waiting for the model', sound(job)].join('') }] };
    case 'opening':
      return { icon: 'clock', parts: [{ text: 'Opening the file' }] };
    case 'loading-model':
      return {
        icon: 'clock',
        parts: [{ text: loadedShare === null ? 'Loading the model' : `Loading the model, ${percent(loadedShare)}` }],
      };
    case 'transcribing':
      return { icon: 'wave', parts: running(job) };
    case 'done':
      return { icon: job.notice === null || job.cues.length > 0 ? 'check' : 'warn', parts: [{ text: done(job) }] };
    case 'cancelled':
      return job.trial === 'heard'
        ? { icon: 'news', parts: [{ text: `Heard up to ${clock(job.progress.doneSeconds, lengthOf(job) ?? 0)}.` }] }
        : { icon: 'stop', parts: [{ text: stopped(job) }] };
    case 'failed':
      return { icon: 'warn', parts: [{ text: job.fault === null ? '' : `${job.fault.sentence} ${job.fault.next}` }] };
  }
}

function elsewhere(job: Job): string {
  return job.phase === 'done'
    ? 'Open in another tab. It can be read here; to change it here, close that tab.'
    : 'Open in another tab, where it goes on. To go on here, close that tab.';
}

function sound(job: Job): string {
  const length = lengthOf(job);
  if (job.facts === null && length === null) return '';
  const kept = job.windows.length > 0 ? `. Goes on from ${clock(job.progress.doneSeconds, length ?? 0)}` : '';
  const parts = [length === null ? null : duration(length), job.facts?.video ? 'video' : null].filter(Boolean);
  return kept !== '' ? kept : parts.length > 0 ? `. ${parts.join(', ')}` : '';
}

function running(job: Job): { text: string; strong?: boolean }[] {
  const { doneSeconds, speed: times, secondsLeft } = job.progress;
  const share = shareDone(job);
  const where = job.load?.backend === 'cpu' ? ' on the CPU' : '';
  if (times <= 0) return [{ text: `Listening${where} for the first words` }];
  const left =
    secondsLeft === null ? [] : [{ text: ', ' }, { text: duration(secondsLeft), strong: true }, { text: ' left' }];
  const far = share === null ? `${duration(doneSeconds)} heard` : percent(share);
  return [{ text: far, strong: true }, { text: `${where} at ${speed(times)}` }, ...left];
}

function done(job: Job): string {
  const length = lengthOf(job);
  const facts = [
    length === null ? null : duration(length),
    job.cues.length === 0 || job.language === null ? null : languageName(job.language),
  ].filter(Boolean);
  const head = job.saved || job.report === null ? 'Saved' : `Done in ${duration(job.report.wallMs / 1000)}`;
  return facts.length === 0 ? head : `${head}. ${facts.join(', ')}`;
}

function stopped(job: Job): string {
  if (job.windows.length === 0) return 'Stopped. Nothing was transcribed yet.';
  return `Stopped at ${clock(job.progress.doneSeconds, lengthOf(job) ?? 0)}. The words up to there are kept.`;
}
