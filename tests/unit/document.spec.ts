/** Correcting a transcript: every operation, back and forth, at random and at length. */
import { expect, test } from 'playwright/test';
import { speakerName } from '../../src/export/speakers.ts';
import { compareCues, type EditableCue, type Speaker } from '../../src/queue/job.ts';
import { lettersBetween, nameBetween } from '../../src/transcript/cue-ids.ts';
import { CueOrder, MOST_CUES } from '../../src/transcript/cue-order.ts';
import { TranscriptDocument } from '../../src/transcript/document.ts';
import { renameSpeaker, setSpeakerNamed } from '../../src/transcript/speaker-steps.ts';
import { atOnce } from '../../src/slices.ts';
import { tokensOf } from '../../src/words/word-times.ts';
import { randomFrom, type Random } from './random.ts';

const LEXICON = 'the old numbers were read by nobody since men who wrote them had gone 你好 世界 café 👍🏽 שלום'.split(
  ' ',
);

/** A cue as the engine gives it, with a word each 0.4 s. */
function cueOf(id: string, start: number, texts: readonly string[], more: Partial<EditableCue> = {}): EditableCue {
  const words = texts.map((text, index) => ({
    start: round(start + index * 0.4),
    end: round(start + index * 0.4 + 0.3),
    text,
    probability: 0.5,
  }));
  const end = round(start + texts.length * 0.4);
  return { id, start, end, text: texts.join(' '), words, edited: false, language: 'en', ...more };
}

const round = (seconds: number) => Math.round(seconds * 1000) / 1000;

/** `count` cues of window after window, some of two that begin together. */
function transcript(random: Random, count: number): EditableCue[] {
  let at = 0;
  return Array.from({ length: count }, (_, index) => {
    const id = `${Math.floor(index / 5) * 480000}-${index % 5}`;
    const texts = Array.from({ length: random.whole(1, 7) }, () => LEXICON[random.whole(0, LEXICON.length - 1)]);
    const { words, ...cue } = cueOf(id, at, texts);
    if (random.next() > 0.2) at = round(at + random.between(0, 3));
    return random.next() < 0.2 || words === undefined ? cue : { ...cue, words };
  });
}

/** What has to hold of any document. */
function faultsOf(document: TranscriptDocument): string[] {
  const cues = document.cues.toArray();
  const faults: string[] = [];
  cues.forEach((cue, index) => {
    if (index > 0 && compareCues(cues[index - 1], cue) >= 0) faults.push(`${cue.id} is out of order`);
    if (!(cue.start >= 0 && cue.start <= cue.end)) faults.push(`${cue.id} has the times ${cue.start} to ${cue.end}`);
    if (document.cues.get(cue.id) !== cue) faults.push(`${cue.id} is not found by name`);
    for (const word of cue.words ?? [])
      if (!(word.start >= cue.start && word.start <= word.end && word.end <= cue.end))
        faults.push(`${word.text} is outside ${cue.id}`);
    if (cue.words !== undefined && cue.words.map(({ text }) => text).join('') !== cue.text.replace(/\s/g, ''))
      faults.push(`${cue.id} has other words: ${cue.words.map(({ text }) => text).join(' ')} for ${cue.text}`);
  });
  if (document.cues.size !== cues.length) faults.push('the size is wrong');
  if (document.cues.blocks.some((block) => block.cues.length === 0 || block.cues.length > MOST_CUES))
    faults.push('a block is empty or too long');
  return faults;
}

