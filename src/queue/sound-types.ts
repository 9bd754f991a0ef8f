/** The kinds of file that may carry sound, by media type: what the desktop, a share sheet and a folder are asked for. */
export const SOUND_TYPES: Record<string, string[]> = {
  'audio/aac': ['.aac'],
  'audio/ac3': ['.ac3'],
  'audio/aiff': ['.aif', '.aifc', '.aiff'],
  'audio/amr': ['.amr'],
  'audio/amr-wb': ['.awb'],
  'audio/basic': ['.au', '.snd'],
  'audio/eac3': ['.ec3', '.eac3'],
  'audio/flac': ['.flac'],
  'audio/mp4': ['.m4a', '.m4b'],
  'audio/mpeg': ['.mp3', '.mp2'],
  'audio/ogg': ['.oga', '.ogg', '.opus'],
  'audio/wav': ['.wav'],
  'audio/webm': ['.weba'],
  'audio/x-caf': ['.caf'],
  'audio/x-matroska': ['.mka'],
  'audio/x-ms-wma': ['.wma'],
  'audio/x-w64': ['.w64'],
  'video/3gpp': ['.3gp', '.3gpp'],
  'video/3gpp2': ['.3g2'],
  'video/mp2t': ['.ts'],
  'video/mp4': ['.m4v', '.mp4'],
  'video/mpeg': ['.mpeg', '.mpg'],
  'video/ogg': ['.ogv'],
  'video/quicktime': ['.mov'],
  'video/webm': ['.webm'],
  'video/x-matroska': ['.mkv'],
  'video/x-ms-asf': ['.asf'],
  'video/x-ms-wmv': ['.wmv'],
  'video/x-msvideo': ['.avi'],
};

/** Those that stay closed (workers/media/formats/recognise.ts): Earshot does not offer itself to the desktop for them. */
const CLOSED = ['video/mpeg', 'video/x-msvideo'];

export const OPENED_TYPES: Record<string, string[]> = Object.fromEntries(
  Object.entries(SOUND_TYPES).filter(([type]) => !CLOSED.includes(type)),
);
