/**
 * Everything that comes from elsewhere, in hostile forms, thousands of each and the same every time (another seed, and more
 * rounds: EARSHOT_FUZZ=seed,rounds). It ends, in time, in what can be used or in a fault with a name, and what lies beside
 * the damage is never lost.
 */
import { zipSync } from 'fflate';
import { expect, test } from 'playwright/test';
import { DEFAULT_OPTIONS } from '../../src/export/exported.ts';
import { written } from '../../src/export/write.ts';
import { readTranscript } from '../../src/import/read-transcript.ts';
import { atOnce } from '../../src/slices.ts';
import { fieldsOf } from '../../workers/onnx/protobuf.ts';
import { skeletonOf } from '../../workers/onnx/skeleton.ts';
import { withTiedHead } from '../../workers/onnx/tied-head.ts';
import { unpack } from '../../workers/onnx/unpack.ts';
import { judge } from '../../workers/store/answer.ts';
import { importFrom } from '../../workers/store/disk.ts';
import { fetchSmall } from '../../workers/store/download.ts';
import { checkedSettings } from '../../workers/store/foreign.ts';
import { lookUp } from '../../workers/store/hub.ts';
import { listingOf, modelOf, noise, sha256, whisperSettings } from '../page/hub.ts';
import { exportedJob } from './exported-job.ts';
import { hostileBytes, hostileJson, hostileText } from './hostile.ts';
import { FLOAT, HALF, input, model, node, output, tensor, UINT8 } from './onnx-graph.ts';
import { randomFrom } from './random.ts';

const [SEED, ROUNDS] = (process.env['EARSHOT_FUZZ'] ?? '1,40').split(',').map(Number);
/** How many of a kind, where the usual number of rounds gives `usual`. */
const times = (usual: number): number => Math.ceil((usual * ROUNDS) / 40);
/** A single case takes milliseconds; a second is a search that goes with the square of the file. */
const MOST_MS = 2000;
const { signal } = new AbortController();

/** Runs a case; what it throws must have one of these names. @returns null: it threw one of them */
async function bounded<T>(what: string, names: readonly string[], task: () => T | Promise<T>): Promise<T | null> {
  const began = performance.now();
  try {
    return await task();
  } catch (error) {
    const { name, stack } = error as Error;
    must(names.includes(name), `${what}: ${stack}`);
    return null;
  } finally {
    must(performance.now() - began < MOST_MS, `${what} takes too long`);
  }
}

/** An \`expect\` in each of ten thousand cases would take longer than the cases. */
function must(right: boolean, what: string): void {
  if (!right) expect(`${what} (seed ${SEED})`).toBe('right');
}

