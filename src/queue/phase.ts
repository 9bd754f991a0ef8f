/** The one line under a file's name. Pure. */
import { clock, duration, percent, speed } from '../clock.ts';
import { faultWords, type FaultWords } from '../fault-words.ts';
import { t } from '../locale/text.ts';
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
      return { icon: 'clock', parts: [{ text: [t('Waiting'), sound(job)].join('') }] };
    case 'needs-model':
      return { icon: 'clock', parts: [{ text: [t('Waiting for the model'), sound(job)].join('') }] };
    case 'opening':
      return { icon: 'clock', parts: [{ text: t('Opening the file') }] };
    case 'loading-model':
      return {
        icon: 'clock',
        parts: [
          {
            text:
              loadedShare === null
                ? t('Loading the model')
                : t('Loading the model, {share}', { share: percent(loadedShare) }),
          },
        ],
      };
    case 'transcribing':
      return { icon: 'wave', parts: running(job) };
    case 'done':
      return { icon: job.notice === null || job.cues.length > 0 ? 'check' : 'warn', parts: [{ text: done(job) }] };
    case 'cancelled':
      return job.trial === 'heard'
        ? {
            icon: 'news',
            parts: [{ text: t('Heard up to {time}.', { time: clock(job.progress.doneSeconds, lengthOf(job) ?? 0) }) }],
          }
        : { icon: 'stop', parts: [{ text: stopped(job) }] };
    case 'failed': {
      const words = faultOf(job);
      return { icon: 'warn', parts: [{ text: words === null ? '' : `${words.sentence} ${words.next}` }] };
    }
  }
}

/** Why it stopped, in words; null: it did not. */
export function faultOf(job: Job): FaultWords | null {
  if (job.fault === null) return null;
  const keptUntil = job.windows.length > 0 ? clock(job.progress.doneSeconds, lengthOf(job) ?? 0) : null;
  return faultWords(job.fault.name, { keptUntil, fileName: job.name, detail: job.fault.detail });
}

function elsewhere(job: Job): string {
  return job.phase === 'done'
    ? t('Open in another tab. It can be read here; to change it here, close that tab.')
    : t('Open in another tab, where it goes on. To go on here, close that tab.');
}

function sound(job: Job): string {
  const length = lengthOf(job);
  if (job.facts === null && length === null) return '';
  const kept =
    job.windows.length > 0
      ? `. ${t('Goes on from {time}', { time: clock(job.progress.doneSeconds, length ?? 0) })}`
      : '';
  const parts = [length === null ? null : duration(length), job.facts?.video ? t('video') : null].filter(Boolean);
  return kept !== '' ? kept : parts.length > 0 ? `. ${parts.join(', ')}` : '';
}

function running(job: Job): { text: string; strong?: boolean }[] {
  const { doneSeconds, speed: times, secondsLeft } = job.progress;
  const share = shareDone(job);
  const where = job.load?.backend === 'cpu' ? t(' on the CPU') : '';
  if (times <= 0) return [{ text: t('Listening{where} for the first words', { where }) }];
  const left =
    secondsLeft === null
      ? []
      : [{ text: ', ' }, { text: t('{time} left', { time: duration(secondsLeft) }), strong: true }];
  const far = share === null ? t('{time} heard', { time: duration(doneSeconds) }) : percent(share);
  return [{ text: far, strong: true }, { text: t('{where} at {speed}', { where, speed: speed(times) }) }, ...left];
}

function done(job: Job): string {
  const length = lengthOf(job);
  const facts = [
    length === null ? null : duration(length),
    job.cues.length === 0 || job.language === null ? null : languageName(job.language),
  ].filter(Boolean);
  const head =
    job.saved || job.report === null ? t('Saved') : t('Done in {time}', { time: duration(job.report.wallMs / 1000) });
  return facts.length === 0 ? head : `${head}. ${facts.join(', ')}`;
}

function stopped(job: Job): string {
  if (job.windows.length === 0) return t('Stopped. Nothing was transcribed yet.');
  return t('Stopped at {time}. The words up to there are kept.', {
    time: clock(job.progress.doneSeconds, lengthOf(job) ?? 0),
  });
}
