/** Word times: alignment, path and words against openai/whisper timing.py and tokenizer.py. */
import { Tensor } from 'onnxruntime-common';
import { expect, test } from 'playwright/test';
import type { WhisperModel } from '../../workers/whisper/model.ts';
import { segmentsOf } from '../../workers/whisper/segments.ts';
import { textCodec, type TextCodec } from '../../workers/whisper/text.ts';
import { alignmentMatrix, medianFilter, splitWords, timeWarp, wordsOf } from '../../workers/whisper/words.ts';
import { END, forgedText, special, START, EN, time, TRANSCRIBE, VOCABULARY } from './forged-model.ts';
import { randomFrom } from './random.ts';

const grid = (rows: number, columns: number, value: (i: number, j: number) => number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, at) => value(Math.floor(at / columns), at % columns));
const pathOf = (matrix: Float32Array, rows: number, columns: number): [number, number][] =>
  timeWarp(matrix, rows, columns).map(({ row, column }) => [row, column]);

test('the path is that of dtw_cpu on the negated matrix', () => {
  // Paths from a plain Python transcription of timing.py dtw_cpu and backtrace, c0d2f62.
  expect(
    pathOf(
      grid(5, 8, (i, j) => (7 * i * i + 3 * j * j + 5 * i * j) % 11),
      5,
      8,
    ),
  ).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [2, 1],
    [2, 2],
    [2, 3],
    [2, 4],
    [2, 5],
    [2, 6],
    [3, 6],
    [4, 6],
    [4, 7],
  ]);
  expect(
    pathOf(
      grid(7, 4, (i, j) => (5 * i + 9 * j * j + i * j) % 13),
      7,
      4,
    ),
  ).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [2, 1],
    [2, 2],
    [3, 2],
    [4, 2],
    [4, 3],
    [5, 3],
    [6, 3],
  ]);
});

test('the path follows a plain diagonal of blocks, and no path gathers more', () => {
  const random = randomFrom(1);
  expect(
    pathOf(
      grid(3, 9, (i, j) => (Math.floor(j / 3) === i ? 1 : -1)),
      3,
      9,
    ),
  ).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((j) => [Math.floor(j / 3), j]));
  for (let round = 0; round < 200; round++) {
    const [rows, columns] = [random.whole(1, 5), random.whole(1, 6)];
    const matrix = grid(rows, columns, () => random.normal());
    const sum = (path: [number, number][]): number =>
      path.reduce((total, [i, j]) => total + matrix[i * columns + j], 0);
    // Every path there is, by trying.
    const most = (i: number, j: number): number => {
      const here = matrix[i * columns + j];
      if (i === rows - 1 && j === columns - 1) return here;
      return (
        here +
        Math.max(
          i + 1 < rows ? most(i + 1, j) : -Infinity,
          j + 1 < columns ? most(i, j + 1) : -Infinity,
          i + 1 < rows && j + 1 < columns ? most(i + 1, j + 1) : -Infinity,
        )
      );
    };
    expect(sum(pathOf(matrix, rows, columns))).toBeCloseTo(most(0, 0), 4);
  }
});

test('the median filter is the median of what lies around, edges reflected', () => {
  const random = randomFrom(2);
  for (let round = 0; round < 300; round++) {
    const width = 2 * random.whole(0, 5) + 1;
    const values = Float32Array.from({ length: random.whole(1, 30) }, () => random.normal());
    const half = (width - 1) / 2;
    const n = values.length;
    const padded = [
      ...Array.from({ length: half }, (_, i) => values[half - i]),
      ...values,
      ...Array.from({ length: half }, (_, i) => values[n - 2 - i]),
    ];
    const expected =
      n <= half ? [...values] : Array.from(values, (_, i) => padded.slice(i, i + width).sort((a, b) => a - b)[half]);
    expect([...medianFilter(values, width)]).toEqual(expected);
  }
});

test('heads are normalised over the tokens, smoothed over time, and averaged', () => {
  const random = randomFrom(3);
  const [rows, frames, width] = [6, 11, 3];
  const heads = [0, 1, 2].map(() => grid(rows, frames, () => random.next()));
  heads[1].forEach((_, at) => at % frames === 4 && (heads[1][at] = 0.25)); // a frame all tokens look at alike
  const expected = new Float64Array(rows * frames);
  for (const head of heads) {
    const columns = Array.from({ length: frames }, (_, f) =>
      Array.from({ length: rows }, (_u, t) => head[t * frames + f]),
    );
    const normal = columns.map((column) => {
      const mean = column.reduce((a, b) => a + b) / rows;
      const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows);
      return column.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
    });
    for (let t = 0; t < rows; t++) {
      for (let f = 0; f < frames; f++) {
        const around = [f - 1, f, f + 1].map(
          (at) => normal[at < 0 ? -at : at >= frames ? 2 * (frames - 1) - at : at][t],
        );
        expected[t * frames + f] += around.sort((a, b) => a - b)[1] / heads.length;
      }
    }
  }
  const matrix = alignmentMatrix(heads, rows, frames, width);
  expect(Math.max(...matrix.map((value, at) => Math.abs(value - expected[at])))).toBeLessThan(1e-5);
});

