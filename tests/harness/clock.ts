/** What the browser's own player plays at a given time of a file: the measure for every clock of the media worker. */

/** Samples per second of what `playedFrom` gives. */
const RATE = 16000;
/** A player gives exact zeros until its first sample; a recording that stands still for a second has none to compare. */
const WAIT_MS = 8000;

/**
 * Plays `file` in an `<audio>` from `seconds` on and records what comes out.
 *
 * After a seek the player's first sample is the sound at the time asked for, whatever the output device adds in latency,
 * so the recording begins at the first sample that is not zero. Choose a time at which there is sound.
 * @returns `length` seconds of mono sound at 16 kHz as base64 of little-endian floats; null where the player refuses the
 *   file or stays silent, and the length the player shows
 */
export async function playedFrom(
  file: File,
  seconds: number,
  length: number,
): Promise<{ sound: string | null; duration: number }> {
  const url = URL.createObjectURL(file);
  const context = new AudioContext({ sampleRate: RATE });
  const audio = new Audio(url);
  try {
    const ready = await new Promise<boolean>((resolve) => {
      audio.addEventListener('canplay', () => resolve(true), { once: true });
      audio.addEventListener('error', () => resolve(false), { once: true });
    });
    if (!ready) return { sound: null, duration: NaN };
    const source = context.createMediaElementSource(audio);
    // Deprecated, but a worklet would need a module of its own beside the harness.
    const recorder = context.createScriptProcessor(1024, 2, 1);
    const wanted = Math.round(length * RATE);
    const heard = new Float32Array(wanted);
    let filled = 0;
    let over = (): void => {};
    const full = new Promise<void>((resolve) => (over = resolve));
    recorder.onaudioprocess = ({ inputBuffer }) => {
      const left = inputBuffer.getChannelData(0);
      const right = inputBuffer.getChannelData(1);
      for (let i = 0; i < left.length && filled < wanted; i++) {
        const value = (left[i] + right[i]) / 2;
        if (filled === 0 && value === 0) continue;
        heard[filled++] = value;
      }
      if (filled === wanted) over();
    };
    source.connect(recorder).connect(context.destination);
    await context.resume();
    if (seconds > 0) {
      const sought = new Promise((resolve) => audio.addEventListener('seeked', resolve, { once: true }));
      audio.currentTime = seconds;
      await sought;
    }
    await audio.play().catch(() => {});
    await Promise.race([full, new Promise((resolve) => setTimeout(resolve, WAIT_MS))]);
    audio.pause();
    recorder.onaudioprocess = null;
    const { duration } = audio;
    if (filled === 0) return { sound: null, duration };
    const bytes = new Uint8Array(heard.buffer);
    let text = '';
    for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
    return { sound: btoa(text), duration };
  } finally {
    audio.removeAttribute('src');
    audio.load();
    await context.close();
    URL.revokeObjectURL(url);
  }
}