/** One operation that a person could ask for, also one that makes no sense. @returns its name */
function meddle(document: TranscriptDocument, random: Random): string {
  const cues = document.cues.toArray();
  const cue = cues[random.whole(0, Math.max(0, cues.length - 1))] as EditableCue | undefined;
  const id = cue?.id ?? 'none';
  const text = cue?.text ?? '';
  switch (random.whole(0, 11)) {
    case 0:
    case 1: {
      const at = random.whole(0, text.length);
      const typed = LEXICON[random.whole(0, LEXICON.length - 1)];
      const glued =
        text.slice(0, at) + (random.next() < 0.5 ? ` ${typed} ` : typed) + text.slice(at + random.whole(0, 9));
      document.setText(id, glued.replace(/\s+/g, ' ').trim(), random.next() < 0.5);
      return 'text';
    }
    case 2:
      document.endTyping();
      return 'end of typing';
    case 3:
    case 4:
      document.split(id, random.whole(0, text.length));
      return 'split';
    case 5:
      document.mergeWithPrevious(id);
      return 'merge';
    case 6:
      document.delete(cues.filter(() => random.next() < 0.05).map((each) => each.id));
      return 'delete';
    case 7:
      document.insert(random.next() < 0.2 ? null : id, 'en');
      return 'insert';
    case 8: {
      const start = (cue?.start ?? 0) + random.between(-20, 20);
      document.setTimes(id, start, start + random.between(-1, 5));
      return 'times';
    }
    case 9:
      if (random.next() < 0.3) document.setSpeaker([id], undefined);
      else setSpeakerNamed(document, [id], ['Ada', 'Grace', 'Left'][random.whole(0, 2)]);
      return 'speaker';
    case 10: {
      const speaker = document.speakers[random.whole(0, Math.max(0, document.speakers.length - 1))] as
        Speaker | undefined;
      renameSpeaker(document, speaker?.id ?? 'Left', ['Ada', 'Grace', 'Hedy'][random.whole(0, 2)]);
      return 'rename';
    }
    default:
      atOnce(
        document.setTexts(
          cues
            .filter(() => random.next() < 0.2)
            .map(({ id, text }) => ({ id, of: text, text: text.replace('e', 'E') })),
        ),
      );
      return 'replace';
  }
}

const stateOf = (document: TranscriptDocument) => ({ cues: document.cues.toArray(), speakers: document.speakers });

test('whatever is done at random, undoing all of it gives the first state, and redoing it the last', () => {
  let undone = 0;
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = randomFrom(seed);
    const first = transcript(random, random.whole(0, 150)).sort(compareCues);
    const document = new TranscriptDocument(first, [{ id: 'Left', name: 'Left' }]);
    const before = structuredClone(stateOf(document));
    for (let step = 0; step < 60; step += 1) {
      const done = meddle(document, random);
      expect(faultsOf(document), `seed ${seed}, step ${step}: ${done}`).toEqual([]);
      // Back and forth in between.
      if (random.next() < 0.1) document.undo();
      if (random.next() < 0.1) document.redo();
    }
    while (document.canRedo) document.redo();
    const last = structuredClone(stateOf(document));
    for (let steps = 0; document.canUndo; steps += 1, undone += 1) {
      document.undo();
      if (steps % 7 === 0) expect(faultsOf(document), `seed ${seed}, undo`).toEqual([]);
    }
    expect(stateOf(document), `seed ${seed}`).toEqual(before);
    expect(document.undo()).toBeNull();
    while (document.canRedo) document.redo();
    expect(stateOf(document), `seed ${seed}`).toEqual(last);
  }
  expect(undone).toBeGreaterThan(2000);
});

test('what a running job puts in meanwhile stays through edits, undo and redo', () => {
  for (let seed = 1; seed <= 25; seed += 1) {
    const random = randomFrom(1000 + seed);
    const all = transcript(random, 120).sort(compareCues);
    // Two channels: what comes later may belong between what is there.
    const isLate = new Map(all.map((cue) => [cue.id, random.next() < 0.4]));
    let there = all.filter((cue) => isLate.get(cue.id) === false);
    const document = new TranscriptDocument(there);
    const mine = new Map<string, EditableCue | null>();
    const waiting = all.filter((cue) => isLate.get(cue.id) === true);
    while (waiting.length > 0) {
      for (let step = random.whole(0, 4); step > 0; step -= 1) meddle(document, random);
      if (random.next() < 0.3) document.undo();
      const now = [...there, ...waiting.splice(0, random.whole(1, 9))].sort(compareCues);
      document.absorb(there, now);
      there = now;
      expect(faultsOf(document), `seed ${seed}`).toEqual([]);
      // What is told of the changes is all of them: applied there, there is here.
      for (const [id, cue] of document.takeChanges()?.cues ?? []) mine.set(id, cue);
      const put = [...mine.values()].filter((cue) => cue !== null);
      const told = [...there.filter(({ id }) => !mine.has(id)), ...put].sort(compareCues);
      expect(document.cues.toArray(), `seed ${seed}`).toEqual(told);
    }
    while (document.canUndo) document.undo();
    expect(document.cues.toArray(), `seed ${seed}`).toEqual(all);
  }
});

