/** "ANNA: …" in subtitles: who speaks where that is certain, and text everywhere else. */
import { expect, test } from 'playwright/test';
import { DEFAULT_OPTIONS } from '../../src/export/exported.ts';
import { written } from '../../src/export/write.ts';
import type { Imported } from '../../src/import/imported.ts';
import { readTranscript } from '../../src/import/read-transcript.ts';
import { jobOf } from '../../src/queue/imported-job.ts';
import { atOnce } from '../../src/slices.ts';
import { exportedJob } from './exported-job.ts';
import { randomFrom } from './random.ts';

const FACTS = { container: 'WAV', codec: 'pcm', seconds: 60, sampleRate: 16_000, channels: 1, video: false };

const stamp = (seconds: number, point: string) =>
  `00:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}${point}000`;
const body = (texts: readonly string[], point: string) =>
  texts.map((text, at) => `${stamp(2 * at, point)} --> ${stamp(2 * at + 1, point)}\n${text}\n`).join('\n');

function read(text: string): Imported {
  const found = atOnce(readTranscript(text));
  if (found === null) throw new Error('not a transcript');
  return found;
}
const said = (file: Imported) =>
  file.cues.map(({ text, speaker }) => [file.speakers.find(({ id }) => id === speaker)?.name ?? null, text]);
/** Of SubRip and of WebVTT without voices alike. */
function saidIn(...texts: string[]) {
  const srt = said(read(body(texts, ',')));
  expect(said(read(`WEBVTT\n\n${body(texts, '.')}`))).toEqual(srt);
  return srt;
}

test('a name that comes back after another one is a speaker, up to the next name', () => {
  expect(saidIn('Anna: Good morning.', 'It is cold: five degrees.', 'Ben Okafor: Yes.', 'Anna: Well then.')).toEqual([
    ['Anna', 'Good morning.'],
    ['Anna', 'It is cold: five degrees.'],
    ['Ben Okafor', 'Yes.'],
    ['Anna', 'Well then.'],
  ]);
  // Named again without another one between, somebody else may have spoken there.
  expect(saidIn('Anna: a', 'b', 'Anna: c', 'Ben: d', 'Anna: e', 'f')).toEqual([
    ...[
      ['Anna', 'a'],
      [null, 'b'],
      ['Anna', 'c'],
      ['Ben', 'd'],
    ],
    ...[
      ['Anna', 'e'],
      ['Anna', 'f'],
    ],
  ]);
  expect(saidIn('Anna: a', 'bea: b', 'c', 'Ben:\nd', 'Anna: e')).toEqual([
    ...[
      ['Anna', 'a'],
      [null, 'bea: b'],
      [null, 'c'],
      ['Ben', 'd'],
      ['Anna', 'e'],
    ],
  ]);
});

test('the list of files tells which names were taken out of the texts', () => {
  const notice = (texts: readonly string[]) =>
    jobOf('j', read(body(texts, ',')), new File([], 'talk.srt'), { file: new File([], 'talk.wav'), facts: FACTS })
      .notice;
  expect(notice(['Anna: a', 'Ben: b', 'Anna: c'])).toBe('Read from talk.srt. Its texts say who speaks: Anna, Ben.');
  expect(notice(['a', 'Note: b'])).toBe('Read from talk.srt.');
  const many = Array.from({ length: 9 }, (_, at) => `Speaker ${at + 1}: a`);
  expect(notice(many)).toContain('Speaker 5, Speaker 6, ….');
});

test('names in many forms, and who is nobody but a speaker', () => {
  const names = [
    'Dr. Ben Müller',
    'Anna & Co',
    "O'Neil",
    'Marie-Luise von der Au',
    'MARY ANN',
    'J. F. K.',
    'غسان',
    '张三',
    'Éva',
  ];
  for (const name of names) {
    expect(saidIn(`${name}: a`, 'Zoë: b', `${name}: c`, 'd'), name).toEqual([
      ...[
        [name, 'a'],
        ['Zoë', 'b'],
        [name, 'c'],
        [name, 'd'],
      ],
    ]);
  }
  for (const name of ['Speaker 1', 'SPEAKER_00', 'Sprecher 2', 'Locuteur 3', 'Hablante 1', 'Спикер №1', 'Interviewer'])
    expect(saidIn(`${name}: 10 people`, 'b'), name).toEqual([
      [name, '10 people'],
      [name, 'b'],
    ]);
});

test('captions name whoever is not seen: those cues alone, where names come again', () => {
  const texts = [
    '[MUSIC]',
    'JOHN: Over here!',
    'What?',
    '- Who is it?\n- Me.',
    'MARY: Run!',
    'JOHN: Go!',
    'MARY: Now!',
    'So.',
  ];
  expect(saidIn(...texts)).toEqual([
    ...[
      [null, '[MUSIC]'],
      ['JOHN', 'Over here!'],
      [null, 'What?'],
      [null, '- Who is it?\n- Me.'],
    ],
    ...[
      ['MARY', 'Run!'],
      ['JOHN', 'Go!'],
      ['MARY', 'Now!'],
      [null, 'So.'],
    ],
  ]);
});

