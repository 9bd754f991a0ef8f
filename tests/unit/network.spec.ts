/** The ledger in words, and the sign for offline use: what is counted, what is explained, what is missing. */
import { expect, test } from 'playwright/test';
import { accountOf, answeredHere, jobWords, type Request } from '../../src/network/account.ts';
import { readinessOf, type Facts } from '../../src/offline/readiness.ts';
import type { Kept, ModelState } from '../../workers/protocol.ts';

const BASE = 'https://earshot.example/app/';
const place = { base: BASE, models: new Map([['whisper-base', 'Whisper base']]) };

function request(url: string, facts: Partial<Request> = {}): Request {
  return {
    ...{ url: new URL(url, BASE).href, atMs: 1000, transferBytes: 300, bodyBytes: 0, countedBytes: null },
    ...{ viaServiceWorker: false, modelId: null, by: 'page' as const },
    ...facts,
  };
}
const fromHub = (countedBytes: number) =>
  request('https://huggingface.co/onnx-community/x/resolve/main/a.onnx', {
    ...{ transferBytes: 0, countedBytes, modelId: 'whisper-base', by: 'engine' },
  });

test.describe('the ledger', () => {
  test('nothing asked, nothing left', () => {
    const cached = request('./assets/index-1.js', { transferBytes: 0, bodyBytes: 900 });
    const account = accountOf([cached], place);
    expect(account.sentence).toBe('Nothing has left this device since you opened the page.');
    expect(account).toMatchObject({ requests: 0, bytes: 0, answeredHere: 1, unexplained: '' });
  });

  test('a model: how much, from whom, and that it was asked for', () => {
    const account = accountOf([fromHub(200_000_000), fromHub(9_000_000), request('./assets/index-1.js')], place);
    expect(account.sentence).toBe('209 MB came from huggingface.co: Whisper base, because you asked.');
    expect(account.groups[0]).toMatchObject({ host: 'huggingface.co', abroad: true, requests: 2, bytes: 209_000_000 });
    expect(account.requests).toBe(3);
  });

  test('its own files are explained each by its part', () => {
    const why = (url: string, facts: Partial<Request> = {}) => accountOf([request(url, facts)], place).groups[0].why;
    expect(why('./')).toBe('The page itself');
    expect(why('./?model=x')).toBe('The page itself');
    expect(why('./assets/index-1.css')).toBe('The page itself');
    expect(why('./assets/index-1.css', { by: 'service worker' })).toBe('The page, to be kept for offline use');
    expect(why('./assets/ort-wasm-simd-1.wasm')).toBe('The engine');
    expect(why('./assets/engine.worker-1.js')).toBe('The engine');
    expect(why('./assets/store.worker-1.js')).toBe('The engine');
    expect(why('./assets/silero_vad_v6-1.onnx')).toBe('The voice detector');
    expect(why('./demo/digits.wav')).toBe('The clip that comes with the page');
    expect(why('./sw.js')).toBe('Looking for a new version');
    expect(why('./models/d/config.json', { modelId: 'd' })).toBe('d, comes with this page');
  });

  test('what nothing asked for is said to be so', () => {
    const account = accountOf([request('https://tracker.example/pixel', { transferBytes: 0 })], place);
    expect(account.sentence).toBe('Something was asked of another host.');
    expect(account.unexplained).toBe(
      "1 request to tracker.example can't be explained by this page. A browser extension may have made it.",
    );
    // On the page's own host as well.
    expect(accountOf([request('./collect')], place).unexplained).toContain('earshot.example');
    expect(accountOf([request('/elsewhere.js')], place).unexplained).toContain('earshot.example');
  });

  test('answered here or not', () => {
    expect(answeredHere(request('./a', { transferBytes: 0, viaServiceWorker: true }), BASE)).toBe(true);
    expect(answeredHere(request('./a', { transferBytes: 0, bodyBytes: 5 }), BASE)).toBe(true);
    expect(answeredHere(request('./a', { transferBytes: 300, viaServiceWorker: true }), BASE)).toBe(false);
    // Failed, or of another origin: it has left.
    expect(answeredHere(request('./a', { transferBytes: 0 }), BASE)).toBe(false);
    expect(answeredHere(request('https://x.example/', { transferBytes: 0, bodyBytes: 0 }), BASE)).toBe(false);
  });

  test('counts what a job asked for', () => {
    const all = [
      request('./a', { atMs: 10 }),
      request('./assets/ort-1.js', { atMs: 20 }),
      request('./a', { atMs: 30 }),
    ];
    expect(jobWords(all, null, place)).toBe('No file has run in this visit yet.');
    expect(jobWords(all, { startMs: 11, endMs: 19 }, place)).toBe('0 requests during the last job.');
    expect(jobWords(all, { startMs: 31, endMs: null }, place)).toBe('0 requests during the job that runs.');
    expect(jobWords(all, { startMs: 15, endMs: 25 }, place)).toBe('1 request during the last job, 300 B: The engine.');
  });
});

