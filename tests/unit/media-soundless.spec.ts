/** What people drop by mistake is called what it is; what may still be sound is not. */
import { expect, test } from 'playwright/test';
import { pictureIn, soundless } from '../../workers/media/formats/soundless.ts';

const latin = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

test('pictures, by the first bytes of their formats', () => {
  const RIFF = 'RIFF\x10\0\0\0';
  for (const head of [
    '\x89PNG\r\n\x1a\n',
    '\xff\xd8\xff\xe1',
    'GIF89a',
    `${RIFF}WEBPVP8 `,
    'II*\0',
    '\0\0\0\x18ftypheic',
  ])
    expect(pictureIn(view(latin(head))), head).toBe('soundless: a picture');
  for (const head of [
    `${RIFF}WAVEfmt `,
    '\xff\xfb\x90\x64',
    '\xff\xf1\x50\x80',
    '\0\0\0\x18ftypM4A ',
    'ID3\x04',
    'OggS',
    '',
  ])
    expect(pictureIn(view(latin(head))), head).toBeNull();
});

test('texts in UTF-8 and UTF-16, also cut in the middle of a character', () => {
  const text = new TextEncoder().encode(`1\n00:00 → 00:01\r\n${'ü'.repeat(3000)}`);
  expect(soundless(text)).toBe('soundless: a text');
  expect(text[4095] & 0xc0, 'the limit lies within a character').toBe(0xc0);
  expect(soundless(Uint8Array.of(0xff, 0xfe, 0x48, 0, 0x69, 0))).toBe('soundless: a text');
});

test('archives and programs', () => {
  expect(soundless(latin('PK\x03\x04\x14\0'))).toBe('soundless: a zip archive or an office document');
  expect(soundless(latin('%PDF-1.7\n%\xe2\xe3'))).toBe('soundless: a PDF document');
  expect(soundless(latin('MZ\x90\0'))).toBe('soundless: a program');
});

test('bytes that may be sound are not called anything', () => {
  // PCM of a raw recorder: zeros, small numbers, every byte.
  for (const bytes of [
    new Uint8Array(64),
    Uint8Array.of(3, 0, 254, 255),
    Uint8Array.from({ length: 256 }, (_, i) => i),
  ])
    expect(soundless(bytes)).toBeNull();
  expect(soundless(new Uint8Array(0))).toBeNull();
});
