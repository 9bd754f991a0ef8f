import type { Backend } from '../../workers/protocol.ts';

/** Why it is the CPU though the person did not choose it. */
export type WhyCpu = 'cpu-model' | 'no-gpu' | 'software-gpu' | 'wrong-results' | 'silent-gpu' | 'slower-gpu';

/** Where a model runs. `why` is null where there is nothing to tell: it is the GPU, or the person's own choice. */
export type BackendAnswer = { backend: Backend; why: WhyCpu | null };
