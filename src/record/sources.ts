/** What is recorded: the microphone, the sound of a tab or of the system, or both. */
import { noSoundOf, SoundFault } from './record-words.ts';

export type What = 'microphone' | 'shared' | 'both';

export type Sources = { microphone: MediaStream | null; shared: MediaStream | null };

/**
 * Whether the browser may give the sound of a tab. Firefox and Safari share pictures only; that property goes with
 * sound, and only those that give it know the property.
 */
export function canShareSound(): boolean {
  const { mediaDevices } = navigator;
  if (mediaDevices === undefined || !('getDisplayMedia' in mediaDevices)) return false;
  return 'suppressLocalAudioPlayback' in mediaDevices.getSupportedConstraints();
}

/**
 * Asks the person, through the browser, for what is to be recorded. Call it in the event of a click.
 * @param deviceId of the microphone; empty: the one that the system prefers
 * @throws SoundFault
 */
export async function openSources(what: What, deviceId: string): Promise<Sources> {
  // The share is asked for first: it is granted only in the event of a click, the microphone at any time.
  const shared = what === 'microphone' ? null : await openShared();
  try {
    return { shared, microphone: what === 'shared' ? null : await openMicrophone(deviceId, shared !== null) };
  } catch (error) {
    closeStream(shared);
    throw error;
  }
}

/** @param beside the sound of a tab is recorded too, and is not to come in a second time through the loudspeakers */
async function openMicrophone(deviceId: string, beside: boolean): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: {
        ...(deviceId !== '' && { deviceId: { exact: deviceId } }),
        channelCount: 1,
        echoCancellation: beside,
        // Made for calls: it eats the ends of words, and Whisper has learnt to hear through noise.
        noiseSuppression: false,
        autoGainControl: true,
      },
    });
  } catch (error) {
    throw new SoundFault(noSoundOf(error, false));
  }
}

async function openShared(): Promise<MediaStream> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({
      // A picture has to be asked for; nobody looks at it.
      video: true,
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      // In no standard yet (Chromium): the choice of the whole system comes with its sound.
      ...{ systemAudio: 'include' },
    });
  } catch (error) {
    throw new SoundFault(noSoundOf(error, true));
  }
  for (const track of stream.getVideoTracks()) {
    track.stop();
    stream.removeTrack(track);
  }
  if (stream.getAudioTracks().length > 0) return stream;
  closeStream(stream);
  throw new SoundFault('no-shared-sound');
}

export function closeStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** The microphones there are. Before the person has allowed one they have no names, and are left out. */
export async function microphones(): Promise<MediaDeviceInfo[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  return devices.filter(({ kind, label, deviceId }) => kind === 'audioinput' && label !== '' && deviceId !== 'default');
}
