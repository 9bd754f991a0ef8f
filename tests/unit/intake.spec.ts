/** What is taken of what a person gives, in which order, under which name, and what is said of the rest. */
import { expect, test } from 'playwright/test';
import { lineOf, marksOf, shownName } from '../../src/queue/file-name.ts';
import { intakeOf, pickedBy } from '../../src/queue/intake.ts';
import { kindsOf, pathsOf } from '../../src/queue/left-out.ts';

const given = (path: string, type = '') => ({
  path,
  file: new File(['x'], path.slice(path.lastIndexOf('/') + 1), { type }),
});
const paths = (files: readonly { path: string }[]) => files.map(({ path }) => path);

test('files come in the order a person counts in, pointed at or in a folder', () => {
  const names = ['clip 10.wav', 'clip 2.wav', 'clip 1.wav'];
  const direct = pickedBy(
    names.map((name) => new File(['x'], name)),
    false,
  );
  expect(paths(direct.files)).toEqual(['clip 1.wav', 'clip 2.wav', 'clip 10.wav']);
  const inside = intakeOf(
    [],
    names.map((name) => given(`tapes/${name}`)),
    [],
    1,
  );
  expect(paths(inside.files)).toEqual(['tapes/clip 1.wav', 'tapes/clip 2.wav', 'tapes/clip 10.wav']);
});

test('every file of a folder is either taken or told of', () => {
  const folder = [
    ...['a.wav', 'phone.3gp', 'radio.au', 'clip', 'cover.JPG', 'notes.txt', '.DS_Store', 'Thumbs.db', 'song.lrc'],
    ...['list.m3u8', 'old.zip', 'x.xyz', 'y.XYZ', '.hidden.wav'],
  ].map((name) => given(`tapes/${name}`, name === 'clip' ? 'audio/wav' : ''));
  const intake = intakeOf([], folder, [{ path: 'tapes/locked', unread: true }], 1);
  expect(paths(intake.files)).toEqual(['tapes/a.wav', 'tapes/clip', 'tapes/phone.3gp', 'tapes/radio.au']);
  const all = [...paths(intake.files), ...paths(intake.leftOut)].sort();
  expect(all).toEqual([...paths(folder), 'tapes/locked'].sort());
  expect(kindsOf(intake.leftOut)).toBe(
    '3 hidden files, 2 other files (.xyz), 1 archive, 1 document, 1 picture, 1 playlist, 1 subtitle, 1 unreadable item',
  );
  expect(pathsOf(intake.leftOut).split('\n')).toContain('tapes/locked (not readable)');
});

test('what a person points at is taken, whatever it is called', () => {
  const intake = pickedBy([new File(['x'], 'b.txt'), new File(['x'], '.hidden')], false);
  expect(paths(intake.files)).toEqual(['.hidden', 'b.txt']);
  expect(intake.leftOut).toEqual([]);
});

test('a long list of what was left out ends in a number', () => {
  const left = Array.from({ length: 300 }, (_, index) => ({ path: `a/${index}.png`, unread: false }));
  const lines = pathsOf(left).split('\n');
  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toBe('and 250 more');
});

test('a name is one readable line with its true extension', () => {
  expect(shownName('talk.final.mp3')).toEqual({ stem: 'talk.final', extension: '.mp3' });
  expect(shownName('.hidden')).toEqual({ stem: '.hidden', extension: '' });
  expect(shownName('Version 2. A longer title')).toEqual({ stem: 'Version 2. A longer title', extension: '' });
  // Shown as it is, the override turns this into "gpj.exe" read backwards.
  expect(shownName('invoice\u202Egpj.exe')).toEqual({ stem: 'invoicegpj', extension: '.exe' });
  expect(lineOf('two\r\nlines\u2028and\ttabs.wav')).toBe('two lines and tabs.wav');
  expect(lineOf('\u0000\u200B')).toBe('unnamed');
  const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';
  expect(lineOf(`${family} פגישה.m4a`)).toBe(`${family} פגישה.m4a`);
  expect(shownName(`${'x'.repeat(246)}.ogg`).extension).toBe('.ogg');
});

test('files of the same name are told apart by their folder, else by a number', () => {
  const file = (id: string, name: string, folder = '') => ({ id, name, folder });
  const marks = marksOf([
    file('1', 'talk.mp3', 'day 1'),
    file('2', 'talk.mp3', 'day 2'),
    file('3', 'only.mp3'),
    file('4', 'same.wav'),
    file('5', 'same.wav'),
    file('6', 'mixed.wav', 'a'),
    file('7', 'mixed.wav'),
  ]);
  expect(Object.fromEntries(marks)).toEqual({
    ...{ 1: 'day 1', 2: 'day 2', 4: '1 of 2', 5: '2 of 2' },
    ...{ 6: '1 of 2', 7: '2 of 2' },
  });
});

test('subtitles in a folder come with the recording of their name, and with no other', () => {
  const folder = ['a/talk.mp3', 'a/Talk.en.srt', 'a/talk.vtt', 'a/other.srt', 'b/talk.srt', 'a/talk.txt'].map((path) =>
    given(path),
  );
  const intake = intakeOf([], folder, [], 1);
  expect(paths(intake.files).sort()).toEqual(['a/Talk.en.srt', 'a/talk.mp3', 'a/talk.vtt']);
  expect(paths(intake.leftOut).sort()).toEqual(['a/other.srt', 'a/talk.txt', 'b/talk.srt']);
});
