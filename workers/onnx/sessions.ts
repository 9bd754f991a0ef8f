/** ONNX Runtime's sessions over stored files, in the form that is best in memory. */
import type { InferenceSession } from 'onnxruntime-common';
import type { MemoryForm } from '../protocol';
import type { Mutex } from './mutex';
import { QUIET, type OrtModule } from './ort';
import { isOutOfMemory } from './out-of-memory';
import { skeletonOf } from './skeleton';
import { withTiedHead } from './tied-head';
import { unpack } from './unpack';

/** How ORT keeps freed GPU buffers; the first session on a device decides. */
export type BufferCache = 'bucket' | 'simple' | 'lazyRelease' | 'disabled';

type SessionMaker = {
  /** What the weights of the sessions made so far are in memory. */
  readonly form: MemoryForm;
  /** @param gpuOutputs stay on the GPU, where there is one */
  create(file: Blob, gpuOutputs: string[]): Promise<InferenceSession>;
};

/**
 * The first of `forms` for which there is memory.
 * @throws what the last one throws, and any error that is not of memory at once
 */
async function firstThatFits<T>(
  forms: readonly MemoryForm[],
  make: (form: MemoryForm) => Promise<T>,
): Promise<{ form: MemoryForm; made: T }> {
  const [form, ...others] = forms;
  try {
    return { form, made: await make(form) };
  } catch (error) {
    if (others.length === 0 || !isOutOfMemory(error)) throw error;
    return firstThatFits(others, make);
  }
}

/** @param device null: the CPU, for which the weights are expanded to fp32 while there is memory for that */
export function sessionMaker({
  ort,
  device,
  mutex,
  bufferCache,
  talkative = false,
}: {
  ort: OrtModule;
  device: GPUDevice | null;
  mutex: Mutex;
  bufferCache: BufferCache;
  /** They write to the console whatever ONNX Runtime has to say. */
  talkative?: boolean;
}): SessionMaker {
  const executionProviders: InferenceSession.ExecutionProviderConfig[] = device
    ? [{ name: 'webgpu', device, validationMode: 'wgpuOnly', storageBufferCacheMode: bufferCache }]
    : ['wasm'];
  let forms: MemoryForm[] = device ? ['blocks'] : ['fp32', 'blocks'];
  return {
    get form() {
      return forms[0];
    },
    async create(file, gpuOutputs) {
      const { form, made } = await firstThatFits(forms, async (wanted) => {
        const { model, externalData } = await unpack(await skeletonOf(file), file, wanted === 'fp32');
        return mutex(() =>
          ort.InferenceSession.create(withTiedHead(model), {
            executionProviders,
            // ORT's declared type lacks Blob; both WebGPU builds take one and JSPI streams it.
            externalData: externalData,
            ...(device && {
              preferredOutputLocation: Object.fromEntries(gpuOutputs.map((name) => [name, 'gpu-buffer'])),
            }),
            ...(talkative ? { logSeverityLevel: 0 as const } : QUIET),
          }),
        );
      });
      // What did not fit once is not tried again for the next file.
      forms = forms.slice(forms.indexOf(form));
      return made;
    },
  };
}
