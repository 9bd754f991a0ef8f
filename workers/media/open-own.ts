/** Files whose containers are read here (formats/): what they hold is shown to mediabunny, or to the reader of bare frames. */
import { fault, type TrackFacts } from '../protocol';
import { inputOf, stretchOf } from './demux';
import { recognise } from './formats/recognise';
import type { OwnFile } from './formats/own-file';
import type { Candidate, Media } from './media';
import { openFrames, searchFrames } from './open-frames';

/** A stream of MP3 frames in a container: what it says of its own priming counts where no tag of the stream does. */
async function openStream({ choice }: Candidate, own: OwnFile): Promise<Media> {
  const { blob, container, truncated, startSeconds } = own;
  const head = new Uint8Array(await blob.slice(0, 1024).arrayBuffer());
  const inner = { file: blob, head, choice };
  const media = (await openFrames(inner)) ?? (await searchFrames(inner));
  if (!media) throw fault('DamagedFile', `${container} without a whole frame`);
  const { facts, stretches } = media;
  const priming = stretches[0].from === 0 ? Math.max(0, -startSeconds) : 0;
  const seconds = facts.seconds === null ? null : Math.max(0, facts.seconds - priming);
  return {
    ...media,
    facts: { ...facts, container, seconds },
    stretches: stretches.map((stretch) => ({ ...stretch, from: stretch.from + priming })),
    statedEnd: media.statedEnd === null ? null : media.statedEnd - priming,
    cut: truncated ? { seconds: null } : media.cut,
    noSoundFault: 'DamagedFile',
  };
}

/** A table of packets, laid out as a movie with one track. */
async function openPackets({ choice }: Candidate, own: OwnFile, sound: NonNullable<OwnFile['sound']>): Promise<Media> {
  const { blob, container, truncated, startSeconds } = own;
  if (choice.track !== null && choice.track !== 0) throw fault('EngineFailed', `no track ${choice.track}`);
  const input = inputOf(blob);
  try {
    const track = await input.getPrimaryAudioTrack();
    if (!track) throw fault('DamagedFile', `${container} without sound`);
    const { codec, channels, sampleRate, seconds } = sound.facts;
    if (!sound.decoder && !(await track.canDecode()))
      throw fault('UnsupportedFormat', `holds ${codec} in ${container}`);
    const facts: TrackFacts = { language: null, title: null, codec, channels, sampleRate, decodable: true };
    return {
      facts: { container, codec, seconds, sampleRate, channels, video: false, tracks: [facts], track: 0 },
      stretches: [stretchOf(track, codec, { at: startSeconds, from: 0, to: sound.end }, sound.decoder)],
      statedEnd: startSeconds + sound.end,
      cut: truncated ? { seconds: null } : null,
      noSoundFault: 'DamagedFile',
      dispose: () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

/** Opens a file of one of the containers in formats/. @throws also for those that are known and stay closed, by name */
export async function openOwn(candidate: Candidate): Promise<Media | null> {
  const own = await recognise(candidate.file, candidate.head);
  if (!own) return null;
  return own.sound ? openPackets(candidate, own, own.sound) : openStream(candidate, own);
}
