/** Archives of models: ours read by others, others' read by us, and what nobody should have packed. */
import { unzipSync, zipSync, type Zippable } from 'fflate';
import { expect, test } from 'playwright/test';
import type { DiskFile, ImportReport } from '../../workers/protocol.ts';
import { sha256Of, sumsOf } from '../../workers/store/bytes.ts';
import { importFrom } from '../../workers/store/disk.ts';
import { listZip, unpack } from '../../workers/store/zip-read.ts';
import { zipOf } from '../../workers/store/zip-write.ts';
import { modelOf, noise, sha256 } from '../page/hub.ts';
import { randomFrom } from './random.ts';

const CONFIG = 'config.json';
const WEIGHTS = 'onnx/encoder_model.onnx';
const files: Record<string, Buffer> = {
  [CONFIG]: Buffer.from('{"model_type":"whisper"}'),
  // Half of it shrinks, so that deflate has something to do.
  [WEIGHTS]: Buffer.concat([noise(700_000, 3), Buffer.alloc(700_000, 7)]),
};
const models = [modelOf('fake', files)];
const { signal } = new AbortController();
const isDirectory = (view: DataView, at: number) => view.getUint32(at, true) === 0x0201_4b50;

function packed(content: Zippable, level: 0 | 6 = 6): Buffer {
  return Buffer.from(zipSync(content, { level }));
}

/** The archive with a change made in each entry of its directory. */
function patched(archive: Buffer, change: (view: DataView, at: number) => void): Buffer {
  const copy = Buffer.from(archive);
  const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
  for (let at = 0; at + 46 <= copy.length; at += 1) if (isDirectory(view, at)) change(view, at);
  return copy;
}

/** What an import of these files would keep, and its report. */
async function imported(
  ...given: [path: string, content: Buffer][]
): Promise<{ kept: string[]; report: ImportReport }> {
  const kept: string[] = [];
  const disk = given.map(([path, content]): DiskFile => ({ path, blob: new Blob([new Uint8Array(content)]) }));
  const report = await importFrom(
    signal,
    models,
    disk,
    async ({ file }, found) => {
      const parts: Uint8Array[] = [];
      for await (const piece of found.read(signal)) parts.push(piece.slice());
      expect(sha256(Buffer.concat(parts))).toBe(file.sha256);
      kept.push(file.path);
    },
    () => {},
  );
  return { kept, report };
}

const nothing: ImportReport = { stored: [], damaged: [], unknown: [], refused: [] };
const stored = [CONFIG, WEIGHTS].map((path) => ({ modelId: 'fake', path }));
const whole = Object.fromEntries(Object.entries(files).map(([path, content]) => [`fake/${path}`, content]));

test('an archive of ours opens elsewhere and comes back here, names of all scripts kept', async () => {
  const content = { ...files, 'Модель/模型.json': Buffer.from('é') };
  const entries = await Promise.all(
    Object.entries(content).map(async ([path, bytes]) => {
      const blob = new Blob([new Uint8Array(bytes)]);
      const { crc32, sha256: sum } = await sumsOf(signal, blob);
      expect(sum).toBe(sha256(bytes));
      return { path, blob, crc32 };
    }),
  );
  const zip = zipOf(entries);
  const read = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  expect(Object.keys(read)).toEqual(Object.keys(content));
  for (const [path, bytes] of Object.entries(content)) expect(sha256(Buffer.from(read[path]))).toBe(sha256(bytes));
  expect((await listZip(zip)).map(({ name, bytes }) => [name, bytes])).toEqual(
    Object.entries(content).map(([path, bytes]) => [path, bytes.length]),
  );
  // The archive is the files and a few headers, no more.
  const payload = Object.values(content).reduce((total, bytes) => total + bytes.length, 0);
  expect(zip.size - payload).toBeLessThan(500);
});

