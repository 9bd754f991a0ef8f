/** Silero's frames, known to the model's owner and to whoever reads its probabilities. */

/** Samples of a frame at 16 kHz: 32 ms. */
export const VAD_FRAME = 512;
/** Frames each lane hears before it counts; 16 are half a second. */
export const WARM_UP_FRAMES = 16;
