/** Small readers of subtitle files, written from the formats and not from our writers. */

export type ReadCue = { startMs: number; endMs: number; text: string };

function ms(hours: string, minutes: string, seconds: string, fraction: string): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction);
}

/** Blocks between blank lines: a number that counts up, a line of times, the text. */
export function parseSrt(file: string): ReadCue[] {
  const blocks = file.split(/\r\n\r\n/);
  if (blocks.pop() !== '') throw new Error('the last cue has no blank line after it');
  return blocks.map((block, index) => {
    const [number, times, ...text] = block.split('\r\n');
    if (number !== String(index + 1)) throw new Error(`cue ${index + 1} is numbered ${number}`);
    const found = /^(\d{2,}):(\d\d):(\d\d),(\d{3}) --> (\d{2,}):(\d\d):(\d\d),(\d{3})$/.exec(times ?? '');
    if (found === null) throw new Error(`no times: ${times}`);
    const [, h1, m1, s1, f1, h2, m2, s2, f2] = found as unknown as string[];
    if (text.length === 0 || text.some((line) => /[\r\n]/.test(line) || line.trim() === '')) {
      throw new Error(`no text in cue ${number}`);
    }
    return { startMs: ms(h1, m1, s1, f1), endMs: ms(h2, m2, s2, f2), text: text.join('\n') };
  });
}

/** https://www.w3.org/TR/webvtt1/#file-parsing as far as a file without settings, regions and notes needs it. */
export function parseVtt(file: string): ReadCue[] {
  const lines = file.split(/\r\n|\r|\n/);
  if (!/^WEBVTT([ \t].*)?$/.test(lines[0] ?? '')) throw new Error('no header');
  if (lines[1] !== '') throw new Error('no blank line after the header');
  const cues: ReadCue[] = [];
  for (let at = 2; at < lines.length; at += 1) {
    if (lines[at] === '') continue;
    const found = /^(\d{2,}):(\d\d):(\d\d)\.(\d{3}) --> (\d{2,}):(\d\d):(\d\d)\.(\d{3})$/.exec(lines[at] ?? '');
    if (found === null) throw new Error(`no times: ${lines[at]}`);
    const [, h1, m1, s1, f1, h2, m2, s2, f2] = found as unknown as string[];
    const text: string[] = [];
    while (at + 1 < lines.length && lines[at + 1] !== '') text.push(lines[(at += 1)] ?? '');
    const raw = text.join('\n');
    if (/[<>]/.test(raw) || /&(?!amp;|lt;|gt;)/.test(raw)) throw new Error(`not escaped: ${raw}`);
    const plain = raw.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    cues.push({ startMs: ms(h1, m1, s1, f1), endMs: ms(h2, m2, s2, f2), text: plain });
  }
  return cues;
}
