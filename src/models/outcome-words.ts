/** How an import, a check, a download and the like ended, in words. Pure. */
import { t } from '../locale/text.ts';
import { ABORTED, type FaultName, type ImportReport, type ModelState } from '../../workers/protocol.ts';
import { size } from '../clock.ts';
import { faultWords } from '../fault-words.ts';
import type { Outcome, OutcomeTelling } from './outcome.ts';

/** How many paths are listed at most. */
const MOST_PATHS = 20;

/** @param damaged paths that were damaged and came again */
export function verifiedWords(name: string, damaged: readonly string[]): Outcome {
  if (damaged.length === 0) {
    return outcome('ok', t('All right: every byte of {name} was read again and is the right one.', { name }));
  }
  return outcome(
    'ok',
    t(
      '{n} file of {name} was damaged and fetched again. All right now.|{n} files of {name} were damaged and fetched again. All right now.',
      { n: damaged.length, name },
    ),
    '',
    [...damaged],
  );
}

/** @param models as they are after the import */
export function importWords(report: ImportReport, models: readonly ModelState[]): Outcome {
  const { stored, damaged, unknown, refused } = report;
  const sentences: string[] = [];
  const steps: string[] = [];

  const ids = [...new Set(stored.map(({ modelId }) => modelId))];
  for (const id of ids) {
    const model = models.find((one) => one.id === id);
    const name = model?.name ?? id;
    if (model?.ready === true) {
      sentences.push(t('{name} is here: checked and ready.', { name }));
      continue;
    }
    const kept = new Set(stored.filter(({ modelId }) => modelId === id).map(({ path }) => path));
    const missing =
      model === undefined ? '' : t(', {size} are missing', { size: size(model.totalBytes - model.storedBytes) });
    sentences.push(
      t('{n} file of {name} is kept{missing}.|{n} files of {name} are kept{missing}.', { n: kept.size, name, missing }),
    );
    steps.push(t('Import the rest of {name}, or download it: only what is missing is fetched.', { name }));
  }
  if (damaged.length > 0) {
    sentences.push(t('{n} file is damaged and not kept.|{n} files are damaged and not kept.', { n: damaged.length }));
    steps.push(t('Copy what is damaged again from where it came, then import it.'));
  }
  if (refused.length === 1)
    sentences.push(t('{path} was refused: {why}', { path: refused[0].path, why: lowered(refused[0].why) }));
  else if (refused.length > 1)
    sentences.push(t('{n} file was refused.|{n} files were refused.', { n: refused.length }));
  if (ids.length === 0 && damaged.length === 0 && refused.length === 0) {
    sentences.push(t('No model that Earshot knows was in that.'));
  }
  if (ids.length === 0 && damaged.length === 0) {
    steps.push(
      t('Choose the folder of a model, or a zip that Earshot exported. Recordings in a zip have to be unpacked first.'),
    );
  }
  if (unknown.length > 0 && (ids.length > 0 || damaged.length > 0)) {
    sentences.push(
      t('{n} file belongs to no model Earshot knows.|{n} files belong to no model Earshot knows.', {
        n: unknown.length,
      }),
    );
  }

  const bad = damaged.length > 0 || refused.length > 0;
  const whole = ids.length > 0 && ids.every((id) => models.find((one) => one.id === id)?.ready === true);
  const kind = bad ? 'fault' : whole ? 'ok' : 'news';
  return outcome(kind, sentences.join(' '), steps.join(' '), [
    ...some(t('Damaged'), damaged),
    ...(refused.length > 1
      ? some(
          t('Refused'),
          refused.map(({ path, why }) => `${path}: ${why}`),
        )
      : []),
    ...some(t('Not known'), unknown),
  ]);
}

function some(heading: string, paths: readonly string[]): string[] {
  const rest = paths.length - MOST_PATHS;
  return [
    ...paths.slice(0, MOST_PATHS).map((path) => `${heading}: ${path}`),
    ...(rest > 0 ? [t('{heading}: {rest} more', { heading, rest })] : []),
  ];
}

/** As it stands after a colon. */
function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

export type StoreVerb = 'download' | 'verify' | 'import' | 'export' | 'delete' | 'add' | 'mirror';

/**
 * Why the store could not do what a person asked for; null: the person stopped it.
 * @param room bytes that were needed and bytes the browser has, where they are known
 */
export function failedWords(
  verb: StoreVerb,
  name: string,
  thrown: { name: FaultName | typeof ABORTED; detail: string },
  room: { needBytes?: number; freeBytes?: number } = {},
): Outcome | null {
  const { name: fault, detail } = thrown;
  if (fault === ABORTED) return null;
  const details = detail === '' ? [] : [detail];
  // The store has said in words why this model or this address will not do.
  const inWords =
    fault === 'HostNotAllowed' ||
    (verb === 'add' && fault === 'EngineFailed') ||
    (verb === 'mirror' && fault === 'DownloadFailed');
  if (inWords && detail !== '') return outcome('fault', detail);
  if (verb === 'verify' && fault !== 'EngineFailed') {
    return outcome(
      'fault',
      t('Part of {name} was damaged and thrown away, and could not be fetched again.', { name }),
      t('Check the network, then download the rest.'),
      details,
    );
  }
  if (verb === 'export' && fault === 'ModelDamaged') {
    return outcome(
      'fault',
      t('{name} is damaged on this device, so it was not saved.', { name }),
      t('Verify it, then export it again.'),
      details,
    );
  }
  const { sentence, next } = faultWords(fault, room);
  if (verb === 'import' && fault === 'StorageFull') {
    return outcome(
      'fault',
      sentence,
      t('Free some space, then import it again: what was kept is not read twice.'),
      details,
    );
  }
  if (verb !== 'download' && fault === 'EngineFailed') {
    return outcome('fault', t('The model store could not do that.'), t('Reload the page and try again.'), details);
  }
  return outcome('fault', sentence, next, details);
}

/** As `failedWords`, said anew each time; null: the person stopped it. */
export function failedTelling(...of: Parameters<typeof failedWords>): OutcomeTelling | null {
  const first = failedWords(...of);
  return first && (() => failedWords(...of) ?? first);
}

function outcome(kind: Outcome['kind'], sentence: string, more = '', details: readonly string[] = []): Outcome {
  return { kind, sentence, more, details };
}