test.describe('transcripts', () => {
  const SAID = Array.from({ length: 12 }, (_, index) => `sentence number ${index} of the person`);
  const cues = SAID.map((text, index) => ({ start: 3 * index, end: 3 * index + 2.5, text }));

  for (const format of ['json', 'whisper', 'whisperx'] as const) {
    test(`${format}: one cue is hostile, every other comes through with its words and times`, async () => {
      const random = randomFrom(SEED);
      const good = JSON.parse((await written(format, exportedJob(cues), DEFAULT_OPTIONS)) as string) as Record<
        string,
        unknown[]
      >;
      const list = format === 'json' ? 'cues' : 'segments';
      for (let round = 0; round < times(1500); round++) {
        const index = random.whole(0, cues.length - 1);
        const damaged = { ...good, [list]: good[list].with(index, hostileJson(random, good[list][index])) };
        const found = await bounded(`${format} ${round}`, [], () => atOnce(readTranscript(JSON.stringify(damaged))));
        const others = cues.filter((_, other) => other !== index);
        const kept = others.filter(({ start, text }) =>
          found?.cues.some((cue) => cue.start === start && cue.text === text),
        );
        must(kept.length === others.length, `${format} ${round}: words are lost`);
      }
    });

    test(`${format}: hostile anywhere, it is read or it is none, and what is read can be shown`, async () => {
      const random = randomFrom(SEED + 1);
      const text = (await written(format, exportedJob(cues), DEFAULT_OPTIONS)) as string;
      let read = 0;
      for (let round = 0; round < times(1500); round++) {
        const hostile =
          random.next() < 0.7 ? JSON.stringify(hostileJson(random, JSON.parse(text))) : hostileText(random, text);
        const found = await bounded(`${format} ${round}`, [], () => atOnce(readTranscript(hostile)));
        let last = 0;
        for (const { start, end, text: said, speaker } of found?.cues ?? []) {
          must(start >= last && end >= start && Number.isFinite(end), `${format} ${round}: ${start} to ${end}`);
          must(
            said.trim() !== '' && ['string', 'undefined'].includes(typeof speaker),
            `${format} ${round}: what is said`,
          );
          last = start;
        }
        if (found !== null) read += 1;
      }
      expect(read).toBeGreaterThan(times(100));
    });
  }

  const TIMES = [
    '',
    '-->',
    '00:00:01,000 --> ',
    '1:2:3:4 --> 5',
    '99:99:99,999 --> 00:00:00,000',
    '-1 --> -2',
    '\u0000',
  ];
  const TEXTS = [
    '',
    '<',
    '<v ',
    '<b><i><u>',
    '&#x110000;',
    '{\\an8}',
    '7',
    '\u2028',
    '<script>alert(1)</script>',
    'NOTE',
  ];
  for (const format of ['srt', 'vtt'] as const) {
    test(`${format}: one cue is hostile, no other loses a word`, async () => {
      const random = randomFrom(SEED + 2);
      const good = (await written(format, exportedJob(cues), DEFAULT_OPTIONS)) as string;
      const blocks = good.split(/\r?\n\r?\n/).filter((block) => block.trim() !== '');
      for (let round = 0; round < times(2000); round++) {
        const index = random.whole(0, blocks.length - 1);
        const lines = blocks[index].split(/\r?\n/);
        for (let wounds = random.whole(1, 3); wounds > 0; wounds--) {
          const at = random.whole(0, lines.length - 1);
          const isTime = lines[at].includes('-->');
          const list = isTime ? TIMES : TEXTS;
          const shard = list[random.whole(0, list.length - 1)];
          if (random.next() < 0.5) lines[at] = shard;
          else lines.splice(at, random.whole(0, 1), shard);
        }
        const text = blocks.with(index, lines.join('\n')).join('\n\n');
        const found = await bounded(`${format} ${round}`, [], () => atOnce(readTranscript(text)));
        const all = found?.cues.map((cue) => cue.text).join('\n') ?? '';
        // The first block of WebVTT is its header: without it the file may be taken for another kind, its words stay.
        const lost = SAID.filter((said) => !blocks[index].includes(said) && !all.includes(said));
        must(lost.length === 0, `${format} ${round}: ${lost.join()} of ${JSON.stringify(text)}`);
      }
    });
  }
});

