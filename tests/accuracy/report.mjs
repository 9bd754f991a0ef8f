/** What `npm run accuracy` prints, from what was heard: a line for each file, the sums, and both short for the README. */
import { spokenWords, cueStartErrors, percentile, score, sum } from './score.mjs';
import { isUnspaced } from './normalize.mjs';

/**
 * `truth` is null where nobody wrote down what is said; `segments` are the known times. Seconds, except `wallMs`.
 * @typedef {{ file: string, language: string, seconds: number, wallMs: number, encoderPasses: number,
 *   cues: { start: number, end: number, text: string, words?: { start: number, end: number, text: string }[],
 *   doubt?: string }[], kind: 'speech' | 'nonspeech', truth: string | null,
 *   segments?: { start: number, end: number, text: string }[] }} Heard
 * What a peer heard, by file, as in `files` of speech/reference-base.json.
 * @typedef {Record<string, { text: string, wer: number }>} Peer
 * `more` is how many words more than the peer we have wrong; `letters` are the scores with the characters of languages
 * without spaces as words.
 * @typedef {{ heard: Heard, doubts: number, score: Score | null, peer: Score | null, peerWer: number | null,
 *   more: number | null, letters: { score: Score, peer: Score | null } | null }} Row
 * @typedef {import('./score.mjs').Score} Score
 * Our score over every file with a truth, and both sides' over those that the peer heard too.
 * @typedef {{ name: string, files: number, seconds: number, wallMs: number, doubts: number, score: Score,
 *   shared: Score, peer: Score | null }} Total
 */

const textOf = (/** @type {Heard} */ heard) => heard.cues.map(({ text }) => text).join(' ');

/** @returns {Row} */
function rowOf(/** @type {Heard} */ heard, /** @type {Peer} */ reference) {
  const { truth, language } = heard;
  const theirs = reference[heard.file] ?? null;
  const against = (/** @type {string | undefined} */ text, letters = false) =>
    truth === null || text === undefined ? null : score(truth, text, language, { letters });
  const ours = against(textOf(heard));
  const peer = against(theirs?.text);
  const split = isUnspaced(language) ? against(textOf(heard), true) : ours;
  return {
    heard,
    doubts: heard.cues.filter(({ doubt }) => doubt).length,
    score: ours,
    peer,
    peerWer: theirs?.wer ?? null,
    more: ours && peer ? ours.errors - peer.errors : null,
    letters: split && { score: split, peer: isUnspaced(language) ? against(theirs?.text, true) : peer },
  };
}

/** Our own recordings under one name each; all others are the short recordings. */
const groupOf = (/** @type {string} */ file) => /^(derived|media-cases)\//.exec(file)?.[1] ?? 'recordings';

/** @returns {Total} */
function totalOf(/** @type {string} */ name, /** @type {Row[]} */ rows, letters = false) {
  const scores = rows.flatMap((row) => (letters ? row.letters : row.score && row) ?? []);
  const both = scores.filter(({ peer }) => peer);
  const add = (/** @type {(row: Row) => number} */ of) => rows.reduce((all, row) => all + of(row), 0);
  return {
    name,
    files: scores.length,
    seconds: add((row) => row.heard.seconds),
    wallMs: add((row) => row.heard.wallMs),
    doubts: add((row) => row.doubts),
    score: sum(scores.map((one) => /** @type {Score} */ (one.score))),
    shared: sum(both.map((one) => /** @type {Score} */ (one.score))),
    peer: both.length > 0 ? sum(both.map((one) => /** @type {Score} */ (one.peer))) : null,
  };
}

/**
 * Everything that is printed, as numbers.
 * @param {Heard[]} results
 * @param {Peer} [reference] empty where there is none
 */
export function evaluate(results, reference = {}) {
  const rows = results.map((heard) => rowOf(heard, reference));
  const speech = rows.filter(({ heard }) => heard.kind === 'speech');
  const names = [...new Set(speech.map(({ heard }) => groupOf(heard.file)))];
  const groups = names.map((name) =>
    totalOf(
      name,
      speech.filter(({ heard }) => groupOf(heard.file) === name),
    ),
  );
  const unspaced = speech.some(({ heard }) => heard.truth !== null && isUnspaced(heard.language));
  const silent = results.filter(({ kind }) => kind === 'nonspeech');
  const timed = results.filter(({ segments }) => segments?.length);
  const errors = timed.flatMap(({ cues, segments, language }) => cueStartErrors(cues, segments ?? [], language));
  errors.sort((a, b) => a - b);
  const seconds = speech.reduce((all, { heard }) => all + heard.seconds, 0);
  return {
    rows,
    totals: [
      ...groups,
      ...(groups.length > 1 ? [totalOf('all', speech)] : []),
      ...(unspaced ? [totalOf('all, characters as words where there are no spaces', speech, true)] : []),
    ],
    invented: silent.filter((heard) => spokenWords(textOf(heard), heard.language).length > 0).map(({ file }) => file),
    nonspeech: silent.length,
    cueStarts: {
      segments: timed.reduce((all, { segments }) => all + (segments?.length ?? 0), 0),
      heard: errors.length,
      median: percentile(errors, 50),
      ninetieth: percentile(errors, 90),
    },
    passesPerMinute: speech.reduce((all, { heard }) => all + heard.encoderPasses, 0) / (seconds / 60),
  };
}
/** @typedef {ReturnType<typeof evaluate>} Evaluation */

