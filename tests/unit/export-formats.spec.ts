/**
 * The formats, each read back by a reader that is not ours, with text that means something to the format: every character
 * is there, and none is obeyed.
 */
import { parse as parseSubtitles } from '@plussub/srt-vtt-parser';
import { DOMParser, type Document, type Element } from '@xmldom/xmldom';
import { parse as parseCsv } from 'csv-parse/sync';
import { strFromU8, unzipSync } from 'fflate';
import mammoth from 'mammoth';
import { parseText, tokenizeVTTCue } from 'media-captions';
import { expect, test } from 'playwright/test';
import { DEFAULT_OPTIONS, type ExportedJob, type ExportOptions } from '../../src/export/exported.ts';
import { formatsFor, type FormatId } from '../../src/export/formats.ts';
import { qdaEntries } from '../../src/export/qdpx.ts';
import { docxRequest } from '../../src/export/docx-request.ts';
import { paragraphsOf } from '../../src/export/paragraphs.ts';
import { atOnce } from '../../src/slices.ts';
import { exportedFile, exportedZip, written } from '../../src/export/write.ts';
import { uniqueNames } from '../../src/export/zip.ts';
import { PRESETS } from '../../src/shaper/limits.ts';
import { columnsOf } from '../../src/shaper/columns.ts';
import type { EditableCue } from '../../src/queue/job.ts';
import { docx } from '../../workers/docx/docx.ts';

/** Text that one format or another would take for something else. */
const TEXTS = [
  'Tom & Jerry <b>bold</b> a < b > c &amp; &lt;done&gt;',
  '{\\an8}top {y:i} {no tag} C:\\New',
  'a --> b and 00:00:09,000 --> 00:00:10,000',
  '=HYPERLINK("http://x","y") "quoted", with a comma',
  '-1+1; @SUM(A1)',
  '# no heading *no emphasis* _nor here_ [no](link) `nor` | this > that',
  '1. no list',
  '[00:12.00] <00:13.00> [ar: nobody]',
  'שלום, מה שלומך?',
  'مرحبا بالعالم، كيف حالك؟',
  '你好，世界。',
  '👩‍👩‍👧 🇪🇺 𝄞 e\u0301 \u0000\u0008control',
];
/** As every format holds them: without what no file can. */
const SHOWN = TEXTS.map((text) => text.replace(/[\u0000\u0008]/g, ''));

const SPEAKERS = [
  { id: 's1', name: 'Anna <A> & "B"' },
  { id: 's2', name: 'غسان' },
];

function jobOf(texts: readonly string[], over: Partial<ExportedJob> = {}): ExportedJob {
  return {
    ...{ name: 'Größe & <tape> 2.wav', size: 9, facts: null, language: 'en', languageProbability: 0.9, load: null },
    ...{ seams: [], report: null, speakers: SPEAKERS },
    cues: texts.map((text, index): EditableCue => ({
      ...{ id: `0-${index}`, start: index * 5, end: index * 5 + 4.5, text, edited: false, language: 'en' },
      speaker: `s${(index % 2) + 1}`,
      words: text.split(/\s+/).map((word, at, all) => ({
        text: word,
        start: index * 5 + (4 * at) / all.length,
        end: index * 5 + (4 * (at + 1)) / all.length,
        probability: 0.5,
      })),
    })),
    ...over,
  };
}

async function text(format: FormatId, options: Partial<ExportOptions> = {}, job = jobOf(TEXTS)): Promise<string> {
  const content = await written(format, job, { ...DEFAULT_OPTIONS, ...options });
  if (typeof content !== 'string') throw new Error(`${format} is no text`);
  return content;
}
async function bytes(format: FormatId, options: Partial<ExportOptions> = {}, job = jobOf(TEXTS)): Promise<Uint8Array> {
  const content = await written(format, job, { ...DEFAULT_OPTIONS, ...options });
  if (typeof content === 'string') throw new Error(`${format} is text`);
  return content;
}
const limits = PRESETS[0].limits;
const bare = (said: string) => said.replace(/\s+/gu, '');

