import { expect, test } from 'playwright/test';
import { faultWords, takeoverWords, type FaultWords } from '../../src/fault-words.ts';
import { asFault, cpuCanTakeOver, isHarmless, lossWords } from '../../src/faults.ts';
import { ffmpegCommand } from '../../src/queue/ffmpeg-command.ts';
import { ABORTED, fault, type FaultName } from '../../workers/protocol.ts';

const ALL: Record<FaultName, true> = {
  EmptyFile: true,
  UnsupportedFormat: true,
  NoAudioTrack: true,
  DamagedFile: true,
  FileVanished: true,
  FileChanged: true,
  ModelMissing: true,
  ModelDamaged: true,
  DownloadFailed: true,
  DownloadBlocked: true,
  HostNotAllowed: true,
  StorageFull: true,
  StorageRefused: true,
  NoGpu: true,
  GpuLost: true,
  GpuOutOfMemory: true,
  WrongResults: true,
  EngineFailed: true,
};
const names = Object.keys(ALL) as FaultName[];

test('every fault has a sentence of its own and a next step, without codes or shouting', () => {
  const sentences = new Set<string>();
  for (const name of names) {
    for (const keptUntil of [null, '0:41:10']) {
      const { sentence, next } = faultWords(name, { keptUntil });
      for (const words of [sentence, next]) {
        expect(words, name).toMatch(/^[A-Z].*\.$/);
        expect(words, name).not.toMatch(/!|please|oops|error|exception/i);
        expect(words, name).not.toContain(name);
      }
      if (keptUntil === null) sentences.add(sentence);
    }
  }
  expect(sentences.size).toBe(names.length);
});

test('what is safe is said where something is', () => {
  expect(faultWords('FileVanished', { keptUntil: '0:41:10' }).next).toBe('Choose it again to go on from 0:41:10.');
  expect(faultWords('FileVanished').next).toBe('Choose it again.');
  expect(faultWords('DamagedFile', { keptUntil: '4:07' }).sentence).toBe(
    'This file is damaged after 4:07. The words up to there are kept.',
  );
  expect(faultWords('StorageFull', { needBytes: 206_190_057, freeBytes: 90_000_000 }).sentence).toBe(
    'The browser has no room for the model: 206 MB needed, 90 MB free.',
  );
});

test('a file that stays closed is called what it is, with advice that is true for it', () => {
  const of = (detail: string, fileName: string): FaultWords => faultWords('UnsupportedFormat', { detail, fileName });
  expect(of('holds DSP Group TrueSpeech in WAV', 'call.wav')).toEqual({
    sentence: "This file holds DSP Group TrueSpeech in WAV, which can't be opened here.",
    next: 'The program ffmpeg can turn it into one that opens, with this line:',
    convertible: true,
  });
  // No program helps against a lock, and there is no sound in a MIDI file.
  const locked = of('locked: Windows Media with copy protection', 'song.wma');
  expect(locked.sentence).toBe("This file can't be opened: it is Windows Media with copy protection.");
  expect(locked.convertible).toBeUndefined();
  const picture = of('soundless: a picture', 'cover.mp3');
  expect(picture).toEqual({
    sentence: 'This is a picture: there is no sound in it.',
    next: 'Add a recording or a film.',
  });
  // Without its index no converter reads an MP4 either.
  const unfinished = faultWords('DamagedFile', { detail: 'no index: MP4 without its moov box', fileName: 'a.m4a' });
  expect(unfinished.convertible).toBeUndefined();
  for (const name of ['UnsupportedFormat', 'DamagedFile'] as const) {
    for (const [fileName, not] of [
      ['tape.wav', 'WAV'],
      ['tape.FLAC', 'FLAC'],
    ]) {
      for (const detail of ['', 'no container known here', 'holds DTS in WAV']) {
        const { next } = faultWords(name, { fileName, detail });
        const command = ffmpegCommand(fileName);
        expect(`${next} ${command}`).not.toMatch(new RegExp(`(to|or) ${not}\\b`));
        expect(command).not.toMatch(new RegExp(`\\.${not}'$`, 'i'));
      }
    }
  }
});

test('the CPU takes over with words for what happened and what is kept', () => {
  const lost = takeoverWords('GpuLost', '1:02:52', 412);
  expect(lost.sentence).toBe('The GPU stopped answering at 1:02:52. The CPU has taken over from there.');
  expect(lost.next).toContain('Nothing is lost: 412 cues are saved.');
  expect(takeoverWords('GpuLost', '0:07', 1).next).toContain('1 cue is saved');
  expect(takeoverWords('GpuOutOfMemory', null, 0).sentence).toBe('The GPU ran out of memory. The CPU has taken over.');
  expect(takeoverWords('NoGpu', null, 0).sentence).toBe('This browser offers no GPU here. The CPU does the work.');
});

test('what is thrown becomes a fault of the closed union', () => {
  for (const name of names) expect(asFault(fault(name, 'why'))).toEqual({ name, detail: 'why' });
  expect(asFault(fault(ABORTED))).toEqual({ name: ABORTED, detail: '' });
  expect(asFault(new TypeError('x is not a function'))).toEqual({
    name: 'EngineFailed',
    detail: 'TypeError: x is not a function',
  });
  expect(asFault('out of luck').name).toBe('EngineFailed');
});

test('only faults of the engine end its worker, and only those of the GPU or the worker go to the CPU', () => {
  const taken = names.filter(cpuCanTakeOver);
  expect(taken).toEqual(['NoGpu', 'GpuLost', 'GpuOutOfMemory', 'WrongResults', 'EngineFailed']);
  expect(taken.filter(isHarmless)).toEqual([]);
  expect(isHarmless('ModelDamaged')).toBe(false);
  expect(isHarmless('UnsupportedFormat')).toBe(true);
  expect(isHarmless(ABORTED)).toBe(true);
});

test('what is missing of a file is said as far as it is known', () => {
  expect(lossWords({ where: 'end', seconds: 125 }, 247)).toBe(
    'The file breaks off at 4:07 and 2 min 5 s are missing. The words up to there are here.',
  );
  for (const loss of [null, { where: 'end', seconds: null } as const, { where: 'end', seconds: 0.6 } as const]) {
    expect(lossWords(loss, 247)).toBe('The file breaks off at 4:07. The words up to there are here.');
  }
  expect(lossWords({ where: 'within', seconds: null }, 247)).toBe(
    'A part of the sound is damaged and could not be read. The words before and after it are here.',
  );
});
