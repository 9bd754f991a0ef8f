/** Silero's frames, known to the model's owner and to whoever reads its probabilities. */

/** Samples of a frame at 16 kHz: 32 ms. */
export const VAD_FRAME = 512;
/** Frames run as one call of the model: 2 s of sound. More are no cheaper. */
export const SLAB_FRAMES = 64;