test('SubRip in two readers: every character is there, none is a mark', async () => {
  const file = await text('srt', { speakers: false });
  const wide = SHOWN.map((one) => one.replaceAll('-->', '→').normalize('NFKC'));
  const read = parseSubtitles(file).entries.map((entry) => entry.text.trimEnd());
  expect(read.map((one) => one.normalize('NFKC'))).toEqual(wide);
  const { cues, errors } = await parseText(file, { type: 'srt', errors: true });
  expect(errors).toEqual([]);
  // This reader takes SubRip for WebVTT: what is left of a text after its tags is what a player shows.
  const shown = cues.map((cue) => plainOf(tokenizeVTTCue(cue)));
  expect(shown.map((one) => one.normalize('NFKC'))).toEqual(wide);
  for (const mark of [/</, /[{}]/, /\\[Nnh]/, /&\w+;/]) expect(read.join('\n')).not.toMatch(mark);
});

type Token = ReturnType<typeof tokenizeVTTCue>[number];
function plainOf(tokens: readonly Token[]): string {
  return tokens.map((token) => ('children' in token ? plainOf(token.children) : token.data)).join('');
}

test('WebVTT in two readers, with speakers and the time of each word', async () => {
  const file = await text('vtt', { wordTimes: true });
  const { cues, errors } = await parseText(file, { type: 'vtt', errors: true, strict: true });
  expect(errors).toEqual([]);
  // A word joiner keeps FFmpeg from taking a backslash for a mark; nobody sees it.
  expect(cues.map((cue) => plainOf(tokenizeVTTCue(cue)).replaceAll('\u2060', ''))).toEqual(SHOWN);
  const voices = cues.map((cue) => tokenizeVTTCue(cue)[0]);
  expect(voices.map((token) => token.type)).toEqual(SHOWN.map(() => 'v'));
  expect(file).toContain('<v Anna &lt;A&gt; &amp; "B">');
  const stamps = [...file.matchAll(/<(\d\d):(\d\d):(\d\d\.\d{3})>/g)].map(([, h, m, s]) => +h * 3600 + +m * 60 + +s);
  expect(stamps.length).toBeGreaterThan(30);
  expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
  expect(new Set(stamps).size).toBe(stamps.length);
  const plain = await text('vtt', { speakers: false });
  expect(parseSubtitles(plain).entries.map(({ from, to }) => [from, to])).toEqual(
    TEXTS.map((_, index) => [index * 5000, index * 5000 + 4500]),
  );
});

test('shaped subtitles hold the same words in every format, in lines that fit', async () => {
  const said =
    'And so, my fellow Americans: ask not what your country can do for you, ask what you can do for your country.';
  const job = jobOf([said, said, said]);
  for (const format of ['srt', 'vtt', 'ttml', 'lrc'] as const) {
    const raw = await text(format, { speakers: false }, job);
    const shaped = await text(format, { limits, speakers: false }, job);
    expect(shaped, format).not.toBe(raw);
    expect(bare(shaped.replace(/<[^>]*>|\[[^\]]*\]|^[\d:.,\s>-]*$/gm, '')), format).toContain(bare(said));
  }
  const lines = parseSubtitles(await text('srt', { limits }, job)).entries.flatMap((entry) => entry.text.split('\n'));
  expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(42);
  expect(lines.filter((line) => line.startsWith('Anna'))).toHaveLength(2);
});

function xml(content: string): Document {
  const complaints: string[] = [];
  const parsed = new DOMParser({
    onError: (level, message) => complaints.push(`${level}: ${message}`),
  }).parseFromString(content, 'text/xml');
  expect(complaints).toEqual([]);
  return parsed;
}
const elements = (parsed: Document | Element, name: string) => [...parsed.getElementsByTagName(name)];