/** A codec over bytes: token n stands for the n-th of these. */
function bytesCodec(vocabulary: (string | number[])[]): TextCodec {
  const bytes = vocabulary.map((one) => (typeof one === 'string' ? [...new TextEncoder().encode(one)] : one));
  return {
    decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids.flatMap((id) => bytes[id]))),
    encode: () => [],
  };
}

function split(vocabulary: (string | number[])[], language = 'en'): [string, number[]][] {
  const words = splitWords([...vocabulary.keys()], bytesCodec(vocabulary), language);
  return words.map((word) => [word.text, word.tokens]);
}

test('words are split at spaces; punctuation joins the word it leans on', () => {
  expect(split([' Hello', ',', ' wor', 'ld', '!', ' "', 'Yes', '"', '.'])).toEqual([
    [' Hello,', [0, 1]],
    [' world!', [2, 3, 4]],
    [' "Yes".', [5, 6, 7, 8]],
  ]);
  expect(split(['No', ' space', ' (', 'at', ' first', ')'])).toEqual([
    ['No', [0]],
    [' space', [1]],
    [' (at', [2, 3]],
    [' first)', [4, 5]],
  ]);
  expect(split([' l', "'", 'été', ' ¿', 'qué', '?', ' fifty', '-', 'one'])).toEqual([
    [" l'été", [0, 1, 2]],
    [' ¿qué?', [3, 4, 5]],
    [' fifty-one', [6, 7, 8]],
  ]);
});

test('languages without spaces are split at characters', () => {
  expect(split(['今日', 'は', '、', '晴', 'れ', '。'], 'ja')).toEqual([
    ['今日', [0]],
    ['は、', [1, 2]],
    ['晴', [3]],
    ['れ。', [4, 5]],
  ]);
  expect(split(['今日', 'は'], 'en')).toEqual([['今日は', [0, 1]]]);
  expect(split(['ខ្ញុំ', 'ទៅ'], 'km')).toEqual([
    ['ខ្ញុំ', [0]],
    ['ទៅ', [1]],
  ]);
});

test('a character in several tokens stays whole', () => {
  const smile = [...new TextEncoder().encode('😀')];
  expect(split([[32, smile[0]], [smile[1]], [smile[2], smile[3]], ' ok'])).toEqual([
    [' 😀', [0, 1, 2]],
    [' ok', [3]],
  ]);
  // 晴 is E6 99 B4.
  expect(split(['は', [0xe6, 0x99], [0xb4], 'れ'], 'ja')).toEqual([
    ['は', [0]],
    ['晴', [1, 2]],
    ['れ', [3]],
  ]);
});

test('bytes that are no character do not swallow the words after them', () => {
  const words = split([' one', [32, 0xf0, 0x9f], ' two', ' three', ' four']);
  expect(words.slice(-2)).toEqual([
    [' three', [3]],
    [' four', [4]],
  ]);
  expect(words.flatMap(([, tokens]) => tokens)).toEqual([0, 1, 2, 3, 4]);
  // Cut in the middle of a character: what there is stays.
  expect(split([' one', [32, 0xf0]]).flatMap(([, tokens]) => tokens)).toEqual([0, 1]);
});

test('splitting loses no token and no text, whatever comes', () => {
  const random = randomFrom(4);
  const vocabulary = [' a', 'b', ' c', ',', '.', ' "', '"', ' (', ')', '-', ' ', '日', [0xe6], [0x99, 0xb4], ' ¿', '?'];
  const codec = bytesCodec(vocabulary);
  for (let round = 0; round < 2000; round++) {
    const tokens = Array.from({ length: random.whole(0, 12) }, () => random.whole(0, vocabulary.length - 1));
    for (const language of ['en', 'ja']) {
      const words = splitWords(tokens, codec, language);
      if (words.flatMap((word) => word.tokens).join() !== tokens.join()) expect(words).toEqual(tokens);
    }
  }
});

test('text keeps the spaces the model wrote, and takes no specials', () => {
  const asked: unknown[] = [];
  const codec = textCodec(
    {
      decode: (ids, options) => {
        asked.push(options);
        return ids.join(' ');
      },
      encode: () => [1, END, 2, START],
    },
    END,
  );
  expect(codec.decode([1, time(0), END, 2])).toBe('1 2');
  expect(asked).toEqual([{ skip_special_tokens: true, clean_up_tokenization_spaces: false }]);
  expect(codec.decode([time(0)])).toBe('');
  expect(codec.encode('<|endoftext|>')).toEqual([1, 2]);
});