test('a change from outside is a step like others; one here that it does not touch stays', () => {
  const first = [cueOf('0-0', 0, ['one', 'two']), cueOf('0-1', 1, ['three']), cueOf('0-2', 2, ['four'])];
  const document = new TranscriptDocument(first);
  document.setText('0-0', 'one 2');
  const labelled = first.map((cue) => (cue.id === '0-1' ? { ...cue, speaker: 's1' } : cue)).slice(0, 2);
  const speakers = [{ id: 's1', name: 'Speaker 1' }];
  document.absorb(first, labelled, speakers);
  expect(document.cues.toArray().map(({ text, speaker }) => [text, speaker])).toEqual([
    ['one 2', undefined],
    ['three', 's1'],
  ]);
  // Only what was changed here is told.
  expect([...document.takeChanges()!.cues.keys()]).toEqual(['0-0']);
  expect(document.undo()?.kind).toBe('outside');
  expect(document.cues.toArray().map(({ text, speaker }) => [text, speaker])).toEqual([
    ['one 2', undefined],
    ['three', undefined],
    ['four', undefined],
  ]);
  expect(document.speakers).toEqual([]);
  document.redo();
  expect(speakerName(document.speakers, 's1')).toBe('Speaker 1');
});

test('a cue that is split elsewhere while a job runs is one step: its words are never there twice, nor lost', () => {
  const whole = cueOf('0-0', 0, ['one', 'two', 'three']);
  const parts = [
    { ...cueOf('0-0', 0, ['one']), speaker: '1' },
    { ...cueOf('0-0.1', 0.4, ['two', 'three']), speaker: '2' },
  ];
  const heard = cueOf('48000-0', 3, ['four']);
  const words = (document: TranscriptDocument) => document.cues.toArray().map(({ text }) => text);

  // The job has heard more in the meantime; what it has heard is no part of the step.
  const document = new TranscriptDocument([whole]);
  document.absorb([whole], [...parts, heard]);
  expect(words(document)).toEqual(['one', 'two three', 'four']);
  document.undo();
  expect(words(document)).toEqual(['one two three', 'four']);
  // Both are told, so that the transcript on the disk is the same.
  expect([...document.takeChanges()!.cues]).toEqual([
    ['0-0', whole],
    ['0-0.1', null],
  ]);
  document.redo();
  expect(words(document)).toEqual(['one', 'two three', 'four']);

  // Typed in at the same moment: what a person types stays, whole.
  const typed = new TranscriptDocument([whole]);
  typed.setText('0-0', 'one two three!', true);
  typed.absorb([whole], [...parts, heard]);
  expect(words(typed)).toEqual(['one two three!', 'four']);
  const told = typed.takeChanges()!.cues;
  expect([told.get('0-0')?.text, told.get('0-0.1')]).toEqual(['one two three!', null]);

  // And made one again elsewhere.
  const again = new TranscriptDocument([...parts, heard]);
  again.setText('0-0.1', 'two, three', true);
  again.absorb([...parts, heard], [whole, heard]);
  expect(words(again)).toEqual(['one', 'two, three', 'four']);
  expect([...again.takeChanges()!.cues.values()].map((cue) => cue?.text)).toEqual(['two, three', 'one']);
});

