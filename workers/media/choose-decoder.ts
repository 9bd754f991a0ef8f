/** Which decoder of ours reads a track that mediabunny unpacks and the browser cannot decode. */
import type { InputAudioTrack } from 'mediabunny';
import { findSampleEntry } from './formats/sample-entry';
import { alacDecoder, readAlacConfig } from './codecs/alac';
import { ac3, amr } from './codecs/borrowed';
import type { DecoderMaker } from './codecs/codec';

/** `facts`: what the decoder knows better than the container. */
export type OwnDecoder = { make: DecoderMaker; facts: { codec?: string; channels?: number } };

/**
 * @param file that the track is of
 * @returns null where nobody here can
 * @throws what reading throws
 */
export async function decoderOf(track: InputAudioTrack, file: Blob): Promise<OwnDecoder | null> {
  const codec = await track.getCodec();
  if (codec === 'ac3' || codec === 'eac3') return { make: ac3, facts: {} };
  const name = await track.getInternalCodecId();
  // 3GPP TS 26.244: the sample entry always says two channels, and means nothing by it.
  if (name === 'samr') return { make: amr(false), facts: { codec: 'amr-nb', channels: 1 } };
  if (name === 'sawb') return { make: amr(true), facts: { codec: 'amr-wb', channels: 1 } };
  if (name !== 'alac') return null;
  const entry = await findSampleEntry(file, name, track.id);
  const config = entry && readAlacConfig(entry);
  if (!config) return null;
  return { make: () => Promise.resolve(alacDecoder(config)), facts: { channels: config.channels } };
}
