/** What the page holds while it works, measured from outside and not by the page's own figures. */

/** Runs first in the engine's worker: counts the memory of ONNX Runtime and the GPU's buffers. */
const COUNTING = `{
  const held = { memories: [], gpuBytes: 0 };
  self.soak = held;
  const Native = WebAssembly.Memory;
  WebAssembly.Memory = class extends Native {
    constructor(descriptor) { super(descriptor); held.memories.push(this); }
  };
  if ('GPUDevice' in self) {
    const { createBuffer } = GPUDevice.prototype;
    const { destroy } = GPUBuffer.prototype;
    const alive = new Set();
    GPUDevice.prototype.createBuffer = function (descriptor) {
      const buffer = createBuffer.call(this, descriptor);
      held.gpuBytes += buffer.size;
      alive.add(buffer);
      return buffer;
    };
    GPUBuffer.prototype.destroy = function () {
      if (alive.delete(this)) held.gpuBytes -= this.size;
      return destroy.call(this);
    };
  }
}`;
const COUNTED =
  '[self.soak ? self.soak.memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) : 0, self.soak?.gpuBytes ?? 0]';

/**
 * Before the page is opened.
 * @param {import('playwright').Page} page
 */
export async function watchHeld(page) {
  await page.route(/\/engine\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: COUNTING + (await response.text()) });
  });
}

/**
 * @param {import('playwright').Page} page that is watched
 * @returns {Promise<{ heapBytes: number, wasmBytes: number, gpuBytes: number, diskBytes: number }>} JavaScript heaps and
 *   buffers of the page and its workers after a collection, the heap of ONNX Runtime, bytes on the GPU, IndexedDB
 */
export async function heldBy(page) {
  const diskBytes = await page.evaluate(async () => {
    const { usageDetails, usage } = /** @type {StorageEstimate & { usageDetails?: { indexedDB?: number } }} */ (
      await navigator.storage.estimate()
    );
    return usageDetails?.indexedDB ?? usage ?? 0;
  });
  const session = await page.context().newCDPSession(page);
  /** @type {string[]} */
  const workers = [];
  /** @type {Map<number, (result: any) => void>} */
  const answers = new Map();
  session.on('Target.attachedToTarget', ({ sessionId }) => workers.push(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    answers.get(id)?.(result);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  /** @param {string} sessionId @param {string} method @param {object} [params] @returns {Promise<any>} */
  const ask = async (sessionId, method, params = {}) => {
    const id = answers.size + 1;
    // A worker in the middle of a run of the model answers behind it; one that has ended never does.
    const answer = new Promise((resolve) => {
      answers.set(id, resolve);
      setTimeout(() => resolve(null), 120_000);
    });
    await session.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    return answer;
  };
  const sum = (/** @type {any} */ usage) => (usage?.usedSize ?? 0) + (usage?.backingStorageSize ?? 0);
  let [heapBytes, wasmBytes, gpuBytes] = [0, 0, 0];
  for (const worker of workers) {
    await ask(worker, 'HeapProfiler.collectGarbage');
    const counted = await ask(worker, 'Runtime.evaluate', { expression: COUNTED, returnByValue: true });
    const [wasm = 0, gpu = 0] = counted?.result?.value ?? [];
    wasmBytes += wasm;
    gpuBytes += gpu;
    heapBytes += sum(await ask(worker, 'Runtime.getHeapUsage'));
  }
  await session.send('HeapProfiler.collectGarbage');
  heapBytes += sum(await session.send('Runtime.getHeapUsage'));
  await session.detach();
  return { heapBytes, wasmBytes, gpuBytes, diskBytes };
}