test('typing is one step until it ends, and words are timed from the text before it', () => {
  const document = new TranscriptDocument([cueOf('0-0', 0, ['old', 'numbers', 'here'])]);
  for (const text of ['old here', 'old n here', 'old numbers here', 'old numbers her'])
    document.setText('0-0', text, true);
  expect(document.cues.get('0-0')?.words?.slice(0, 2)).toEqual(cueOf('0-0', 0, ['old', 'numbers']).words);
  document.endTyping();
  document.setText('0-0', 'else', true);
  expect(document.undo()).toEqual({ kind: 'text', place: { id: '0-0', at: 15 } });
  expect(document.cues.get('0-0')?.text).toBe('old numbers her');
  document.undo();
  expect(document.cues.get('0-0')).toEqual(cueOf('0-0', 0, ['old', 'numbers', 'here']));
  expect(document.canUndo).toBe(false);
  // Typed and taken back by hand: nothing happened.
  document.setText('0-0', 'o', true);
  document.setText('0-0', 'old numbers here', true);
  expect([document.canUndo, document.cues.get('0-0')?.edited]).toEqual([false, false]);
});

test('splitting at a word, in a word, and where nothing is on one side', () => {
  const document = new TranscriptDocument([cueOf('0-0', 10, ['ask', 'not', 'what', 'your'], { speaker: 'Left' })]);
  const second = document.split('0-0', 'ask not '.length)!;
  const [a, b] = document.cues.toArray();
  expect([a.text, a.start, a.end, b.text, b.start, b.end]).toEqual(['ask not', 10, 10.7, 'what your', 10.8, 11.6]);
  expect([a.words?.map(({ text }) => text), b.words?.map(({ text }) => text)]).toEqual([
    ['ask', 'not'],
    ['what', 'your'],
  ]);
  expect([b.id, b.speaker, b.language]).toEqual([second, 'Left', 'en']);
  const third = document.split(second, 2)!;
  const [wh, at] = [document.cues.get(second)!, document.cues.get(third)!];
  expect([wh.text, wh.end, at.text, at.start]).toEqual(['wh', 10.95, 'at your', 10.95]);
  expect([document.split(second, 0), document.split(second, 2), document.split('nobody', 1)]).toEqual([
    null,
    null,
    null,
  ]);
  expect(document.mergeWithPrevious(third)).toEqual({ id: second, at: 3 });
  expect(document.cues.get(second)?.text).toBe('wh at your');
});

test('a cue without word times is cut by its letters; a surrogate pair is not cut', () => {
  const cue: EditableCue = { id: '0-0', start: 0, end: 10, text: 'ab👍cd', edited: false, language: 'en' };
  const document = new TranscriptDocument([cue]);
  document.split('0-0', 3);
  const [a, b] = document.cues.toArray();
  expect([a.text, a.end, b.text, b.start]).toEqual(['ab', 3.333, '👍cd', 3.333]);
  expect('words' in a).toBe(false);
});

test('cues that begin together keep their order, however they are split', () => {
  const still = (id: string, text: string): EditableCue => ({
    id,
    start: 5,
    end: 5,
    text,
    edited: false,
    language: 'en',
  });
  const document = new TranscriptDocument([still('0-0', 'a b c d e f g h'), still('0-1', 'last')]);
  // The first word off, again and again; then each of the rest cut before its last.
  for (let id: string | null = '0-0'; id !== null;) id = document.split(id, 2);
  expect(document.cues.toArray().map(({ text }) => text)).toEqual([...'abcdefgh', 'last']);
  while (document.canUndo) document.undo();
  for (let at = 14; at > 0; at -= 2) document.split('0-0', at);
  expect(document.cues.toArray().map(({ text }) => text)).toEqual([...'abcdefgh', 'last']);
});

test('names between names: always one, in order, never the same', () => {
  const random = randomFrom(5);
  const names = ['n'];
  for (let round = 0; round < 400; round += 1) {
    const at = random.next() < 0.5 ? names.length : random.whole(0, names.length);
    const made = lettersBetween(names[at - 1] ?? '', names[at] ?? null);
    names.splice(at, 0, made);
    expect(made).toMatch(/^[a-z]*[b-z]$/);
  }
  expect(names).toEqual([...new Set(names)].sort());
  expect(nameBetween('48000-1', '48000-2', () => false)).toBe('48000-1~n');
  expect(nameBetween('48000-1', '48000-1~n', (id) => id === '48000-1~g')).toBe('48000-1~j');
  expect(nameBetween(null, '0-0', () => false)).toBe('0~n');
});

