/** What calls a person back: a notification and a sound. Both only where they were asked for. */

/** Two soft notes, in hertz: a fifth, which sounds finished. */
const NOTES = [523.25, 783.99];
const NOTE_SECONDS = 0.5;
const LOUDNESS = 0.15;

/** Synthesized, so that there is no file to fetch. Silent where the browser lets no page sound before a click. */
export async function chime(): Promise<void> {
  const context = new AudioContext();
  NOTES.forEach((frequency, index) => {
    const at = context.currentTime + index * NOTE_SECONDS * 0.4;
    const tone = new OscillatorNode(context, { frequency });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_SECONDS);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + NOTE_SECONDS);
    if (index === NOTES.length - 1) tone.onended = () => void context.close();
  });
  await context.resume().catch(() => undefined);
}

/** Whether the browser has notifications at all; Safari on a phone has them only for a page that was installed. */
export const canNotify = (): boolean => 'Notification' in globalThis;

/** Asks the person, through the browser. Call it in the event of a click. @returns whether notifications may come */
export async function askToNotify(): Promise<boolean> {
  if (!canNotify()) return false;
  return (await Notification.requestPermission()) === 'granted';
}

/** A press on it brings the page to the front. */
export async function notify(sentence: string): Promise<void> {
  if (!canNotify() || Notification.permission !== 'granted') return;
  const options = { body: sentence, tag: 'earshot-done', icon: new URL('icons/icon-192.png', document.baseURI).href };
  try {
    const notification = new Notification('Earshot', options);
    notification.onclick = () => {
      focus();
      notification.close();
    };
  } catch {
    // Chrome on Android lets only a service worker notify; workers/sw.ts answers the press.
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.showNotification('Earshot', options);
  }
}