test.describe('models', () => {
  const settings = Object.fromEntries(
    Object.entries(whisperSettings()).map(([path, bytes]) => [path, JSON.parse(bytes.toString()) as unknown]),
  );

  test('settings: refused in a sentence, or every number is one that can be counted with', async () => {
    const random = randomFrom(SEED + 3);
    const outcomes = { taken: 0, refused: 0 };
    for (let round = 0; round < times(4000); round++) {
      const hostile = { ...settings };
      const path = Object.keys(hostile)[random.whole(0, 2)];
      hostile[path] = hostileJson(random, hostile[path]);
      const checked = await bounded(`settings ${round}`, [], () =>
        checkedSettings(hostile['config.json'], hostile['preprocessor_config.json'], hostile['generation_config.json']),
      );
      if (checked?.ok) {
        outcomes.taken += 1;
        const { layers, heads, vocabulary, suppress, suppressAtBegin, alignmentHeads, ...rest } = checked.settings;
        for (const value of [layers, heads, vocabulary, rest.width, rest.headSize, ...Object.values(rest.mel)])
          must(Number.isInteger(value) && value > 0 && value <= 3_000_000, `settings ${round}: ${value}`);
        for (const id of [...suppress, ...suppressAtBegin, rest.endOfText, rest.startOfTranscript, rest.noTimestamps])
          must(Number.isInteger(id) && id >= 0 && id < vocabulary, `settings ${round}: token ${id}`);
        for (const [layer, head] of alignmentHeads) must(layer < layers && head < heads, `settings ${round}: heads`);
      } else {
        outcomes.refused += 1;
        must(/^It.{5,200}$/s.test(checked?.why ?? ''), `settings ${round}: ${checked?.why}`);
      }
    }
    expect(outcomes.taken).toBeGreaterThan(times(200));
    expect(outcomes.refused).toBeGreaterThan(times(1000));
  });

  test('graphs: rewritten or refused, with no more memory than the file has', async () => {
    const random = randomFrom(SEED + 4);
    const raw = (bytes: number) => new Uint8Array(noise(bytes, bytes));
    const good = model(
      input('x'),
      tensor('large', FLOAT, [32, 64], raw(8192)),
      tensor('levels', UINT8, [64, 2, 16], raw(2048)),
      tensor('scales', FLOAT, [128], raw(512)),
      tensor('half', HALF, [1024], raw(2048)),
      node('MatMulNBits', ['x', 'levels', 'scales'], ['y'], { K: 64, N: 64, bits: 4, block_size: 32 }),
      node('Cast', ['half'], ['wide'], { to: 1 }),
      node('Gather', ['large', 'y'], ['g'], { axis: 0 }),
      node('Transpose', ['large'], ['t'], {}),
      node('MatMul', ['g', 't'], ['z']),
      node('If', ['z'], ['w'], { then_branch: [node('Add', ['z', 'wide'], ['a']), output('a')] }),
      output('w'),
    );
    // The places of all fields, three messages deep.
    const places: number[] = [];
    const walk = (message: Uint8Array, depth: number): void => {
      for (const { bytes, body, wire } of fieldsOf(message)) {
        places.push(bytes.byteOffset - good.byteOffset);
        if (wire !== 2 || depth === 0) continue;
        try {
          walk(body, depth - 1);
        } catch {
          // A text or numbers, no message.
        }
      }
    };
    walk(good, 3);
    expect(places.length).toBeGreaterThan(60);
    const outcomes = { rewritten: 0, refused: 0 };
    for (let round = 0; round < times(3000); round++) {
      const file = hostileBytes(random, good, places);
      const blob = new Blob([file]);
      const done = await bounded(`graph ${round}`, ['Error', 'RangeError', 'TypeError'], async () => {
        const skeleton = await skeletonOf(blob);
        must(skeleton.length < 3 * file.length + 1000, `graph ${round} grows`);
        const { externalData } = await unpack(withTiedHead(skeleton), blob, random.next() < 0.5);
        for (const { data } of externalData)
          must((data instanceof Blob ? data.size : data.length) < 1_000_000, `graph ${round} unpacks to much`);
        return true;
      });
      outcomes[done ? 'rewritten' : 'refused'] += 1;
    }
    expect(outcomes.rewritten).toBeGreaterThan(times(100));
    expect(outcomes.refused).toBeGreaterThan(times(300));
  });

  test('archives: only right files are kept, whatever the directory says', async () => {
    const random = randomFrom(SEED + 5);
    const files: Record<string, Buffer> = {
      'config.json': Buffer.from('{"model_type":"whisper"}'),
      'onnx/encoder_model.onnx': Buffer.concat([noise(400, 3), Buffer.alloc(400, 7)]),
    };
    const models = [modelOf('fake', files)];
    const archive = zipSync(files, { level: 6 });
    const view = new DataView(archive.buffer);
    const places = Array.from({ length: archive.length - 4 }, (_, at) => at)
      .filter((at) => [0x0403_4b50, 0x0201_4b50, 0x0605_4b50].includes(view.getUint32(at, true)))
      .flatMap((at) => Array.from({ length: 46 }, (_, offset) => at + offset));
    let kept = 0;
    for (let round = 0; round < times(1200); round++) {
      const blob = new Blob([hostileBytes(random, archive, places)]);
      const report = await bounded(`archive ${round}`, [], () =>
        importFrom(
          signal,
          models,
          [{ path: 'model.zip', blob }],
          async ({ file }, found) => {
            const parts: Uint8Array[] = [];
            for await (const piece of found.read(signal)) parts.push(piece.slice());
            must(sha256(Buffer.concat(parts)) === file.sha256, `archive ${round}: other bytes`);
            kept += 1;
          },
          () => undefined,
        ),
      );
      must(Object.values(report ?? {}).flat().length > 0, `archive ${round}: nothing is said of it`);
    }
    expect(kept).toBeGreaterThan(times(50));
  });
});