test('a model is found in an archive however it was packed, named and nested', async () => {
  for (const level of [0, 6] as const) {
    const nested = Object.fromEntries(Object.entries(whole).map(([path, bytes]) => [`a/b/c/${path}`, bytes]));
    const flat: Zippable = { 'settings (1).json': files[CONFIG], encoder: files[WEIGHTS] };
    for (const content of [whole, nested, flat]) {
      const { kept, report } = await imported(['model.zip', packed({ ...content, __MACOSX: {} }, level)]);
      expect(kept).toEqual([CONFIG, WEIGHTS]);
      expect(report).toEqual({ ...nothing, stored });
    }
  }
});

test('hostile names are read, shown, and never more than names', async () => {
  const names = ['../../../etc/passwd', '/etc/shadow', 'C:\\Windows\\system32\\config', '..\\..\\up', 'nul\0byte', ''];
  const content = Object.fromEntries(names.map((name) => [name, Buffer.from('x')]));
  const { kept, report } = await imported(['evil.zip', packed({ ...content, '../../up/model': files[WEIGHTS] })]);
  expect(kept).toEqual([WEIGHTS]);
  expect(report).toEqual({
    ...nothing,
    stored: [stored[1]],
    unknown: names.map((name) => `evil.zip/${name}`),
  });
});

test('one wrong bit in an archive is damaged and not kept', async () => {
  const wrong = Buffer.from(files[WEIGHTS]);
  wrong[5000] ^= 1;
  const { kept, report } = await imported(['model.zip', packed({ ...whole, [`fake/${WEIGHTS}`]: wrong })]);
  expect(kept).toEqual([CONFIG]);
  expect(report.damaged).toEqual([`model.zip/fake/${WEIGHTS}`]);
});

test('an archive cut off anywhere is refused in words', async () => {
  const archive = packed(whole);
  for (let twentieth = 1; twentieth < 20; twentieth += 1) {
    const { kept, report } = await imported(['cut.zip', archive.subarray(0, (archive.length * twentieth) / 20)]);
    expect(kept).toEqual([]);
    expect(report).toEqual({ ...nothing, refused: [{ path: 'cut.zip', why: expect.stringContaining('cut off') }] });
  }
  // Its beginning missing is no better.
  const { report } = await imported(['cut.zip', archive.subarray(1000)]);
  expect(report.refused).toEqual([{ path: 'cut.zip', why: expect.stringContaining('no zip archive') }]);
});

test.describe('refused, and nothing kept', () => {
  const bomb = packed({ ...whole, 'fake/onnx/big.onnx': Buffer.alloc(40_000_000) });
  const cases: Record<string, { archive: Buffer; why: string; path?: string; kept?: string[] }> = {
    'locked with a password': {
      archive: patched(packed(whole), (view, at) => view.setUint16(at + 8, 1, true)),
      why: 'locked with a password',
    },
    'packed by another method': {
      archive: patched(packed({ [`fake/${WEIGHTS}`]: files[WEIGHTS] }), (view, at) =>
        view.setUint16(at + 10, 14, true),
      ),
      path: `model.zip/fake/${WEIGHTS}`,
      why: 'packed in a way this page cannot open (14)',
    },
    'a bomb that says so': {
      archive: bomb,
      path: 'model.zip/fake/onnx/big.onnx',
      why: 'It would unpack to 40 MB, more than any file of a model.',
      kept: [CONFIG, WEIGHTS],
    },
    'a bomb that hides it': {
      archive: patched(packed({ 'fake/onnx/encoder_model.onnx': Buffer.alloc(40_000_000) }), (view, at) =>
        view.setUint32(at + 24, files[WEIGHTS].length, true),
      ),
      path: `model.zip/fake/${WEIGHTS}`,
      why: 'It unpacks to more than the archive says.',
    },
    'one that unpacks to less than it says': {
      archive: patched(packed({ 'a.onnx': Buffer.alloc(1000, 1) }), (view, at) =>
        view.setUint32(at + 24, files[WEIGHTS].length, true),
      ),
      path: 'model.zip/a.onnx',
      why: 'cut off or damaged',
    },
    'the same model three times': {
      archive: packed({ a: whole, b: whole, c: whole }),
      why: 'more than all models together',
    },
    'entries that share their bytes': {
      archive: patched(packed(whole), (view, at) => view.setUint32(at + 20, 1_300_000, true)),
      why: 'overlap',
    },
    'another network': {
      archive: packed({
        'bert/config.json': Buffer.from('{"model_type":"bert"}  '),
        'bert/model.onnx': noise(5000, 9),
      }),
      why: 'There is no model in this archive that this page knows.',
    },
    'settings alone': { archive: packed({ 'other/config.json': files[CONFIG] }), why: 'There is no model' },
    'an empty archive': { archive: packed({}), why: 'There is no model' },
    'no archive': { archive: Buffer.from('<!doctype html>'), why: 'no zip archive' },
  };
  for (const [name, { archive, why, path = 'model.zip', kept: keeps = [] }] of Object.entries(cases)) {
    test(name, async () => {
      const { kept, report } = await imported(['model.zip', archive]);
      expect(kept).toEqual(keeps);
      expect(report.refused).toEqual([{ path, why: expect.stringContaining(why) }]);
      expect(report.damaged).toEqual([]);
    });
  }

  test('another kind of archive', async () => {
    const { report } = await imported(['model.tar.gz', noise(100, 1)]);
    expect(report.refused).toEqual([{ path: 'model.tar.gz', why: expect.stringContaining('zip archives only') }]);
  });
});

