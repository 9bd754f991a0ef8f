/** Exports of a talk whose speakers have names that mean something to a format. */
import { parse as parseSubtitles } from '@plussub/srt-vtt-parser';
import { DOMParser } from '@xmldom/xmldom';
import { parse as parseCsv } from 'csv-parse/sync';
import { strFromU8, unzipSync } from 'fflate';
import { parseText, tokenizeVTTCue } from 'media-captions';
import { expect, test } from 'playwright/test';
import { DEFAULT_OPTIONS, type ExportOptions } from '../../src/export/exported.ts';
import type { FormatId } from '../../src/export/formats.ts';
import { rttm } from '../../src/export/rttm.ts';
import { written } from '../../src/export/write.ts';
import { overlapsOf } from '../../src/speakers/overlaps.ts';
import { exportedJob } from './exported-job.ts';

/** As they are typed, and as one line without what no text file can hold. */
const NAMES: readonly [typed: string, shown: string][] = [
  ['Dr. Who: the first', 'Dr. Who: the first'],
  ['a --> b <i>', 'a --> b <i>'],
  ['"Ada", the & \'first\'', '"Ada", the & \'first\''],
  ['غسان', 'غسان'],
  ['👩‍🚀 Eve', '👩‍🚀 Eve'],
  ['two\nlines\u0085and\u0007 three\ud800', 'two lines and three'],
];
const speakers = NAMES.map(([name], index) => ({ id: `${index + 1}`, name }));
/** Each says two cues, one after the other. */
const job = exportedJob(
  NAMES.flatMap((_, index) =>
    [0, 1].map((at) => ({
      ...{ start: 6 * index + 2 * at, end: 6 * index + 2 * at + 1.5, text: `said ${index} ${at}` },
      speaker: `${index + 1}`,
    })),
  ),
  { speakers, language: 'en' },
);

async function text(format: FormatId, options: Partial<ExportOptions> = {}): Promise<string> {
  const content = await written(format, job, { ...DEFAULT_OPTIONS, ...options });
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}
const shownNames = NAMES.map(([, shown]) => shown);
const each = shownNames.flatMap((name) => [name, name]);

test('SubRip names a speaker where that changes, and no name is a mark', async () => {
  const read = parseSubtitles(await text('srt')).entries.map((entry) => entry.text.trimEnd());
  expect(read).toHaveLength(12);
  const wide = shownNames.map((name) => name.replace('-->', '→').normalize('NFKC'));
  expect(read.map((one) => one.normalize('NFKC'))).toEqual(
    wide.flatMap((name, index) => [`${name}: said ${index} 0`, `said ${index} 1`]),
  );
});

test('WebVTT has a voice for each cue, of which a reader shows the name', async () => {
  const { cues, errors } = await parseText(await text('vtt'), { type: 'vtt', errors: true, strict: true });
  expect(errors).toEqual([]);
  const tags = cues.map((cue) => tokenizeVTTCue(cue)[0] as { type: string; voice?: string });
  expect(tags.map(({ type }) => type)).toEqual(each.map(() => 'v'));
  const file = await text('vtt');
  const voices = [...file.matchAll(/^<v ([^>\n]*)>said/gm)].map(([, name]) =>
    name.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  );
  expect(voices).toEqual(each);
});

test('tables, JSON and RTTM have the names in a cell, a string and a field', async () => {
  const rows = parseCsv(await text('csv'), { bom: true });
  expect(rows.slice(1).map((row) => row[2])).toEqual(each);
  const x = JSON.parse(await text('whisperx')) as { segments: { speaker: string }[] };
  expect(x.segments.map(({ speaker }) => speaker)).toEqual(each);
  const ours = JSON.parse(await text('json')) as { speakers: { name: string }[]; cues: { speaker: string }[] };
  expect(ours.speakers.map(({ name }) => name)).toEqual(shownNames);
  expect(ours.cues.map(({ speaker }) => speakers.findIndex(({ id }) => id === speaker))).toEqual(
    each.map((name) => shownNames.indexOf(name)),
  );
  const lines = (await text('rttm')).trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ').length)).toEqual(each.map(() => 10));
  expect(lines.map((line) => line.split(' ')[7])).toEqual(each.map((name) => name.replaceAll(' ', '_')));
});

test('what is read has each name once, where its speaker begins', async () => {
  const plain = (await text('txt')).trimEnd().split('\n\n');
  expect(plain).toEqual(shownNames.map((name, index) => `${name}: said ${index} 0 said ${index} 1`));
  const marked = (await text('md')).trimEnd().split('\n\n').slice(1);
  expect(marked.map((block) => block.replace(/\\(.)/g, '$1'))).toEqual(
    shownNames.map((name, index) => `**${name}:** said ${index} 0 said ${index} 1`),
  );
  const timed = new DOMParser().parseFromString(await text('ttml'), 'text/xml');
  expect([...timed.getElementsByTagName('ttm:name')].map(({ textContent }) => textContent)).toEqual(shownNames);
  const project = await written('qdpx', job, DEFAULT_OPTIONS);
  const files = unzipSync(project as Uint8Array);
  const script = strFromU8(files[Object.keys(files).find((name) => name.endsWith('.txt'))!]);
  expect(script.trimEnd().split('\n')).toEqual(
    shownNames.flatMap((name, index) => [`${name}: said ${index} 0`, `said ${index} 1`]),
  );
});

test('RTTM: who speaks in the meantime has turns where two were heard at once', () => {
  const cue = { text: 'a', words: [] };
  const cues = [
    { ...cue, start: 0, end: 6, speaker: '1', alsoSpeaking: ['2'] },
    { ...cue, start: 6.1, end: 9, speaker: '2' },
    { ...cue, start: 20, end: 22, speaker: '2', alsoSpeaking: ['1'] },
  ];
  const heard = overlapsOf([
    { start: 0, end: 6, speaker: '1' },
    { start: 2, end: 3, speaker: '2' },
    { start: 5, end: 9, speaker: '2' },
    { start: 8, end: 8.5, speaker: '1' },
  ]);
  expect(heard).toEqual([
    { start: 2, end: 3 },
    { start: 5, end: 6 },
    { start: 8, end: 8.5 },
  ]);
  const turns = (overlaps: typeof heard | null) =>
    rttm(cues, 'tape', undefined, overlaps)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([, , , start, length, , , who]) => `${who} ${start} ${length}`);
  // The third cue was given a second speaker by hand: nothing says where in it.
  expect(turns(heard)).toEqual([
    ...['1 0.000 6.000', '2 2.000 1.000', '2 5.000 1.000', '2 6.100 2.900'],
    ...['2 20.000 2.000', '1 20.000 2.000'],
  ]);
  expect(turns(null)).toEqual([
    ...['1 0.000 6.000', '2 0.000 6.000', '2 6.100 2.900'],
    ...['2 20.000 2.000', '1 20.000 2.000'],
  ]);
});