test('TTML is well-formed, says who speaks, and holds every character', async () => {
  const parsed = xml(await text('ttml'));
  const paragraphs = elements(parsed, 'p');
  expect(paragraphs.map((p) => p.textContent)).toEqual(SHOWN);
  expect(paragraphs.map((p) => [p.getAttribute('begin'), p.getAttribute('end')]).slice(0, 2)).toEqual([
    ['00:00:00.000', '00:00:04.500'],
    ['00:00:05.000', '00:00:09.500'],
  ]);
  const agents = new Map(elements(parsed, 'ttm:agent').map((one) => [one.getAttribute('xml:id'), one.textContent]));
  expect(paragraphs.map((p) => agents.get(p.getAttribute('ttm:agent')))).toEqual(
    TEXTS.map((_, index) => SPEAKERS[index % 2].name),
  );
  expect(elements(parsed, 'ttm:title')[0].textContent).toBe('Größe & <tape> 2');
  expect(parsed.documentElement?.getAttribute('xml:lang')).toBe('en');
  const two = xml(await text('ttml', {}, jobOf(['one\ntwo'])));
  expect(elements(two, 'br')).toHaveLength(1);
});

test('a spreadsheet gets text, never a formula', async () => {
  const file = await text('csv');
  const rows = parseCsv(file, { bom: true, relax_quotes: false });
  expect(rows[0]).toEqual(['start', 'end', 'speaker', 'text']);
  expect(rows.slice(1).map((row) => row.slice(0, 2))).toEqual(
    TEXTS.map((_, index) => [(index * 5).toFixed(3), (index * 5 + 4.5).toFixed(3)]),
  );
  const cells = rows.slice(1).flatMap((row) => row.slice(2));
  expect(cells.filter((cell) => /^\s*[=+\-@\t\r]/.test(cell))).toEqual([]);
  expect(
    rows
      .slice(1)
      .map((row) => row[3].replace(/^'/, ''))
      .map(bare),
  ).toEqual(TEXTS.map(bare));
  const evil = ['=1', '+1', '-1', '@x', ' =1', '\u200b=1', '＝1', '\t=1'];
  const guarded = parseCsv(await text('csv', {}, jobOf(evil)), { bom: true });
  expect(guarded.slice(1).map((row) => row[3][0])).toEqual(evil.map(() => "'"));
});

test("TSV and JSON are openai/whisper's to the letter", async () => {
  const job = jobOf(['Hello\tthere.', 'Again.'], {
    windows: [
      {
        ...{
          index: 0,
          startSample: 0,
          endSample: 64_000,
          cues: [],
          tokens: [],
          language: 'en',
          languageProbability: 1,
        },
        ...{
          noSpeechProbability: 0.1,
          averageLogProbability: -0.2,
          compressionRatio: 1.3,
          temperature: 0.2,
          backend: 'cpu',
        },
      },
    ],
  });
  expect(await text('tsv', {}, job)).toBe('start\tend\ttext\n0\t4500\tHello there.\n5000\t9500\tAgain.\n');
  const file = JSON.parse(await text('whisper', {}, job)) as Record<string, unknown>;
  expect(Object.keys(file)).toEqual(['text', 'segments', 'language']);
  expect(file['text']).toBe(' Hello\tthere. Again.');
  expect(file['segments']).toEqual([
    {
      ...{
        id: 0,
        seek: 0,
        start: 0,
        end: 4.5,
        text: ' Hello\tthere.',
        tokens: [],
        temperature: 0.2,
        avg_logprob: -0.2,
      },
      ...{ compression_ratio: 1.3, no_speech_prob: 0.1 },
      words: [
        { word: ' Hello', start: 0, end: 2, probability: 0.5 },
        { word: ' there.', start: 2, end: 4, probability: 0.5 },
      ],
    },
    {
      ...{ id: 1, seek: 0, start: 5, end: 9.5, text: ' Again.', tokens: [], temperature: 0, avg_logprob: 0 },
      ...{ compression_ratio: 1, no_speech_prob: 0 },
      words: [{ word: ' Again.', start: 5, end: 9, probability: 0.5 }],
    },
  ]);
  const x = JSON.parse(await text('whisperx', {}, job)) as {
    segments: { speaker: string }[];
    word_segments: unknown[];
  };
  expect(x.segments.map(({ speaker }) => speaker)).toEqual([SPEAKERS[0].name, SPEAKERS[1].name]);
  expect(x.word_segments).toHaveLength(3);
});

test('Markdown shows every character: nothing in it is a mark', async () => {
  const file = await text('md', { times: true });
  expect(file.startsWith('# Größe \\& \\<tape\\> 2\n\n')).toBe(true);
  const blocks = file.trimEnd().split('\n\n').slice(1);
  // A backslash before ASCII punctuation is an escape (CommonMark 2.4); without them the text is back.
  const shown = blocks.map((block) => block.replace(/\\([!-/:-@[-`{-~])/g, '$1'));
  expect(shown.map((block) => block.replace(/^\[[\d:]+\] \*\*.*?:\*\* /s, '')).map(bare)).toEqual(TEXTS.map(bare));
  expect(await text('md', { speakers: false }, jobOf(['1. no', '- list', '+ here', '=== nor']))).toContain(
    '1\\. no\n\n\\- list\n\n\\+ here\n\n\\=== nor\n',
  );
});

test('Word reads the document: a heading, paragraphs, speakers in bold', async () => {
  const job = jobOf(TEXTS);
  const gathered = paragraphsOf(job.cues, { language: 'en', paragraphs: false, speakers: job.speakers });
  // The page has a worker make it.
  const asked = docxRequest(gathered, 'Größe & <tape> 2', { times: true, names: true, language: 'en' });
  const buffer = Buffer.from(await docx(structuredClone(asked)));
  const { value: plain, messages } = await mammoth.extractRawText({ buffer });
  expect(messages).toEqual([]);
  const [title, ...paragraphs] = plain.trimEnd().split('\n\n');
  expect(title).toBe('Größe & <tape> 2');
  expect(paragraphs).toEqual(
    SHOWN.map((one, index) => `0:${String(index * 5).padStart(2, '0')}  ${SPEAKERS[index % 2].name}: ${one}`),
  );
  const { value: html } = await mammoth.convertToHtml({ buffer });
  expect(html).toContain(
    '<strong>Anna &lt;A&gt; &amp; "B": </strong>'.replaceAll('"', html.includes('&quot;B') ? '&quot;' : '"'),
  );
  const document = strFromU8(unzipSync(buffer)['word/document.xml']);
  const rightToLeft = elements(xml(document), 'w:p').filter((p) => elements(p, 'w:bidi').length > 0);
  expect(rightToLeft.map((p) => SHOWN.filter((one) => p.textContent?.endsWith(one)))).toEqual([[SHOWN[8]], [SHOWN[9]]]);
});

test('lyrics: a line for each subtitle, brackets of the text are no times', async () => {
  const file = await text('lrc', { speakers: false });
  const lines = file.trimEnd().split('\n').slice(2);
  // An empty line says when the last one ends.
  expect(lines.pop()).toBe('[00:59.50]');
  expect(lines.every((line) => /^\[\d\d:\d\d\.\d\d\]/.test(line))).toBe(true);
  expect(lines.map((line) => line.slice(10).normalize('NFKC'))).toEqual(SHOWN.map((one) => one.normalize('NFKC')));
  expect(lines.filter((line) => /\[[^\]]*:/.test(line.slice(10)))).toEqual([]);
  const words = await text('lrc', { wordTimes: true, speakers: false }, jobOf(['one two']));
  expect(words).toContain('[00:00.00]one <00:02.00>two\n');
});

test('RTTM: turns of each speaker, in ten fields without spaces', async () => {
  const job = jobOf(['a', 'b', 'c']);
  job.cues[1].start = 4.6;
  const same = { ...job, cues: job.cues.map((cue, index) => ({ ...cue, speaker: index < 2 ? 's1' : 's2' })) };
  const lines = (await text('rttm', {}, same)).trimEnd().split('\n');
  expect(lines.map((line) => line.split(' '))).toEqual([
    ['SPEAKER', 'Größe_&_<tape>_2', '1', '0.000', '9.500', '<NA>', '<NA>', 'Anna_<A>_&_"B"', '<NA>', '<NA>'],
    ['SPEAKER', 'Größe_&_<tape>_2', '1', '10.000', '4.500', '<NA>', '<NA>', 'غسان', '<NA>', '<NA>'],
  ]);
  expect(formatsFor(job.cues).map(({ id }) => id)).toContain('rttm');
  expect(formatsFor([{}]).map(({ id }) => id)).not.toContain('rttm');
});

test('REFI-QDA: a project with the text, and a point in it for each cue, in code points', async () => {
  let count = 0;
  const guid = () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`;
  const entries = atOnce(qdaEntries(jobOf(TEXTS), new Date(Date.UTC(2026, 10, 26, 1, 2, 3)), guid));
  const project = xml(new TextDecoder().decode(entries[0].bytes));
  const plain = new TextDecoder().decode(entries[1].bytes);
  expect(project.documentElement?.namespaceURI).toBe('urn:QDA-XML:project:1.0');
  const [transcript] = elements(project, 'Transcript');
  expect(`sources/${transcript.getAttribute('plainTextPath')?.replace('internal://', '')}`).toBe(entries[1].name);
  const points = [...plain];
  const sync = elements(project, 'SyncPoint').map((one) => [
    Number(one.getAttribute('timeStamp')),
    Number(one.getAttribute('position')),
  ]);
  expect(sync.map(([ms]) => ms)).toEqual([...TEXTS.map((_, index) => index * 5000), 59_500]);
  const lines = plain.trimEnd().split('\n');
  sync.slice(0, -1).forEach(([, position], index) => {
    expect(points.slice(position, position + [...lines[index]].length).join('')).toBe(lines[index]);
  });
  expect(sync.at(-1)?.[1]).toBe(points.length);
  const names = elements(project, 'AudioSource').map((one) => [
    one.getAttribute('name'),
    one.getAttribute('creationDateTime'),
  ]);
  expect(names).toEqual([['Größe & <tape> 2.wav', '2026-11-26T01:02:03Z']]);
  const guids = [...new TextDecoder().decode(entries[0].bytes).matchAll(/ guid="([^"]+)"/g)].map(([, one]) => one);
  expect(new Set(guids).size).toBe(guids.length);
  expect(Object.keys(unzipSync(await bytes('qdpx')))).toEqual([
    'project.qde',
    expect.stringMatching(/^sources\/[0-9a-f-]{36}\.txt$/),
  ]);
});

test('all the queue in one archive: names that are safe and of their own', async () => {
  const jobs = ['tape.wav', 'TAPE.mp3', 'a/b\\../c.wav', 'tape.ogg', '..'].map((name) => jobOf([name], { name }));
  const { name, blob } = await exportedZip('txt', jobs, DEFAULT_OPTIONS);
  expect(name).toMatch(/^Transcripts \d{4}-\d\d-\d\d \(txt\)\.zip$/);
  const files = unzipSync(new Uint8Array(await blob.arrayBuffer()));
  const names = Object.keys(files);
  expect(names.slice(0, 4)).toEqual(['tape.txt', 'TAPE (2).txt', 'a_b_.._c.txt', 'tape (3).txt']);
  expect(names.every((one) => !/[/\\]|^\./.test(one))).toBe(true);
  expect(names.map((one) => strFromU8(files[one]).trim())).toEqual(jobs.map((job) => `Anna <A> & "B": ${job.name}`));
  expect(uniqueNames(['a.srt', 'a (2).srt', 'a.srt', 'Ä.srt', 'A\u0308.srt', 'x', 'X'])).toEqual([
    ...['a.srt', 'a (2).srt', 'a (3).srt', 'Ä.srt', 'A\u0308 (2).srt', 'x', 'X (2)'],
  ]);
});

test('plain text with times, with a line for each cue, and without names', async () => {
  const job = jobOf(['One.', 'Two.']);
  expect(await text('txt', { times: true }, job)).toBe('[0:00] Anna <A> & "B": One.\n\n[0:05] غسان: Two.\n');
  expect(await text('txt', { paragraphs: false, speakers: false }, job)).toBe('One.\nTwo.\n');
});

test('a file has the name of the recording and the type of its format', async () => {
  const { name, blob } = await exportedFile('vtt', jobOf(['x']), DEFAULT_OPTIONS);
  expect([name, blob.type]).toEqual(['Größe & _tape_ 2.vtt', 'text/vtt;charset=utf-8']);
});
