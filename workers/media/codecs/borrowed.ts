/**
 * Decoders of other people, each loaded from the page's own origin when the first file of its kind comes. Their wasm lies
 * inside their script and is started here, in the media worker: no further worker, no request elsewhere.
 *
 * AMR is opencore-amr (Apache-2.0). AC-3 and WMA are FFmpeg's, built with nothing else in them (LGPL-2.1-or-later; each
 * stays a file of its own that can be replaced). They were taken over @mediabunny/ac3, which starts a worker from a blob
 * and is 1.1 MB, and over @ffmpeg/core, which is 32 MB, GPL, and takes the whole file into its memory.
 */
import { amrFrames, AMR_MAGIC, AMR_WB_MAGIC } from './amr-frames';
import { ObjectJoiner, payloadsOf } from './asf-packets';
import { asfAround, type WmaFormat } from './asf-writer';
import { planes, type DecoderMaker, type Sound } from './codec';

const WMA_1 = 0x160;
const WMA_PRO = 0x162;
const WMA_LOSSLESS = 0x163;

type Given = { channelData: Float32Array[]; sampleRate: number };

function soundOf({ channelData, sampleRate }: Given): Sound | null {
  return channelData.length === 0 || channelData[0].length === 0 ? null : { rate: sampleRate, channels: channelData };
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** AMR, narrow or wide band: packets of one or more frames in the storage format (RFC 4867, section 5.3). */
export function amr(wide: boolean): DecoderMaker {
  return async () => {
    const { decoder } = await import('@audio/decode-amr');
    const library = await decoder();
    library.decode(ascii(wide ? AMR_WB_MAGIC : AMR_MAGIC));
    return {
      decode(packet) {
        const parts: Sound[] = [];
        // Whole frames only: the library would keep the rest of a damaged packet, and read the next one wrongly.
        for (const [start, end] of amrFrames(packet, wide)) {
          const part = soundOf(library.decode(packet.slice(start, end)));
          if (part) parts.push(part);
        }
        if (parts.length === 0) throw new Error('AMR: no frame in the packet');
        return joined(parts);
      },
      free: () => library.free(),
    };
  };
}

/** AC-3 and E-AC-3: packets of whole frames (ATSC A/52). */
export const ac3: DecoderMaker = async () => {
  const { decoder } = await import('@audio/decode-eac3');
  const library = await decoder();
  return {
    decode(packet) {
      const sound = soundOf(library.decode(packet));
      // Half a frame, kept by the library, would otherwise become the head of the next packet.
      library.flush();
      if (!sound) throw new Error('AC-3: no frame in the packet');
      return sound;
    },
    free: () => library.free(),
  };
};

/**
 * Windows Media Audio 1, 2, Pro and Lossless: packets of whole ASF packets, each of `packetBytes`.
 * @param stream number of the audio stream in them
 */
export function wma(format: WmaFormat, stream: number, packetBytes: number): DecoderMaker {
  return async () => {
    const { decoder } = await import('@audio/decode-wma');
    const library = await decoder();
    // The library takes every stream of a file for its own and loses blocks that lie across two packets: so each block is
    // handed over inside the smallest ASF there is.
    const { header, around } = asfAround(format);
    library.decode(header);
    const joiner = new ObjectJoiner();
    let lost = framesLost(format);
    return {
      // A block lies up to a second behind the packet that it ends in.
      slackSeconds: 1.5,
      decode(packet) {
        const sounds: Sound[] = [];
        let failure: Error | null = null;
        for (let at = 0; at + packetBytes <= packet.length; at += packetBytes) {
          for (const payload of payloadsOf(packet.subarray(at, at + packetBytes), stream)) {
            const blocks = joiner.add(payload);
            for (let from = 0; blocks && from + format.blockBytes <= blocks.length; from += format.blockBytes) {
              try {
                const sound = soundOf(library.decode(around(blocks.subarray(from, from + format.blockBytes))));
                if (sound) sounds.push(sound);
              } catch (error) {
                failure = error as Error; // the library throws nothing else
                // A damaged block between good ones is silence: what follows keeps its time.
                const last = sounds.at(-1);
                if (last) sounds.push({ rate: last.rate, channels: planes(last.channels.length, framesLost(format)) });
              }
            }
          }
        }
        // The first block of a fresh decoder gives nothing, which the library calls a failure.
        if (sounds.length === 0 && failure && lost === 0) throw failure;
        if (lost > 0 && sounds.length > 0) {
          const { rate, channels } = sounds[0];
          sounds.unshift({ rate, channels: planes(channels.length, lost) });
          lost = 0;
        }
        return joined(sounds);
      },
      flush: () => soundOf(library.flush()),
      free: () => library.free(),
    };
  };
}

/**
 * Frames that a fresh decoder of WMA swallows, because each half of a transform needs the one before: a whole transform
 * (libavcodec/wma_common.c, ff_wma_get_frame_len_bits). Silence in their place keeps what follows at its time: measured,
 * 512 frames at 16 kHz, 2048 at 44.1 kHz.
 */
function framesLost({ tag, rate, wave }: WmaFormat): number {
  if (tag === WMA_LOSSLESS) return 0;
  const bits = rate <= 16000 ? 9 : rate <= 22050 || (rate <= 32000 && tag === WMA_1) ? 10 : rate <= 48000 ? 11 : 12;
  if (tag !== WMA_PRO) return 2 ** Math.min(bits, 11);
  // Pro says in its flags that its transforms are longer or shorter.
  const flags = wave.length >= 34 ? wave[32] & 6 : 0;
  return 2 ** ((rate > 96000 ? 13 : bits) + (flags === 2 ? 1 : flags === 4 ? -1 : flags === 6 ? -2 : 0));
}

/** Stretches of sound as one, in the shape of the first. */
function joined(sounds: Sound[]): Sound | null {
  if (sounds.length === 0) return null;
  const { rate, channels } = sounds[0];
  const frames = sounds.reduce((sum, sound) => sum + sound.channels[0].length, 0);
  const all = planes(channels.length, frames);
  let at = 0;
  for (const sound of sounds) {
    for (const [i, plane] of all.entries()) plane.set(sound.channels[Math.min(i, sound.channels.length - 1)], at);
    at += sound.channels[0].length;
  }
  return { rate, channels: all };
}
