/**
 * The one copy of ONNX Runtime in this worker. Three builds are served from our own origin; a worker commits to
 * one when it starts, because a page with a lost GPU gets a fresh worker anyway:
 *
 * - `jspi`      WebGPU, stack switching by the browser: 16.8 MB, streams weights from a Blob.
 * - `asyncify`  WebGPU, for browsers without `WebAssembly.Suspending`: 26.9 MB.
 * - `wasm`      CPU only, with threads and no asyncify instrumentation in its loops: 14.3 MB.
 *
 * The glue (.mjs) is a file of its own, never bundled: each thread of ONNX Runtime starts the script that its glue is in,
 * which would be our whole worker, and the session would hang (2026-11).
 */
import type * as Ort from 'onnxruntime-common';
import asyncifyGlue from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiGlue from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasm from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import plainGlue from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import plainWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { startingThreads } from '../charge';
import { allowOwnScripts, type Backend, type LoadReport } from '../protocol';
import { listenToOrt } from './placement';

export type Runtime = LoadReport['runtime'];
export type OrtModule = typeof Ort;

/**
 * For sessions and runs: fatal only. What fails is thrown with the same words, and the page says it in its own; a GPU
 * lost in the middle of a run is no reason to write to the console.
 */
export const QUIET = { logSeverityLevel: 4 } as const;

let loaded: { runtime: Runtime; threads: number; module: OrtModule } | null = null;

/** The build for a backend in this browser, by feature test. */
export function runtimeFor(backend: Backend): Runtime {
  if (backend === 'cpu') return 'wasm';
  return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

/**
 * Threads of the CPU build: all logical cores up to four, beyond that half of them, which is about the physical ones,
 * eight at most; 1 without cross-origin isolation, or where there is no shared memory in spite of it, as in WebKitGTK
 * 2.50. The WebGPU builds run one thread: theirs only feeds the GPU.
 */
function threadsFor(runtime: Runtime): number {
  if (runtime !== 'wasm' || !self.crossOriginIsolated || !('SharedArrayBuffer' in self)) return 1;
  const cores = navigator.hardwareConcurrency;
  return Math.max(1, Math.min(8, cores <= 4 ? cores : Math.max(4, Math.ceil(cores / 2))));
}

/**
 * Loads a build, once per worker.
 * @throws Error when another build is already loaded: wasm memory never shrinks, so a change of build is a new worker
 */
export async function loadOrt(runtime: Runtime): Promise<{ ort: OrtModule; threads: number }> {
  if (loaded) {
    if (loaded.runtime !== runtime) throw new Error(`this worker runs the ${loaded.runtime} build`);
    return { ort: loaded.module, threads: loaded.threads };
  }
  watchWasmMemory();
  // Its threads are workers of this one.
  allowOwnScripts();
  listenToOrt();
  holdThreads();
  const module = await importBuild(runtime);
  const threads = threadsFor(runtime);
  if (threads > 1) await startingThreads();
  module.env.wasm.numThreads = threads;
  module.env.wasm.wasmPaths = files(runtime);
  module.env.logLevel = 'fatal';
  loaded = { runtime, threads, module };
  return { ort: module, threads };
}

/** The loaded build, for code that runs after `loadOrt`. */
export function ortModule(): OrtModule {
  if (!loaded) throw new Error('ONNX Runtime is not loaded yet');
  return loaded.module;
}

async function importBuild(runtime: Runtime): Promise<OrtModule> {
  switch (runtime) {
    case 'jspi':
      return import('onnxruntime-web/jspi');
    case 'asyncify':
      return import('onnxruntime-web/webgpu');
    case 'wasm':
      return import('onnxruntime-web/wasm');
  }
}

function files(runtime: Runtime): { mjs: string; wasm: string } {
  const pair = {
    jspi: [jspiGlue, jspiWasm],
    asyncify: [asyncifyGlue, asyncifyWasm],
    wasm: [plainGlue, plainWasm],
  }[runtime];
  return { mjs: new URL(pair[0], import.meta.url).href, wasm: new URL(pair[1], import.meta.url).href };
}

const memories: WebAssembly.Memory[] = [];

/** ORT does not show its heap; its glue makes it with `new WebAssembly.Memory`, which is ours to watch. */
function watchWasmMemory(): void {
  const Native = WebAssembly.Memory;
  WebAssembly.Memory = class extends Native {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
}

/** The threads of ONNX Runtime: two to eight workers, which live as long as this one. */
const threads: Worker[] = [];

/**
 * While ONNX Runtime waits for the first word of its threads, nothing but a thread's own handlers leads to what waits.
 * Firefox 153 takes such a circle for garbage, drops the thread with its word, and the load hangs for ever: one load in ten
 * on two busy cores (2026-11). A thread that is held here stays.
 */
function holdThreads(): void {
  const Native = self.Worker;
  self.Worker = class extends Native {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      threads.push(this);
    }
  };
}

/** Bytes of wasm heap in this worker (it never shrinks). 0 before a session was made. */
export function wasmHeapBytes(): number {
  return memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
