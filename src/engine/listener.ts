import type { JobEvent, JobReport, JobRequest, LoadReport, LoadRequest, SoundChoice } from '../../workers/protocol.ts';

/** The engine, as far as whoever has one recording heard needs it. */
export type Listener = {
  prepare(request: LoadRequest, signal: AbortSignal): Promise<LoadReport>;
  /** Without a choice all of the first sound track that can be decoded is heard. */
  transcribe(
    file: File,
    request: JobRequest,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
    choice?: SoundChoice,
  ): Promise<JobReport>;
};
