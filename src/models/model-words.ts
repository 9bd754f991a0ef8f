/** What is said of models: where they are, how they came, what became of an import or a check. Pure. */
import { ABORTED, type FaultName, type ImportReport, type ModelState } from '../../workers/protocol.ts';
import { count, size } from '../clock.ts';
import { faultWords } from '../faults.ts';

/** How something ended: one sentence, what to do, and under "Details" what only some want to read. */
export type Told = { kind: 'ok' | 'news' | 'fault'; sentence: string; more: string; details: readonly string[] };

/** Paths a person can still take in at once. */
const MOST_PATHS = 20;

/** "206 MB", "118 MB of 209 MB are here", "5.5 MB, comes with the page". */
export function sizeWords(model: ModelState): string {
  if (model.ready) return `${size(model.totalBytes)} on this device`;
  const here = hereBytes(model);
  if (here > 0) return `${size(here)} of ${size(model.totalBytes)} here`;
  return model.source === 'bundled'
    ? `${size(model.totalBytes)}, comes with the page`
    : `${size(model.totalBytes)} to download`;
}

/** Verified and unfinished bytes. */
export function hereBytes(model: ModelState): number {
  return model.storedBytes + (model.partialBytes ?? 0);
}

/** Begun and not whole: a download goes on from there. */
export function isUnfinished(model: ModelState): boolean {
  return !model.ready && hereBytes(model) > 0;
}

export function trustWords({ trust }: ModelState): string {
  return trust === 'pinned' ? 'Checked against a pinned SHA-256' : 'Not verified by Earshot';
}

/** @param locale of the date; the browser's own without it */
export function checkedWords({ checkedAt, ready }: ModelState, locale?: string): string {
  if (!ready) return '';
  if (checkedAt === null) return 'not read again since it came';
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(checkedAt);
  return `last read and checked ${date}`;
}

export function placeWords({ backends }: ModelState): string {
  if (!backends.includes('gpu')) return 'CPU only';
  return backends.includes('cpu') ? 'GPU or CPU' : 'GPU only';
}

/** @param damaged paths that were damaged and came again */
export function verifiedWords(name: string, damaged: readonly string[]): Told {
  if (damaged.length === 0) {
    return told('ok', `All right: every byte of ${name} was read again and is the right one.`);
  }
  const were = damaged.length === 1 ? 'was' : 'were';
  return told(
    'ok',
    `${count(damaged.length, 'file')} of ${name} ${were} damaged and fetched again. All right now.`,
    '',
    [...damaged],
  );
}

/** @param models as they are after the import */
export function importWords(report: ImportReport, models: readonly ModelState[]): Told {
  const { stored, damaged, unknown, refused } = report;
  const sentences: string[] = [];
  const steps: string[] = [];
  const files = (paths: readonly string[]) => count(paths.length, 'file');

  const ids = [...new Set(stored.map(({ modelId }) => modelId))];
  for (const id of ids) {
    const model = models.find((one) => one.id === id);
    const name = model?.name ?? id;
    if (model?.ready === true) {
      sentences.push(`${name} is here: checked and ready.`);
      continue;
    }
    const kept = new Set(stored.filter(({ modelId }) => modelId === id).map(({ path }) => path));
    const missing = model === undefined ? '' : `, ${size(model.totalBytes - model.storedBytes)} are missing`;
    sentences.push(`${count(kept.size, 'file')} of ${name} ${kept.size === 1 ? 'is' : 'are'} kept${missing}.`);
    steps.push(`Import the rest of ${name}, or download it: only what is missing is fetched.`);
  }
  if (damaged.length > 0) {
    sentences.push(`${files(damaged)} ${damaged.length === 1 ? 'is' : 'are'} damaged and not kept.`);
    steps.push('Copy what is damaged again from where it came, then import it.');
  }
  if (refused.length === 1) sentences.push(`${refused[0].path} was refused: ${lowered(refused[0].why)}`);
  else if (refused.length > 1) sentences.push(`${count(refused.length, 'file')} were refused.`);
  if (ids.length === 0 && damaged.length === 0 && refused.length === 0) {
    sentences.push('No model that Earshot knows was in that.');
  }
  if (ids.length === 0 && damaged.length === 0) {
    steps.push(
      'Choose the folder of a model, or a zip that Earshot exported. Recordings in a zip have to be unpacked first.',
    );
  }
  if (unknown.length > 0 && (ids.length > 0 || damaged.length > 0)) {
    sentences.push(`${files(unknown)} ${unknown.length === 1 ? 'belongs' : 'belong'} to no model Earshot knows.`);
  }

  const bad = damaged.length > 0 || refused.length > 0;
  const whole = ids.length > 0 && ids.every((id) => models.find((one) => one.id === id)?.ready === true);
  const kind = bad ? 'fault' : whole ? 'ok' : 'news';
  return told(kind, sentences.join(' '), steps.join(' '), [
    ...some('Damaged', damaged),
    ...(refused.length > 1
      ? some(
          'Refused',
          refused.map(({ path, why }) => `${path}: ${why}`),
        )
      : []),
    ...some('Not known', unknown),
  ]);
}

function some(heading: string, paths: readonly string[]): string[] {
  const rest = paths.length - MOST_PATHS;
  return [
    ...paths.slice(0, MOST_PATHS).map((path) => `${heading}: ${path}`),
    ...(rest > 0 ? [`${heading}: ${rest} more`] : []),
  ];
}

/** After a colon. */
function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

export type StoreVerb = 'download' | 'verify' | 'import' | 'export' | 'delete' | 'add' | 'mirror';

/**
 * Why a wish to the store was not fulfilled; null: the person stopped it.
 * @param room bytes that were needed and bytes the browser has, where they are known
 */
export function failedWords(
  verb: StoreVerb,
  name: string,
  thrown: { name: FaultName | typeof ABORTED; detail: string },
  room: { needBytes?: number; freeBytes?: number } = {},
): Told | null {
  const { name: fault, detail } = thrown;
  if (fault === ABORTED) return null;
  const details = detail === '' ? [] : [detail];
  // The store has said in words why this model or this address will not do.
  const inWords = (verb === 'add' && fault === 'EngineFailed') || (verb === 'mirror' && fault === 'DownloadFailed');
  if (inWords && detail !== '') return told('fault', detail);
  if (verb === 'verify' && fault !== 'EngineFailed') {
    return told(
      'fault',
      `Part of ${name} was damaged and thrown away, and could not be fetched again.`,
      'Check the network, then download the rest.',
      details,
    );
  }
  if (verb === 'export' && fault === 'ModelDamaged') {
    return told(
      'fault',
      `${name} is damaged on this device, so it was not saved.`,
      'Verify it, then export it again.',
      details,
    );
  }
  const { sentence, next } = faultWords(fault, room);
  if (verb === 'import' && fault === 'StorageFull') {
    return told('fault', sentence, 'Free some space, then import it again: what was kept is not read twice.', details);
  }
  if (verb !== 'download' && fault === 'EngineFailed') {
    return told('fault', 'The model store could not do that.', 'Reload the page and try again.', details);
  }
  return told('fault', sentence, next, details);
}

function told(kind: Told['kind'], sentence: string, more = '', details: readonly string[] = []): Told {
  return { kind, sentence, more, details };
}
