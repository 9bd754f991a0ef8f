/** Ogg files, chained or not: each link is shown to mediabunny as a file of its own. */
import type { Input, InputAudioTrack } from 'mediabunny';
import { fault } from '../protocol';
import { ascii } from './bytes';
import { inputOf, stretchOf } from './demux';
import type { Candidate, Media, Stretch } from './media';
import { oggChain, type OggChain } from './ogg';
import { LATEST_START_SECONDS } from './timeline';
import { knownTrack, pickTrack } from './tracks';

/** What the first packet of a stream begins with. */
const CODECS = ['Speex', 'FLAC', 'theora', 'CELT', 'Skeleton', 'OpusHead', 'vorbis'];

/** What is in the first link, in words, where mediabunny finds nothing it knows. */
async function codecsOf(file: Blob, from: number): Promise<string> {
  const text = ascii(new Uint8Array(await file.slice(from, from + 512).arrayBuffer()), 0, 512);
  return CODECS.filter((codec) => text.includes(codec)).join(', ') || 'an unknown codec';
}

/** The sound of a link, from its first packet to its last. `seconds`: how much that is. */
async function linkOf(
  track: InputAudioTrack,
  codec: string,
  at: number,
  first: boolean,
): Promise<{ stretch: Stretch; seconds: number }> {
  const begins = await track.getFirstTimestamp();
  const ends = await track.computeDuration();
  const from = !first || begins > LATEST_START_SECONDS ? begins : 0;
  return { stretch: stretchOf(track, codec, { at, from, to: ends }, null), seconds: Math.max(0, ends - from) };
}

async function openChain({ file, choice }: Candidate, { links, cut }: OggChain): Promise<Media> {
  const inputs: Input[] = [];
  const dispose = (): void => inputs.forEach((input) => input.dispose());
  const tracksOf = async ({ from, to }: OggChain['links'][number]): Promise<InputAudioTrack[]> => {
    const input = inputOf(file.slice(from, to));
    inputs.push(input);
    return input.getAudioTracks();
  };
  try {
    const [first, ...others] = links;
    const audio = await tracksOf(first);
    if (audio.length === 0) throw fault('UnsupportedFormat', `holds ${await codecsOf(file, first.from)} in Ogg`);
    const tracks = [];
    for (const track of audio) tracks.push((await knownTrack(track, file)).facts);
    const index = pickTrack(tracks, choice.track, 'Ogg');
    const { codec, sampleRate, channels } = tracks[index];
    const stretches: Stretch[] = [];
    let seconds = 0;
    const add = async (track: InputAudioTrack, name: string): Promise<void> => {
      const link = await linkOf(track, name, seconds, stretches.length === 0);
      stretches.push(link.stretch);
      seconds += link.seconds;
    };
    await add(audio[index], codec);
    for (const link of others) {
      // A link that nothing can be made of does not cost those behind it.
      const same = await tracksOf(link).catch((): InputAudioTrack[] => []);
      const track = same[index] ?? same[0];
      if (track && (await track.canDecode())) await add(track, (await track.getCodec()) ?? '').catch(() => {});
    }
    return {
      facts: { container: 'Ogg', codec, seconds, sampleRate, channels, video: false, tracks, track: index },
      stretches,
      statedEnd: null,
      cut: cut ? { seconds: null } : null,
      noSoundFault: 'DamagedFile',
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Opens a file that begins with an Ogg page. @throws UnsupportedFormat; what a failed read throws */
export async function openOgg(candidate: Candidate): Promise<Media | null> {
  if (ascii(candidate.head, 0) !== 'OggS') return null;
  const chain = await oggChain(candidate.file);
  return chain && openChain(candidate, chain);
}

/** One in which zeros, a tag or junk stand before the first page. */
export async function searchOgg(candidate: Candidate): Promise<Media | null> {
  const chain = await oggChain(candidate.file);
  return chain && openChain(candidate, chain);
}
