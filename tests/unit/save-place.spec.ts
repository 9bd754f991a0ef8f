/** Saving where a person wants it: all of it is there, or what was there before, and never an empty file. */
import { expect, test } from 'playwright/test';
import { canChoosePlace, saveBeside, writeTo } from '../../src/export/save-place.ts';

type Answers = {
  query?: PermissionState;
  request?: PermissionState;
  /** What goes wrong, and where. */
  breaks?: 'open' | 'write' | 'close';
};

/** A file on a disk, as the browser's handles treat one: what is written takes its place when the stream is closed. */
class ForgedPlace {
  readonly name = 'talk.srt';
  /** null: it is not there. */
  content: string | null;
  readonly asked: string[] = [];
  streams = { open: 0, closed: 0, aborted: 0 };
  readonly #answers: Answers;

  constructor(content: string | null, answers: Answers = {}) {
    this.content = content;
    this.#answers = answers;
  }

  queryPermission({ mode }: { mode: string }): Promise<PermissionState> {
    this.asked.push(`query ${mode}`);
    return Promise.resolve(this.#answers.query ?? 'granted');
  }
  requestPermission({ mode }: { mode: string }): Promise<PermissionState> {
    this.asked.push(`request ${mode}`);
    return Promise.resolve(this.#answers.request ?? 'denied');
  }
  getFile(): Promise<{ size: number }> {
    if (this.content === null) return Promise.reject(new DOMException('gone', 'NotFoundError'));
    return Promise.resolve({ size: this.content.length });
  }
  remove(): Promise<void> {
    this.content = null;
    return Promise.resolve();
  }
  createWritable(): Promise<unknown> {
    if (this.#answers.breaks === 'open')
      return Promise.reject(new DOMException('locked', 'NoModificationAllowedError'));
    this.streams.open += 1;
    let written = '';
    return Promise.resolve({
      write: async (blob: Blob) => {
        if (this.#answers.breaks === 'write') throw new DOMException('no room', 'QuotaExceededError');
        written += await blob.text();
      },
      close: () => {
        if (this.#answers.breaks === 'close') return Promise.reject(new DOMException('gone', 'NotFoundError'));
        this.streams.closed += 1;
        this.content = written;
        return Promise.resolve();
      },
      abort: () => {
        this.streams.aborted += 1;
        return Promise.resolve();
      },
    });
  }

  get handle(): FileSystemFileHandle {
    return this as unknown as FileSystemFileHandle;
  }
}

const BLOB = new Blob(['the words'], { type: 'application/x-subrip; charset=utf-8' });

type Asked = { suggestedName: string; startIn?: unknown; types: { accept: Record<string, string[]> }[] };
function pickerGives(answer: () => Promise<unknown>): Asked[] {
  const asked: Asked[] = [];
  Reflect.set(globalThis, 'showSaveFilePicker', (options: Asked) => {
    asked.push(options);
    return answer();
  });
  return asked;
}
test.afterEach(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));

test('what is saved is all there, in the folder of the recording', async () => {
  const place = new ForgedPlace('');
  const asked = pickerGives(() => Promise.resolve(place.handle));
  const source = new ForgedPlace('sound').handle;
  expect(canChoosePlace()).toBe(true);
  expect(await saveBeside('talk.srt', BLOB, source)).toEqual({ type: 'there', name: 'talk.srt' });
  expect(place.content).toBe('the words');
  expect(place.streams).toEqual({ open: 1, closed: 1, aborted: 0 });
  expect(asked).toMatchObject([
    { suggestedName: 'talk.srt', startIn: source, types: [{ accept: { 'application/x-subrip': ['.srt'] } }] },
  ]);
});

test('a permission that was taken back is asked for again, and without one nothing is opened', async () => {
  const again = new ForgedPlace('', { query: 'prompt', request: 'granted' });
  pickerGives(() => Promise.resolve(again.handle));
  expect((await saveBeside('talk.srt', BLOB, null)).type).toBe('there');
  expect(again.asked).toEqual(['query readwrite', 'request readwrite']);
  for (const answers of [{ query: 'denied' }, { query: 'prompt', request: 'denied' }] as const) {
    const place = new ForgedPlace('', answers);
    pickerGives(() => Promise.resolve(place.handle));
    expect(await saveBeside('talk.srt', BLOB, null)).toEqual({ type: 'refused' });
    expect(place.streams.open).toBe(0);
    expect(place.content).toBeNull();
  }
});

for (const breaks of ['open', 'write', 'close'] as const) {
  test(`where it breaks (${breaks}), an older file stays as it was, and no empty one stays behind`, async () => {
    const older = new ForgedPlace('older words', { breaks });
    await expect(writeTo(older.handle, BLOB)).rejects.toThrow(DOMException);
    expect(older.content).toBe('older words');
    expect(older.streams.aborted).toBe(older.streams.open);
    const fresh = new ForgedPlace('', { breaks });
    pickerGives(() => Promise.resolve(fresh.handle));
    expect((await saveBeside('talk.srt', BLOB, null)).type).toBe('failed');
    expect(fresh.content).toBeNull();
  });
}

test('a dialog that is closed saves nothing, and one that may not open is told apart', async () => {
  const gives = (name: string) => pickerGives(() => Promise.reject(new DOMException('no', name)));
  gives('AbortError');
  expect(await saveBeside('talk.srt', BLOB, null)).toEqual({ type: 'closed' });
  gives('SecurityError');
  expect(await saveBeside('talk.srt', BLOB, null)).toEqual({ type: 'refused' });
  gives('NotAllowedError');
  expect(await saveBeside('talk.srt', BLOB, null)).toEqual({ type: 'refused' });
});
