/** What decodes a track that mediabunny unpacks and does not know the browser can decode. */
import type { InputAudioTrack } from 'mediabunny';
import { findSampleEntry } from './formats/sample-entry';
import { alacDecoder, readAlacConfig } from './codecs/alac';
import { ac3, amr } from './codecs/borrowed';
import type { DecoderMaker } from './codecs/codec';

/** A decoder of ours, or what the browser's is to be told where mediabunny has no name for the codec. */
export type Decoding = DecoderMaker | AudioDecoderConfig;
/** `facts`: what is known better than the container says. */
export type TrackDecoder = { by: Decoding; facts: { codec?: string; channels?: number } };

/** MPEG sound by the names that QuickTime (a Windows codec's number among them) and Matroska have for it. */
const MPEG_SOUND = new Map([
  ['.mp3', 'mp3'],
  ['ms\0U', 'mp3'],
  ['.mp2', 'mp2'],
  ['A_MPEG/L2', 'mp2'],
]);

/**
 * @param file that the track is of
 * @returns null where nobody here can
 * @throws what reading throws
 */
export async function decoderOf(track: InputAudioTrack, file: Blob): Promise<TrackDecoder | null> {
  const codec = await track.getCodec();
  if (codec === 'ac3' || codec === 'eac3') return { by: ac3, facts: {} };
  const name = await track.getInternalCodecId();
  // 3GPP TS 26.244: the sample entry always says two channels, and means nothing by it.
  if (name === 'samr') return { by: amr(false), facts: { codec: 'amr-nb', channels: 1 } };
  if (name === 'sawb') return { by: amr(true), facts: { codec: 'amr-wb', channels: 1 } };
  const mpeg = typeof name === 'string' ? MPEG_SOUND.get(name) : undefined;
  if (mpeg !== undefined) return browsers(track, mpeg);
  if (name !== 'alac') return null;
  const entry = await findSampleEntry(file, name, track.id);
  const config = entry && readAlacConfig(entry);
  if (!config) return null;
  return { by: () => Promise.resolve(alacDecoder(config)), facts: { channels: config.channels } };
}

/** The browser's decoder of MP3, which reads layer 2 as well where it is FFmpeg's; one that does not gives no sound. */
async function browsers(track: InputAudioTrack, codec: string): Promise<TrackDecoder | null> {
  const config: AudioDecoderConfig = {
    codec: 'mp3',
    sampleRate: await track.getSampleRate(),
    numberOfChannels: await track.getNumberOfChannels(),
  };
  if (!('AudioDecoder' in self) || !(await AudioDecoder.isConfigSupported(config)).supported) return null;
  return { by: config, facts: { codec } };
}
