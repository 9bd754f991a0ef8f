/** The command that turns a file into one that opens here, to be copied into a terminal. Pure. */

/** Characters that would break a line, vanish, or turn the order of letters around. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/;

/** For bash, zsh and other shells of Unix: nothing inside single quotes means anything. */
function quotedForUnix(text: string): string {
  if (!UNSEEN.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const seen = [...text].map((letter) => {
    if (letter === "'" || letter === '\\') return `\\${letter}`;
    return UNSEEN.test(letter) ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter;
  });
  return `$'${seen.join('')}'`;
}

/**
 * For Windows. File names there contain no double quotes, and both cmd.exe and PowerShell take those as quotes. A name with
 * characters that a shell interprets inside double quotes gets single ones, which only PowerShell knows.
 */
function quotedForWindows(text: string): string {
  return /[$`%“”„]/.test(text) ? `'${text.replace(/['‘’‚‛]/g, '$&$&')}'` : `"${text}"`;
}

/**
 * @param name of the file, as its folder has it
 * @param windows whether the person's shell is one of Windows
 * @returns one line; the new file has one channel and 16 kHz, as recognition does, and never the name of the old one
 */
export function ffmpegCommand(name: string, windows = false): string {
  const stem = name.replace(/\.[^.]*$/, '') || name;
  const target = `${stem}.${/\.flac$/i.test(name) ? 'wav' : 'flac'}`;
  const quoted = (path: string): string => {
    // ffmpeg reads a leading dash as an option and everything before a colon as a protocol.
    const plain = path.startsWith('-') || path.includes(':') ? `./${path}` : path;
    return windows ? quotedForWindows(plain) : quotedForUnix(plain);
  };
  return `ffmpeg -i ${quoted(name)} -ac 1 -ar 16000 ${quoted(target)}`;
}
