/** Codecs that nobody here reads, as a person may have heard of them. */

/** By what QuickTime calls them, and AIFF-C and CAF after it. */
export const QUICKTIME_CODECS: [code: string, name: string][] = [
  ['MAC3', 'MACE 3:1'],
  ['MAC6', 'MACE 6:1'],
  ['QDM2', 'QDesign Music 2'],
  ['QDMC', 'QDesign Music'],
  ['Qclp', 'Qualcomm PureVoice'],
];

/** By what MP4, Matroska and MPEG-TS call them. */
const NAMES = new Map([
  ...QUICKTIME_CODECS,
  ['.mp1', 'MPEG layer 1'],
  ['.mp2', 'MPEG layer 2'],
  ['A_MPEG/L1', 'MPEG layer 1'],
  ['A_MPEG/L2', 'MPEG layer 2'],
  ['mp2', 'MPEG layer 2'],
  // Those that every browser decodes, where it has WebCodecs.
  ['mp3', 'MP3'],
  ['mp4a.40.2', 'AAC'],
  ['mp4a.40.5', 'HE-AAC'],
  ['opus', 'Opus'],
  ['vorbis', 'Vorbis'],
  ['flac', 'FLAC'],
  ['mp4a.40.29', 'HE-AAC 2'],
  ['mp4a.40.42', 'xHE-AAC'],
  ['ac-4', 'Dolby AC-4'],
  ['A_AC4', 'Dolby AC-4'],
  ['mlpa', 'Dolby TrueHD'],
  ['A_TRUEHD', 'Dolby TrueHD'],
  ['A_MLP', 'Dolby TrueHD'],
  ['mha1', 'MPEG-H'],
  ['mhm1', 'MPEG-H'],
  ['A_ALAC', 'Apple Lossless'],
  ['alac', 'Apple Lossless'],
  ['A_MS/ACM', 'a Windows codec'],
  ['A_WAVPACK4', 'WavPack'],
  ['A_TTA1', 'True Audio'],
  ['sqcp', 'QCELP'],
  ['Qclp', 'QCELP'],
  ['sevc', 'EVRC'],
  ['ssmv', 'SMV'],
  ['agsm', 'GSM 6.10'],
  ['ima4', 'IMA ADPCM'],
  ['ms\0\x02', 'Microsoft ADPCM'],
  ['ms\0\x11', 'IMA ADPCM'],
]);
const LOCKED = new Map([
  ['drms', 'iTunes with copy protection'],
  ['drmi', 'iTunes with copy protection'],
  ['aavd', 'an Audible book with copy protection'],
  ['enca', 'sound with copy protection'],
]);

/**
 * Why a track stays closed, as the message of an UnsupportedFormat.
 * @param codec as the container calls it
 * @param container as mediabunny calls it
 */
export function refusalOf(codec: string, container: string): string {
  const locked = LOCKED.get(codec);
  if (locked !== undefined) return `locked: ${locked}`;
  return `holds ${nameOf(codec)} in ${container}`;
}

/** @param codec as `refusalOf` takes it, or as WebCodecs calls it */
export function nameOf(codec: string): string {
  const family = /^(A_)?DTS|^dts/.test(codec) ? 'DTS' : codec.startsWith('A_REAL/') ? 'RealAudio' : undefined;
  return NAMES.get(codec) ?? family ?? `“${codec.trim()}”`;
}
