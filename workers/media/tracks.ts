/** The sound tracks of a file: what each says of itself, and which one is heard. */
import type { InputAudioTrack } from 'mediabunny';
import { fault, type TrackFacts } from '../protocol';
import { decoderOf, type TrackDecoder } from './choose-decoder';
import { refusalOf } from './formats/codec-names';

/** A track, and what decodes it: null where mediabunny knows that the browser does, and where nobody does. */
export type KnownTrack = { facts: TrackFacts; decoder: TrackDecoder | null };

/**
 * What is known of a track. One that cannot be read is told as one that cannot be decoded: the others are not worse for
 * it. The browser's own decoder is taken where it has one.
 * @param file that the track is of
 */
export async function knownTrack(track: InputAudioTrack, file: Blob): Promise<KnownTrack> {
  const asked = async <T>(question: Promise<T>, otherwise: T): Promise<T> => question.catch(() => otherwise);
  const language = await asked(track.getLanguageCode(), 'und');
  const codec =
    (await asked(track.getCodecParameterString(), null)) ??
    (await asked(track.getCodec(), null)) ??
    String(await asked(track.getInternalCodecId(), 'unknown'));
  const browser = await asked(track.canDecode(), false);
  const decoder = browser ? null : await asked(decoderOf(track, file), null);
  const facts: TrackFacts = {
    language: language === 'und' || language === '' ? null : language,
    title: (await asked(track.getName(), null)) || null,
    codec,
    channels: await asked(track.getNumberOfChannels(), 0),
    sampleRate: await asked(track.getSampleRate(), 0),
    decodable: browser || decoder !== null,
    ...decoder?.facts,
  };
  return { facts, decoder };
}

/**
 * Index of the track to hear.
 * @param wanted index of the one asked for; null: the first that can be decoded
 * @param container named in the fault
 * @param tracks at least one
 * @throws UnsupportedFormat where it cannot be decoded, EngineFailed where there is no such track
 */
export function pickTrack(tracks: TrackFacts[], wanted: number | null, container: string): number {
  const index = wanted ?? tracks.findIndex(({ decodable }) => decodable);
  if (wanted !== null && !tracks[wanted]) throw fault('EngineFailed', `no track ${wanted} in ${container}`);
  if (index < 0 || !tracks[index]?.decodable) {
    throw fault('UnsupportedFormat', refusalOf(tracks[wanted ?? 0].codec, container));
  }
  return index;
}