const FRAMES = 50;

/** A decoder whose one alignment head looks from `looks[t]` to where it looks next while it is at position t. */
function looking(looks: readonly number[], logits: Record<number, number>): WhisperModel {
  return {
    ort: { Tensor },
    tokens: special,
    text: forgedText,
    layers: 1,
    heads: 2,
    headSize: 4,
    sourcePositions: FRAMES,
    targetPositions: 64,
    timeStep: 0.02,
    alignmentHeads: [[0, 1]],
    medianFilterWidth: 3,
    noWords: null,
    decode: async (feeds: Record<string, Tensor>, outputs: readonly string[]) => {
      expect([...outputs].sort()).toEqual(['cross_attentions.0', 'logits']);
      const length = feeds['input_ids'].dims[1];
      const attention = new Float32Array(2 * length * FRAMES).fill(1e-4);
      for (let t = 0; t < length; t++) {
        const until = Math.max(looks[t] + 1, looks[t + 1] ?? FRAMES);
        attention.fill(0.2, (length + t) * FRAMES + looks[t], (length + t) * FRAMES + until); // the second head
        attention[t * FRAMES + ((t * 7) % FRAMES)] = 0.5; // the first is not asked
      }
      const row = new Float32Array(VOCABULARY).fill(-30);
      for (const [id, value] of Object.entries(logits)) row[Number(id)] = value;
      const all = new Float32Array(length * VOCABULARY);
      for (let t = 0; t < length; t++) all.set(row, t * VOCABULARY);
      return {
        logits: new Tensor('float32', all, [1, length, VOCABULARY]),
        'cross_attentions.0': new Tensor('float32', attention, [1, 2, length, FRAMES]),
      };
    },
  } as unknown as WhisperModel;
}

const prompt = [START, EN, TRANSCRIBE];
const decoded = [time(0), 1, 2, time(25), time(25), 3, time(45)];
const hidden = new Tensor('float32', new Float32Array(FRAMES * 4), [1, FRAMES, 4]);
// A position looks where the token it predicts is heard: the prompt's last position predicts the first time.
const looks = [0, 0, 2, 6, 16, 24, 27, 32, 44, 46, 48];

test('a word lies where the decoder looked, inside its segment, sure in the degree it was', async () => {
  const segments = segmentsOf(decoded, special, 0.02, 1);
  // Half of the probability is on times, a fifth of the rest on another word.
  const likely = { 1: Math.log(0.4), 2: Math.log(0.4), 3: Math.log(0.4), 9: Math.log(0.1), [time(30)]: Math.log(1) };
  const words = await wordsOf(looking(looks, likely), hidden, prompt, decoded, segments, 'en', 1);
  expect(words.map(({ text, segment }) => [text, segment])).toEqual([
    ['w1', 0],
    ['w2', 0],
    ['w3', 1],
  ]);
  // Among words only, as timing.py takes it: 0.4 of 1.3.
  for (const { probability } of words) expect(probability).toBeCloseTo(0.4 / 1.3, 4);
  expect(words[0].start).toBeCloseTo(6 * 0.02, 9);
  expect(words[1].start).toBeCloseTo(16 * 0.02, 9);
  expect(words[1].end).toBeCloseTo(24 * 0.02, 9);
  expect(words[2].start).toBeCloseTo(32 * 0.02, 9);
  expect(words[2].end).toBeCloseTo(44 * 0.02, 9);
});

test('words stay in their segments and in order, wherever the decoder looks', async () => {
  const random = randomFrom(5);
  for (let round = 0; round < 200; round++) {
    const seconds = random.between(0.3, 1);
    const segments = segmentsOf(decoded, special, 0.02, seconds);
    const anywhere = Array.from({ length: 11 }, () => random.whole(0, FRAMES - 1));
    const words = await wordsOf(looking(anywhere, { 1: 1 }), hidden, prompt, decoded, segments, 'en', seconds);
    let before = 0;
    const wrong = words.filter(({ start, end, segment }) => {
      const ok = start >= before && end >= start && start >= segments[segment].start && end <= segments[segment].end;
      before = end;
      return !ok;
    });
    expect(wrong).toEqual([]);
    expect(words).toHaveLength(3);
  }
});

test('no words without segments, attentions or heads', async () => {
  const segments = segmentsOf(decoded, special, 0.02, 1);
  const model = looking(looks, {});
  expect(await wordsOf(model, hidden, prompt, decoded, [], 'en', 1)).toEqual([]);
  const without = { ...model, noWords: 'It was exported without its cross-attentions.' };
  expect(await wordsOf(without, hidden, prompt, decoded, segments, 'en', 1)).toEqual([]);
});
