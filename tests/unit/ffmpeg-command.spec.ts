/** The line that a person pastes into a terminal: whatever the file is called, it names that file and nothing else. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'playwright/test';
import { ffmpegCommand } from '../../src/queue/ffmpeg-command.ts';
import { randomFrom } from './random.ts';

/** What bash makes of the line: the arguments that ffmpeg would get. */
function argumentsOf(command: string): string[] {
  const script = `ffmpeg() { printf '%s\\0' "$@"; }; ${command}`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8' } })
    .split('\0')
    .slice(0, -1);
}

test('plain names read plainly', () => {
  expect(ffmpegCommand('in.wma')).toBe("ffmpeg -i 'in.wma' -ac 1 -ar 16000 'in.flac'");
  expect(ffmpegCommand('in.wma', true)).toBe('ffmpeg -i "in.wma" -ac 1 -ar 16000 "in.flac"');
  expect(ffmpegCommand('take.2.FLAC')).toContain("'take.2.wav'");
  expect(ffmpegCommand('noise')).toContain("'noise.flac'");
});

test('a shell hands the name over as it is, and runs nothing of it', () => {
  const names = [
    "it's.wma",
    '$(touch x); `id` & rm -rf ~ | "cat".avi',
    '\\n\\u0041 %s !! *?.wma',
    'two\nlines\tand a tab.wma',
    'gpj.\u202eamw.wma',
    'e\u0301 😀 “quoted”.wma',
    "both ' and \n.wma",
  ];
  const random = randomFrom(11);
  const letters = [...'\'"\\$`!*?[]{}()<>|&;#~% \n\t-:=abcé😀\u202e\u200b'];
  for (let round = 0; round < 60; round++) {
    names.push(`a${Array.from({ length: 12 }, () => letters[random.whole(0, letters.length - 1)]).join('')}.wma`);
  }
  for (const name of names) {
    const command = ffmpegCommand(name);
    expect(command, 'one line').not.toMatch(/[\n\r]/);
    const stem = name.slice(0, -4);
    const [before, after] = name.includes(':') ? [`./${name}`, `./${stem}`] : [name, stem];
    expect(argumentsOf(command)).toEqual(['-i', before, '-ac', '1', '-ar', '16000', `${after}.flac`]);
  }
});

test('a dash is no option and a colon no protocol', () => {
  expect(argumentsOf(ffmpegCommand('-y.wma')).filter((one) => one.includes('y'))).toEqual(['./-y.wma', './-y.flac']);
  expect(argumentsOf(ffmpegCommand('concat:b.wma'))[1]).toBe('./concat:b.wma');
});

test('Windows: double quotes, unless PowerShell would read what is inside', () => {
  expect(ffmpegCommand("it's.wma", true)).toContain('"it\'s.wma"');
  expect(ffmpegCommand("it's $home.wma", true)).toContain("'it''s $home.wma'");
  expect(ffmpegCommand('100 %PATH%.wma', true)).toContain("'100 %PATH%.wma'");
});
