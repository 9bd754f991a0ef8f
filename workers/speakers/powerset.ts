/**
 * What segmentation-3.0 says of a window of ten seconds: for each frame one of seven sets of at most two of three local
 * speakers (Plaquet and Bredin, Powerset multi-class cross entropy loss for neural speaker diarization, Interspeech
 * 2023). The local speakers of one window have nothing to do with those of the next.
 */

export const SEGMENTATION_RATE = 16000;
/** Samples of a window, and from one frame of it to the next. */
export const WINDOW_SAMPLES = 160000;
export const FRAME_SAMPLES = 270;
/** Frames of a window: those whose receptive field of 991 samples lies inside it. */
export const WINDOW_FRAMES = 589;
export const LOCAL_SPEAKERS = 3;
/** The sets in the order of the logits, each as bits: speaker i is bit i. */
export const POWERSET = [0b000, 0b001, 0b010, 0b100, 0b011, 0b101, 0b110] as const;