test.describe('the sign', () => {
  const kept = (shell = 0, runtime = 0, fetching = false): Kept => ({
    ...{ shell: { missing: shell, bytes: null }, runtime: { missing: runtime, bytes: null }, fetching },
  });
  const model = (ready: boolean) => ({ id: 'm', name: 'M', ready, storedBytes: ready ? 5 : 0 }) as ModelState;
  const said = (facts: Partial<Facts>) =>
    readinessOf({ canKeep: true, kept: kept(), inCharge: true, model: model(true), ...facts }).sentence;

  test('is true only when page, engine and model are here', () => {
    expect(readinessOf({ canKeep: true, kept: kept(), inCharge: true, model: model(true) })).toMatchObject({
      ready: true,
      sentence: 'Offline ready',
    });
    for (const facts of [{ kept: null }, { kept: kept(1) }, { kept: kept(0, 1) }, { model: model(false) }]) {
      const readiness = readinessOf({ canKeep: true, kept: kept(), inCharge: true, model: model(true), ...facts });
      expect(readiness.ready).toBe(false);
      expect(readiness.parts.filter(({ here }) => !here).length).toBeGreaterThan(0);
    }
    expect(readinessOf({ canKeep: true, kept: kept(), inCharge: true, model: undefined }).ready).toBe(false);
  });

  test('names what tells speakers apart where that is switched on; words do not wait for it', () => {
    const speakers = { ...model(false), name: 'Telling speakers apart', source: 'bundled' } as ModelState;
    const { ready, parts } = readinessOf({ canKeep: true, kept: kept(), inCharge: true, model: model(true), speakers });
    expect(ready).toBe(true);
    expect(parts.at(-1)).toMatchObject({
      name: 'Speakers',
      here: false,
      words: 'Telling speakers apart, not loaded yet',
    });
  });

  test('says which is missing', () => {
    expect(said({ model: model(false) })).toBe('Not offline yet: model missing');
    const bundled = { ...model(false), source: 'bundled' } as ModelState;
    expect(said({ model: bundled })).toBe('Not offline yet: model not loaded yet');
    expect(said({ kept: kept(0, 2, true) })).toBe('Not offline yet: the engine is still being fetched');
    expect(said({ kept: kept(0, 2) })).toBe('Not offline yet: the engine is missing');
    expect(said({ kept: kept(2) })).toBe('Not offline yet: parts of the page are missing');
    // Also where nothing is missing: what comes later would be asked for past the service worker.
    expect(said({ inCharge: false })).toBe('Not offline yet: reload this page once');
    expect(said({ inCharge: false, model: undefined })).toBe('Not offline yet: looking for the model');
    expect(said({ kept: null })).toBe('Not offline yet: the page is still being fetched');
    expect(said({ canKeep: false, kept: null })).toBe('Not offline yet: this browser keeps no pages');
  });
});