test.describe('the hub', () => {
  const ID = 'someone/whisper-own';
  const SHA = 'c'.repeat(40);
  const files: Record<string, Buffer> = {
    ...whisperSettings(),
    'tokenizer.json': Buffer.from('{ }'),
    'tokenizer_config.json': Buffer.from('{  }'),
    'onnx/encoder_model.onnx': noise(100, 1),
    'onnx/decoder_model_merged_q4.onnx': noise(200, 2),
  };

  test('what it says of a model: pinned with hashes, or refused in words', async () => {
    const random = randomFrom(SEED + 6);
    const outcomes = { taken: 0, refused: 0 };
    for (let round = 0; round < times(1500); round++) {
      const listing = listingOf(SHA, files);
      const said =
        random.next() < 0.8
          ? JSON.stringify(hostileJson(random, listing))
          : hostileText(random, JSON.stringify(listing));
      const get = (address: string) => {
        const path = address.split('/resolve/')[1]?.slice(41);
        const bytes = path === undefined ? Buffer.from(said) : files[path];
        return Promise.resolve({ found: bytes !== undefined, blob: new Blob([new Uint8Array(bytes ?? [])]) });
      };
      const names = ['EngineFailed', 'DownloadFailed', 'ModelDamaged'];
      const found = await bounded(`listing ${round}`, names, () => lookUp({ hubUrl: 'https://hub.example/', get }, ID));
      outcomes[found === null ? 'refused' : 'taken'] += 1;
      for (const { path, bytes, sha256: hash } of found?.model.files ?? []) {
        must(/^[0-9a-f]{64}$/.test(hash) && Number.isFinite(bytes) && bytes > 0, `listing ${round}: ${path} ${bytes}`);
        must(!/\.\.|^\//.test(path), `listing ${round}: ${path}`);
      }
      must(/^[0-9a-f]{40}$/.test(found?.model.revision ?? SHA), `listing ${round}: the commit`);
    }
    expect(outcomes.taken).toBeGreaterThan(times(50));
    expect(outcomes.refused).toBeGreaterThan(times(300));
  });

  test('an answer to a request for the rest of a file: never skips what is not there, never reads a page', () => {
    const random = randomFrom(SEED + 7);
    const anyOf = <T>(...list: T[]): T => list[random.whole(0, list.length - 1)];
    const number = () => anyOf<string | number>(0, 1, 500, 999, 1000, 1001, -1, 1e20, '', 'x', '0x10', '*');
    for (let round = 0; round < times(6000); round++) {
      const fromByte = anyOf(0, 1, 500, 999);
      const answer = {
        status: anyOf(200, 206, 206, 206, 0, 204, 301, 302, 403, 404, 407, 416, 429, 451, 500, 511, 999),
        contentType: anyOf(
          null,
          '',
          'text/html',
          ' Text/HTML; charset=x',
          'application/octet-stream',
          'x'.repeat(9000),
        ),
        contentRange: anyOf(
          null,
          '',
          `bytes ${number()}-${number()}/${number()}`,
          `bytes */${number()}`,
          'items 0-1/2',
        ),
      };
      const verdict = judge(answer, fromByte, 1000);
      if (verdict.type === 'read') {
        must(verdict.skipBytes >= 0 && verdict.skipBytes <= fromByte, JSON.stringify(answer));
        must(!/html/i.test(answer.contentType ?? ''), JSON.stringify(answer));
      } else {
        must(/^Download(Failed|Blocked)$/.test(verdict.fault.name), verdict.fault.name);
      }
    }
  });

  test('a small answer: no byte beyond its bound is read, whatever its headers say', async () => {
    const random = randomFrom(SEED + 8);
    const anyOf = <T>(...list: T[]): T => list[random.whole(0, list.length - 1)];
    for (let round = 0; round < times(1500); round++) {
      let sent = 0;
      const pieces = anyOf(0, 1, 3, Infinity);
      const breaks = random.next() < 0.2;
      const fetch = (): Promise<Response> => {
        if (random.next() < 0.1) return Promise.reject(new TypeError('redirected to a host that is not there'));
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            if (sent >= pieces * 100) return controller.close();
            if (breaks && sent >= 100) return controller.error(new TypeError('cut'));
            sent += 100;
            controller.enqueue(new Uint8Array(100).fill(anyOf(60, 123, 0, 255)));
          },
        });
        const status = anyOf(200, 200, 200, 206, 401, 403, 404, 416, 500, 503, 511);
        const headers = {
          'content-type': anyOf('application/json', 'text/html', 'x/y', ''),
          'content-length': anyOf('0', '-1', '99999999999999', 'many'),
          'content-range': anyOf('', 'bytes 0-1/2', 'bytes 5-1/*'),
        };
        return Promise.resolve(new Response(body, { status, headers }));
      };
      const names = ['DownloadFailed', 'DownloadBlocked'];
      const request = { credentials: 'omit', fetch: fetch as typeof globalThis.fetch } as const;
      const found = await bounded(`answer ${round}`, names, () =>
        fetchSmall(signal, 'https://hub.example/a.json', 1000, request),
      );
      must((found?.blob.size ?? 0) <= 1000, `answer ${round}: ${found?.blob.size} bytes`);
      // One piece too many tells that there are too many; streams read one ahead.
      must(sent <= 1300, `answer ${round}: ${sent} bytes`);
    }
  });
});