test('inserting, deleting and moving in time', () => {
  const document = new TranscriptDocument([cueOf('0-0', 1, ['a']), cueOf('0-1', 9, ['b'])]);
  const between = document.insert('0-0', 'de');
  expect(document.cues.get(between)).toMatchObject({ start: 1.4, end: 3.4, text: '', language: 'en' });
  const top = document.insert(null, 'de');
  expect(document.cues.get(top)).toMatchObject({ start: 0, end: 1, language: 'en' });
  expect(document.setTimes(top, 20.0004, 19)).toBe(true);
  expect(document.cues.toArray().map(({ id }) => id)).toEqual(['0-0', between, '0-1', top]);
  expect(document.cues.get(top)).toMatchObject({ start: 20, end: 20 });
  // The words move with a cue that moves, and stay where they sound while its ends do.
  document.setTimes('0-1', 29, 29.4);
  expect(document.cues.get('0-1')?.words).toEqual([{ start: 29, end: 29.3, text: 'b', probability: 0.5 }]);
  document.setTimes('0-1', 29.1, 31);
  expect(document.cues.get('0-1')?.words).toEqual([{ start: 29.1, end: 29.3, text: 'b', probability: 0.5 }]);
  expect(document.setTimes('0-1', NaN, 3)).toBe(false);
  expect(document.delete([top, '0-1', 'nobody'])).toEqual({ id: between, at: 0 });
  expect(document.delete(['0-0', between])).toBeNull();
  expect(document.cues.size).toBe(0);
  expect(document.insert(null, 'de')).toBe('0~n');
  expect(document.cues.first()).toMatchObject({ start: 0, end: 2, language: 'de' });
});

test('speakers: named, renamed everywhere, made one', () => {
  const cues = ['Left', 'Right', 'Left', undefined].map((speaker, index) =>
    cueOf(`0-${index}`, index, ['x'], speaker === undefined ? {} : { speaker }),
  );
  const document = new TranscriptDocument(cues);
  const shown = () => document.cues.toArray().map(({ speaker }) => speaker && speakerName(document.speakers, speaker));
  renameSpeaker(document, 'Left', 'Ada');
  expect(shown()).toEqual(['Ada', 'Right', 'Ada', undefined]);
  setSpeakerNamed(document, ['0-3'], 'Ada');
  expect(document.cues.get('0-3')?.speaker).toBe('Left');
  setSpeakerNamed(document, ['0-1'], 'Grace');
  expect(shown()).toEqual(['Ada', 'Grace', 'Ada', 'Ada']);
  renameSpeaker(document, 'Grace', 'Ada');
  expect(shown()).toEqual(['Ada', 'Ada', 'Ada', 'Ada']);
  expect(document.speakers).toEqual([{ id: 'Left', name: 'Ada', joined: ['Grace'] }]);
  document.undo();
  expect(shown()).toEqual(['Ada', 'Grace', 'Ada', 'Ada']);
  document.setSpeaker(['0-0'], undefined);
  expect(shown()[0]).toBeUndefined();
  expect(renameSpeaker(document, 'Grace', 'Grace')).toBe(false);
  while (document.canUndo) document.undo();
  expect(document.cues.toArray()).toEqual(cues);
});

/** Elements that are copied or gone through, and times that are compared, while something runs. */
function work(cues: EditableCue[], run: (counted: EditableCue[]) => () => void): number {
  let steps = 0;
  const counted = cues.map((cue) => {
    let { start } = cue;
    return Object.defineProperty({ ...cue }, 'start', {
      enumerable: true,
      get: () => ((steps += 1), start),
      set: (value: number) => (start = value),
    });
  });
  const action = run(counted);
  const names = [
    'slice',
    'splice',
    'toSpliced',
    'with',
    'map',
    'filter',
    'find',
    'findIndex',
    'flatMap',
    'indexOf',
  ] as const;
  const prototype = Array.prototype as unknown as Record<string, (...given: unknown[]) => unknown>;
  const originals = names.map((name) => [name, prototype[name]] as const);
  const iterate = Array.prototype[Symbol.iterator];
  for (const [name, original] of originals) {
    prototype[name] = function (this: unknown[], ...given) {
      steps += this.length;
      return original.apply(this, given);
    };
  }
  Array.prototype[Symbol.iterator] = function () {
    steps += this.length;
    return iterate.call(this) as ArrayIterator<unknown>;
  };
  steps = 0;
  try {
    action();
  } finally {
    for (const [name, original] of originals) prototype[name] = original;
    Array.prototype[Symbol.iterator] = iterate;
  }
  return steps;
}

