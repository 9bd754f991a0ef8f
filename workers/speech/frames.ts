/** Silero's frames, known to the model's owner and to whoever reads its probabilities. */

/** Samples of a frame at 16 kHz: 32 ms. */
export const VAD_FRAME = 512;