test('a bad archive does not stop the good files beside it', async () => {
  const { kept, report } = await imported(
    ['bad.zip', Buffer.from('no')],
    ['fake/config.json', files[CONFIG]],
    ['notes.txt', Buffer.from('hello')],
    ['good.zip', packed({ [WEIGHTS]: files[WEIGHTS] })],
  );
  expect(kept).toEqual([CONFIG, WEIGHTS]);
  expect(report).toMatchObject({ stored, damaged: [], unknown: ['notes.txt'] });
  expect(report.refused.map(({ path }) => path)).toEqual(['bad.zip']);
});

test('whatever bytes are wrong in an archive: it ends, in words, and only right files are kept', async () => {
  const archive = packed(whole);
  const draw = randomFrom(11);
  for (let round = 0; round < 60; round += 1) {
    const broken = Buffer.from(archive);
    // Half of them where the directory is.
    const from = round % 2 === 0 ? 0 : broken.length - 220;
    for (let flips = 0; flips < 3; flips += 1) {
      broken[draw.whole(from, broken.length - 1)] ^= 1 << draw.whole(0, 7);
    }
    // `imported` checks each kept byte.
    const { report } = await imported(['broken.zip', broken]);
    expect(Object.values(report).flat().length).toBeGreaterThan(0);
  }
});

test('an archive with 64-bit sizes, as some packers write always, is read', async () => {
  const name = Buffer.from(WEIGHTS);
  const content = files[WEIGHTS];
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x0403_4b50, 0);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x0201_4b50, 0);
  for (const at of [20, 24, 42]) entry.writeUInt32LE(0xffff_ffff, at);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt16LE(28, 30);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(content.length), 4);
  extra.writeBigUInt64LE(BigInt(content.length), 12);
  const directory = Buffer.concat([entry, name, extra]);
  const start = local.length + name.length + content.length;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x0606_4b50, 0);
  end64.writeBigUInt64LE(1n, 32);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  end64.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x0706_4b50, 0);
  locator.writeBigUInt64LE(BigInt(start + directory.length), 8);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(0xffff, 10);
  end.writeUInt32LE(0xffff_ffff, 12);
  end.writeUInt32LE(0xffff_ffff, 16);
  const archive = Buffer.concat([local, name, content, directory, end64, locator, end]);
  expect((await imported(['large.zip', archive])).kept).toEqual([WEIGHTS]);
  const [only] = await listZip(new Blob([new Uint8Array(archive)]));
  const parts: Uint8Array[] = [];
  for await (const piece of unpack(signal, new Blob([new Uint8Array(archive)]), only)) parts.push(piece);
  expect(sha256(Buffer.concat(parts))).toBe(await sha256Of(signal, new Blob([new Uint8Array(content)])));
});