test('at 12,000 cues an operation does not look at more than a few hundred', () => {
  const cues = Array.from({ length: 12_000 }, (_, index) =>
    cueOf(`${index * 48000}-0`, index * 3, ['one', 'two', 'three']),
  );
  const middle = cues[6000].id;
  const operations: Record<string, (document: TranscriptDocument) => unknown> = {
    'a keystroke': (document) => document.setText(middle, 'one two threee', true),
    'the next keystroke': (document) => document.setText(middle, 'one two threeee', true),
    split: (document) => document.split(middle, 4),
    merge: (document) => document.mergeWithPrevious(middle),
    insert: (document) => document.insert(middle, 'en'),
    delete: (document) => document.delete([middle]),
    times: (document) => document.setTimes(middle, 3, 4),
    speaker: (document) => setSpeakerNamed(document, [middle], 'Ada'),
    'what sounds': (document) => document.cues.lastFrom(18_000.5),
    undo: (document) => document.undo(),
  };
  for (const [name, operate] of Object.entries(operations)) {
    const steps = work(cues, (counted) => {
      const document = new TranscriptDocument(counted);
      document.setText(middle, 'one two thre', true);
      return () => operate(document);
    });
    test.info().annotations.push({ type: name, description: `${steps} steps` });
    expect(steps, name).toBeGreaterThan(0);
    // A block of 64 copied twice, the list of 375 blocks once, a word diff, binary searches.
    expect(steps, name).toBeLessThan(1200);
  }
  // The counter counts: going through all of them is seen.
  expect(work(cues, (counted) => () => new CueOrder(counted).toArray())).toBeGreaterThan(12_000);
});

test('names are given to cues in steps, and each is found at any time before the last', () => {
  const cues = Array.from({ length: 3000 }, (_, index) => cueOf(`${index * 48000}-0`, index * 3, ['one']));
  // Making the order of ten times as many costs no more than their blocks: nobody is held up before the first row.
  const waiting = new CueOrder(cues);
  const naming = waiting.naming();
  expect(naming.next().done).toBe(false);
  expect(waiting.get(cues[2999].id)).toBe(cues[2999]);
  expect(waiting.size).toBe(3000);
  waiting.set(cues[5].id, null);
  expect(naming.next().done).toBe(true);
  expect([waiting.get(cues[5].id), waiting.size]).toEqual([undefined, 2999]);
  const steps = [...new CueOrder(cues).naming()];
  expect(steps).toHaveLength(6);
});

test('keystrokes do not touch the list of blocks at all', () => {
  const cues = Array.from({ length: 12_000 }, (_, index) => cueOf(`${index * 48000}-0`, index * 3, ['one']));
  const told: (number | null)[] = [];
  const document = new TranscriptDocument(cues, [], (block) => told.push(block?.key ?? null));
  const others = document.cues.blocks.map(({ cues }) => cues);
  for (let typed = 1; typed <= 50; typed += 1) document.setText(cues[6000].id, 'x'.repeat(typed), true);
  expect(new Set(told).size).toBe(1);
  expect(told).not.toContain(null);
  expect(document.cues.blocks.filter(({ cues }, index) => cues !== others[index])).toHaveLength(1);
});

test('tokens: words between spaces, characters where there are none', () => {
  expect(tokensOf(' one, two  three ')).toEqual(['one,', 'two', 'three']);
  expect(tokensOf('你好，世界。')).toEqual(['你', '好，', '世', '界。']);
  expect(tokensOf('')).toEqual([]);
});
