/** A Whisper model in memory: what it is and how it is run. load-model.ts makes one. */
import type { Tensor } from 'onnxruntime-common';
import type { Backend, MemoryForm } from '../protocol';
import type { CheckedSettings } from '../store/foreign';
import type { DecoderForm } from '../store/model-files';
import type { OrtModule, Runtime } from '../onnx/ort';
import type { TextCodec } from './text';
import type { SpecialTokens } from './tokens';

type Feeds = Record<string, Tensor>;

/** What of its settings is needed after it was made. */
type Shape = Pick<
  CheckedSettings,
  | 'layers'
  | 'heads'
  | 'headSize'
  | 'width'
  | 'sourcePositions'
  | 'targetPositions'
  | 'timeStep'
  | 'alignmentHeads'
  | 'medianFilterWidth'
  | 'mel'
>;

export type WhisperModel = Shape & {
  id: string;
  backend: Backend;
  decoderForm: DecoderForm;
  runtime: Runtime;
  threads: number;
  ort: OrtModule;
  device: GPUDevice | null;
  tokens: SpecialTokens;
  text: TextCodec;
  /** Bytes of the two ONNX files. */
  weightBytes: number;
  memoryForm: MemoryForm;
  /** Why words get no times of their own, in a sentence for the person; null: they do. */
  noWords: string | null;
  /** Under the worker's mutex. Only the outputs named are made; on the GPU they stay there, for the caller to free. */
  encode(feeds: Feeds): Promise<Tensor>;
  decode(feeds: Feeds, outputs: readonly string[]): Promise<Record<string, Tensor>>;
  /** Told of the tensors that make up the K/V cache on the GPU, so that they are counted as such. */
  onKeyValues?: (tensor: Tensor) => void;
  dispose(): Promise<void>;
};
