/** The kinds of file that may carry sound, by media type: what the desktop, a share sheet and a folder are asked for. */
export const SOUND_TYPES: Record<string, string[]> = {
  'audio/aac': ['.aac'],
  'audio/ac3': ['.ac3'],
  'audio/aiff': ['.aif', '.aiff'],
  'audio/amr': ['.amr'],
  'audio/flac': ['.flac'],
  'audio/mp4': ['.m4a', '.m4b'],
  'audio/mpeg': ['.mp3', '.mp2'],
  'audio/ogg': ['.oga', '.ogg', '.opus'],
  'audio/wav': ['.wav'],
  'audio/webm': ['.weba'],
  'audio/x-caf': ['.caf'],
  'audio/x-matroska': ['.mka'],
  'audio/x-ms-wma': ['.wma'],
  'video/mp2t': ['.ts'],
  'video/mp4': ['.m4v', '.mp4'],
  'video/mpeg': ['.mpeg', '.mpg'],
  'video/ogg': ['.ogv'],
  'video/quicktime': ['.mov'],
  'video/webm': ['.webm'],
  'video/x-matroska': ['.mkv'],
  'video/x-msvideo': ['.avi'],
};

/** Those mediabunny reads (workers/media/open.ts): for these Earshot offers itself to the desktop. */
const OPENED = /^(audio\/(aac|flac|mp4|mpeg|ogg|wav|webm|x-matroska)|video\/(mp2t|mp4|ogg|quicktime|webm|x-matroska))$/;

export const OPENED_TYPES: Record<string, string[]> = Object.fromEntries(
  Object.entries(SOUND_TYPES).filter(([type]) => OPENED.test(type)),
);
