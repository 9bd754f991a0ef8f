/** What a load asks of the store: what is missing is brought, what is damaged is healed, and nothing is tried for ever. */
import { expect, test } from 'playwright/test';
import { loadFromStore, type Helper } from '../../src/engine/load-from-store.ts';
import { fault, type DiskFile, type LoadProgress, type LoadReport, type LoadRequest } from '../../workers/protocol.ts';

const REQUEST: LoadRequest = { modelId: 'base', backend: 'cpu' };

/** A load that gives these in turn, the last one for ever; what was asked of the store. */
async function load(
  outcomes: readonly (Error | 'loaded')[],
  { bundled = true, lent = null as DiskFile[] | null, healed = ['onnx/encoder_model.onnx'], diesOf = '' } = {},
) {
  const asked: string[] = [];
  const requests: LoadRequest[] = [];
  const progress: LoadProgress[] = [];
  let alive = true;
  const loader = {
    load: (request: LoadRequest): Promise<LoadReport> => {
      requests.push(request);
      const outcome = outcomes[Math.min(requests.length, outcomes.length) - 1];
      if (outcome === 'loaded') return Promise.resolve({ modelId: request.modelId } as LoadReport);
      alive = outcome.name !== diesOf;
      return Promise.reject(outcome);
    },
    get alive() {
      return alive;
    },
  };
  const helper: Pick<Helper, 'bring' | 'heal'> = {
    bring: (modelId, onProgress) => {
      asked.push(`bring ${modelId}`);
      onProgress({ modelId, loadedBytes: 1, totalBytes: 2, bytesPerSecond: 0, secondsLeft: null, files: [] });
      return Promise.resolve(bundled ? { lent } : null);
    },
    heal: (modelId) => {
      asked.push(`heal ${modelId}`);
      return Promise.resolve(healed);
    },
  };
  const end = await loadFromStore(loader, helper, REQUEST, (told) => progress.push(told)).then(
    () => 'loaded',
    (error: Error) => error.name,
  );
  return { end, asked, requests, progress };
}

test('a model that is here is loaded, and the store is not asked', async () => {
  expect(await load(['loaded'])).toEqual({ end: 'loaded', asked: [], requests: [REQUEST], progress: [] });
});

test('a model that comes with the page is brought, which counts to the load', async () => {
  const { end, asked, requests, progress } = await load([fault('ModelMissing'), 'loaded']);
  expect([end, asked]).toEqual(['loaded', ['bring base']]);
  expect(requests[1].broughtMs).toBeGreaterThanOrEqual(0);
  expect(requests[1]).not.toHaveProperty('lent');
  expect(progress).toEqual([{ phase: 'reading', loadedBytes: 1, totalBytes: 2 }]);
});

test('what the store can only hold in memory is lent to the load', async () => {
  const lent = [{ path: 'base/config.json', blob: new Blob(['{}']) }];
  const { requests } = await load([fault('ModelMissing'), 'loaded'], { lent });
  expect(requests[0].lent).toBeUndefined();
  expect(requests[1].lent).toBe(lent);
});

test('a model of the hub is a person’s to ask for', async () => {
  expect(await load([fault('ModelMissing')], { bundled: false })).toMatchObject({ end: 'ModelMissing' });
});

test('one that is missing although it was just brought is not brought for ever', async () => {
  expect(await load([fault('ModelMissing')])).toMatchObject({ end: 'ModelMissing', asked: ['bring base'] });
});

test('damage is healed, whichever way it shows, twice at most', async () => {
  for (const shown of [fault('ModelDamaged'), fault('EngineFailed')])
    expect(await load([shown, 'loaded'])).toMatchObject({ end: 'loaded', asked: ['heal base'] });
  const both = await load([fault('ModelDamaged'), fault('EngineFailed'), 'loaded']);
  expect(both).toMatchObject({ end: 'loaded', asked: ['heal base', 'heal base'] });
  expect(await load([fault('EngineFailed')])).toMatchObject({ end: 'EngineFailed', asked: ['heal base', 'heal base'] });
});

test('a failure with a model that is whole is told at once', async () => {
  expect(await load([fault('EngineFailed')], { healed: [] })).toMatchObject({
    end: 'EngineFailed',
    asked: ['heal base'],
  });
});

test('nothing is healed for an engine that is gone, or for a GPU that is', async () => {
  expect(await load([fault('EngineFailed')], { diesOf: 'EngineFailed' })).toMatchObject({ asked: [] });
  expect(await load([fault('GpuLost')])).toMatchObject({ end: 'GpuLost', asked: [] });
});