const NONE = '–';
const percent = (/** @type {number | null | undefined} */ of) =>
  of === null || of === undefined ? NONE : Number.isFinite(of) ? `${(100 * of).toFixed(1)} %` : 'all wrong';
const count = (/** @type {number | null | undefined} */ of) => (of === null || of === undefined ? NONE : String(of));
const signed = (/** @type {number | null} */ of) => (of === null ? NONE : of > 0 ? `+${of}` : String(of));
const factor = (/** @type {number} */ wallMs, /** @type {number} */ seconds) => (wallMs / 1000 / seconds).toFixed(3);

const HEADS = 'seconds|words|WER|lost|longest|CER|time/sound|doubts|peer WER|words more'.split('|');

/** The cells of a file. */
function cellsOf(/** @type {Row} */ { heard, score: ours, doubts, peerWer, more }) {
  return [
    heard.seconds.toFixed(1),
    ...[count(ours?.words), percent(ours?.wer), count(ours?.deletions), count(ours?.longestLostRun)],
    ...[percent(ours?.cer), factor(heard.wallMs, heard.seconds), String(doubts), percent(peerWer), signed(more)],
  ];
}
/** The cells of a sum: the peer's over the files that it heard. */
function sumCellsOf(/** @type {Total} */ total) {
  const { score: ours, shared, peer } = total;
  return [
    total.seconds.toFixed(1),
    ...[count(ours.words), percent(ours.wer), count(ours.deletions), count(ours.longestLostRun), percent(ours.cer)],
    ...[factor(total.wallMs, total.seconds), String(total.doubts), percent(peer?.wer)],
    signed(peer && shared.errors - peer.errors),
  ];
}

/** What is no table. */
function sentencesOf(/** @type {Evaluation} */ { invented, nonspeech, cueStarts, passesPerMinute, totals }) {
  const lines = [];
  if (totals.length > 0) lines.push(`Encoder passes per minute of speech: ${passesPerMinute.toFixed(2)}.`);
  if (nonspeech > 0) {
    const which = invented.length > 0 ? ` (${invented.join(', ')})` : '';
    lines.push(`Recordings without speech that were given words: ${invented.length} of ${nonspeech}${which}.`);
  }
  if (cueStarts.heard > 0)
    lines.push(
      `Cues begin ${cueStarts.median.toFixed(2)} s off in the median and ${cueStarts.ninetieth.toFixed(2)} s at the 90th ` +
        `percentile, over ${cueStarts.heard} of ${cueStarts.segments} known sentences.`,
    );
  return lines;
}

/**
 * The whole report as text of fixed width.
 * @param {Evaluation} evaluation
 * @returns {string}
 */
export function reportOf(evaluation) {
  const names = [...evaluation.rows.map(({ heard }) => heard.file), ...evaluation.totals.map(({ name }) => name)];
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const line = (/** @type {string} */ name, /** @type {string[]} */ cells) =>
    name.padEnd(width) + cells.map((cell, i) => cell.padStart(Math.max(HEADS[i].length, 7) + 2)).join('');
  return [
    line('file', HEADS),
    ...evaluation.rows.map((row) => line(row.heard.file, cellsOf(row))),
    '',
    ...evaluation.totals.map((total) => line(total.name, sumCellsOf(total))),
    '',
    ...sentencesOf(evaluation),
  ].join('\n');
}

/**
 * The sums in Markdown, for the README.
 * @param {Evaluation} evaluation
 * @param {{ peer?: string }} [options] the peer's name
 * @returns {string}
 */
export function markdownOf(evaluation, { peer = 'peer' } = {}) {
  const heads = ['', 'seconds', 'words', 'WER', 'words lost', 'longest run lost', 'CER', 'time / sound', 'doubt marks'];
  const row = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const lists = sentencesOf(evaluation).map((sentence) => `- ${sentence}`);
  return [
    row([...heads, `WER of ${peer}`, 'words more wrong']),
    row(['---', ...HEADS.map(() => '---:')]),
    ...evaluation.totals.map((total) => row([total.name, ...sumCellsOf(total)])),
    '',
    ...lists,
  ].join('\n');
}