const NOBODY = [
  ['Note: the door is open.', 'It was ten.', 'Note: it is shut.'],
  ['Question: what is it?', 'Answer: a door.', 'Question: and this?', 'Answer: a wall.'],
  ['Question 1: what is it?', 'Answer 1: a door.', 'Question 1: again.', 'Answer 1: a wall.'],
  ['10:30 is the time.', '11:30: too late.', '10:30 it is.'],
  ['At 10: we go.', 'http://example.org', 'https://example.org', 'http://example.org'],
  ['http: is a scheme.', 'https: is another.', 'http: once more.'],
  ['A: Paris. ', 'B: London.', 'A: four.', 'B: five.'],
  ['Genesis 1: 3 says so.', 'Matthew 5: 4 too.', 'Genesis 1: 7 says more.', 'Matthew 5: 9 too.'],
  ['John 3: 16', 'Mark 4: 1', 'John 3: 17', 'Mark 4: 2'],
  ['He said: go.', 'She said: stay.', 'He said: go.', 'She said: stay.'],
  ['Remember: never.', 'And: always.', 'Remember: never.'],
  ['Muista: ei koskaan.', 'Kaksi.', 'Muista: aina.'],
  ['London: rain.', 'Paris: sun.', 'Rome: sun.'],
  ['Anna: hello.', 'Ben: hello.'],
  ['Anna: hello.', 'and more of it.'],
  ['Ingredient list: eggs, milk.', 'Salt: a spoon.', 'Milk: a cup.'],
  ['The Problem: time.', 'Our Solution: more time.', 'The Problem: money.', 'Our Solution: more money.'],
  ['Frage: Was ist das?', 'Antwort: Eine Tür.', 'Frage: Und das?', 'Antwort: Eine Wand.'],
  ['Das Problem: die Zeit.', 'Die Lösung: mehr Zeit.', 'Das Problem: das Geld.', 'Die Lösung: mehr Geld.'],
  ['Remarque : la porte.', 'Exemple : le mur.', 'Remarque : la porte.', 'Exemple : le mur.'],
  ['Pregunta: ¿qué es?', 'Respuesta: una puerta.', 'Pregunta: ¿y esto?', 'Respuesta: un muro.'],
  ['他说：你好。', '她说：你好。', '他说：再见。', '她说：再见。'],
  ['مساء الخير.', 'قال: نعم.', 'قالت: لا.', 'قال: نعم.', 'قالت: لا.'],
  ['- Anna: hi.\n- Ben: hi.', '- Anna: bye.\n- Ben: bye.'],
  ['[MUSIC]', '(LAUGHS): ha', '[MUSIC]: la', '(LAUGHS): ha', '[MUSIC]: la'],
  ['You know, Anna: she is nice.', 'Yes. Ben: he too.', 'You know, Anna: she left.', 'Yes. Ben: he too.'],
  ['Wait! Anna: is that you?', 'Oh, Ben: is that you?', 'Wait! Anna: is that you?'],
  ['Anna:', 'Ben:', 'Anna:', 'Ben:'],
  ['Anna:hello', 'Ben:hello', 'Anna:bye', 'Ben:bye'],
  ['C: is a drive.', 'D: is another.', 'C: is full.', 'D: is not.'],
  ['Act II, Scene 1: a hall.', 'Act III, Scene 1: a wood.', 'Act II, Scene 1: a hall.'],
  ['Step 1: open.', 'Step 2: shut.', 'Step 1: open again.', 'Step 2: shut again.'],
  [':', ': :', 'Anna : : b', '::', ': a'],
];

test('words before a colon that are nobody stay where they are', () => {
  for (const texts of NOBODY) {
    expect(saidIn(...texts), texts[0]).toEqual(texts.map((text) => [null, text.trim()]));
  }
});

test('voices and word times of WebVTT tell who speaks and when: nothing is taken out of the text there', () => {
  const names = ['Anna: a', 'Ben: b', 'Anna: c'];
  const voiced = read(
    `WEBVTT\n\n${body(
      names.map((text) => `<v Carla>${text}`),
      '.',
    )}`,
  );
  expect(said(voiced)).toEqual(names.map((text) => ['Carla', text]));
  const timed = read(`WEBVTT\n\n${body(['Anna: <00:00:00.500>a', ...names.slice(1)], '.')}`);
  expect(said(timed)).toEqual(names.map((text) => [null, text]));
});

test('our SubRip with speakers comes back, and goes out the same', async () => {
  const random = randomFrom(11);
  const speakers = ['Anna', 'Dr. Ben', 'Speaker 3', 'غسان'].map((name, at) => ({ id: `s${at}`, name }));
  const texts = [
    'Good morning.',
    'Note: it is late.',
    'at 10:30, http://x.org',
    'he said: go',
    'Anna said: no',
    'כן, 你好',
  ];
  for (let round = 0; round < 300; round += 1) {
    const cues = Array.from({ length: random.whole(1, 14) }, (_, at) => ({
      ...{ start: at * 2, end: at * 2 + 1.5, text: texts[random.whole(0, texts.length - 1)] },
      ...(random.next() < 0.8 && { speaker: speakers[random.whole(0, 3)].id }),
    }));
    const first = (await written('srt', exportedJob(cues, { speakers }), DEFAULT_OPTIONS)) as string;
    const file = read(first);
    const again = await written('srt', exportedJob(file.cues, { speakers: file.speakers }), DEFAULT_OPTIONS);
    expect(again, String(round)).toBe(first);
  }
  // Two who take turns are who they were, cue for cue.
  const talk = Array.from({ length: 12 }, (_, at) => ({
    ...{ start: at * 2, end: at * 2 + 1.5, text: `Sentence ${at}.`, speaker: `s${Math.floor(at / 3) % 2}` },
  }));
  const file = read((await written('srt', exportedJob(talk, { speakers }), DEFAULT_OPTIONS)) as string);
  expect(said(file)).toEqual(talk.map(({ text, speaker }) => [speaker === 's0' ? 'Anna' : 'Dr. Ben', text]));
});
