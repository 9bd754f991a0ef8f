/** Long recordings made on the spot from short clips, with the truth about them. 16 kHz mono. */
const RATE = 16000;

/** `voice`: a phrase is said by one. */
export type Clip = { text: string; voice: string; base64: string };
/** Seconds from the start of the file to the clip's first and last loud sample. */
export type Spoken = { text: string; start: number; end: number };
export type Phrase = { words: Spoken[]; start: number; end: number };

/** Samples of a 16 bit mono WAV at 8 or 16 kHz, at 16 kHz. */
function samplesOf(clip: Clip): Float32Array {
  const bytes = Uint8Array.from(atob(clip.base64), (char) => char.charCodeAt(0));
  const rate = new DataView(bytes.buffer).getUint32(24, true);
  const data = new Int16Array(bytes.buffer.slice(44, 44 + 2 * Math.floor((bytes.length - 44) / 2)));
  if (rate === RATE) return Float32Array.from(data, (value) => value / 32768);
  if (rate !== RATE / 2) throw new Error(`a clip of ${rate} Hz`);
  // Twice the rate: the samples stay, between them a sinc over 32 neighbours under a Hann window.
  const reach = 16;
  return Float32Array.from({ length: 2 * data.length }, (_, i) => {
    if (i % 2 === 0) return data[i / 2] / 32768;
    let sum = 0;
    for (let k = (i + 1) / 2 - reach; k < (i + 1) / 2 + reach; k++) {
      const x = i / 2 - k;
      const sinc = Math.sin(Math.PI * x) / (Math.PI * x);
      sum += (data[k] ?? 0) * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / reach));
    }
    return sum / 32768;
  });
}

export type Layout = {
  seconds: number;
  /** Clips said in one breath: so many, or drawn between two numbers. */
  wordsPerPhrase: number | [fewest: number, most: number];
  /** Phrases a voice says before another takes its turn, drawn between two numbers; without it any voice may follow. */
  turn?: [fewest: number, most: number];
  /** Silence between two words of a phrase: seconds, drawn between two numbers; 0.08 without it. */
  gap?: [least: number, most: number];
  /** Silence between phrases: seconds, cycled through. */
  pauses: number[];
  /** Amplitude of the noise floor. */
  noise: number;
};

/** Says the clips over and over, in an order that does not repeat soon, until the file is full. */
export function compose(clips: Clip[], layout: Layout): { file: File; phrases: Phrase[] } {
  const sounds = clips.map(samplesOf);
  const pcm = new Int16Array(layout.seconds * RATE);
  let seed = 7;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 4294967296;
  };
  for (let i = 0; i < pcm.length; i++) pcm[i] = Math.round((random() - 0.5) * 2 * layout.noise * 32767);
  const whole = ([fewest, most]: [number, number]): number => fewest + Math.floor(random() * (most - fewest + 1));
  const anyOf = <T>(list: T[]): T => list[Math.floor(random() * list.length)];
  const voices = [...new Set(clips.map((clip) => clip.voice))];
  const phrases: Phrase[] = [];
  let at = Math.round(0.8 * RATE);
  let voice = '';
  let turnLeft = 0;
  for (let n = 0; ; n++) {
    const words: Spoken[] = [];
    if (!layout.turn) voice = anyOf(clips).voice;
    else if (turnLeft-- === 0) {
      voice = anyOf(voices.filter((other) => other !== voice));
      turnLeft = whole(layout.turn) - 1;
    }
    const own = [...clips.keys()].filter((i) => clips[i].voice === voice);
    const { wordsPerPhrase } = layout;
    const count = typeof wordsPerPhrase === 'number' ? wordsPerPhrase : whole(wordsPerPhrase);
    for (let w = 0; w < count; w++) {
      const pick = anyOf(own);
      const sound = sounds[pick];
      if (at + sound.length + RATE > pcm.length) {
        if (words.length > 0) phrases.push(phraseOf(words));
        return { file: wavFile(pcm), phrases };
      }
      for (let i = 0; i < sound.length; i++) {
        pcm[at + i] = Math.max(-32768, Math.min(32767, pcm[at + i] + Math.round(sound[i] * 32767)));
      }
      const first = sound.findIndex((value) => Math.abs(value) > 0.02);
      const last = sound.findLastIndex((value) => Math.abs(value) > 0.02);
      words.push({ text: clips[pick].text, start: (at + first) / RATE, end: (at + last) / RATE });
      const [least, most] = layout.gap ?? [0.08, 0.08];
      at += sound.length + Math.round((layout.gap ? least + (most - least) * random() : least) * RATE);
    }
    phrases.push(phraseOf(words));
    at += Math.round(layout.pauses[n % layout.pauses.length] * RATE);
  }
}

/** Each phrase as a file of its own, with 0.4 s around it. */
export async function apart(file: File, phrases: Phrase[]): Promise<File[]> {
  const pcm = new Int16Array(await file.slice(44).arrayBuffer());
  return phrases.map((phrase) => {
    const from = Math.max(0, Math.round((phrase.start - 0.4) * RATE));
    return wavFile(pcm.slice(from, Math.round((phrase.end + 0.4) * RATE)));
  });
}

export type Spread = { segments: { start: number; end: number }[] };

/** The segments of a recording, seconds, each followed by as much silence. */
export async function spread(file: File, { segments }: Spread): Promise<File> {
  const context = new OfflineAudioContext(1, 1, RATE);
  const pcm = (await context.decodeAudioData(await file.arrayBuffer())).getChannelData(0);
  const parts = segments.map(({ start, end }) => pcm.subarray(Math.round(start * RATE), Math.round(end * RATE)));
  const out = new Int16Array(parts.reduce((sum, part) => sum + 2 * part.length, 0));
  let at = 0;
  for (const part of parts) {
    part.forEach((value, i) => (out[at + i] = Math.max(-32768, Math.min(32767, Math.round(value * 32767)))));
    at += 2 * part.length;
  }
  return wavFile(out);
}

/** Chords with three partials each over a beat: music enough to have nothing to say. */
export function tune(seconds: number): File {
  const chords = [
    [220, 277.2, 329.6],
    [196, 246.9, 293.7],
    [174.6, 220, 261.6],
  ];
  return wavFile(
    Int16Array.from({ length: seconds * RATE }, (_, i) => {
      const time = i / RATE;
      const chord = chords[Math.floor(time) % chords.length];
      const tone = (pitch: number): number =>
        [1, 2, 3].reduce((sum, partial) => sum + Math.sin(2 * Math.PI * pitch * partial * time) / partial, 0);
      return Math.round(3000 * Math.exp(-4 * (time % 0.5)) * chord.reduce((sum, pitch) => sum + tone(pitch), 0));
    }),
  );
}

function phraseOf(words: Spoken[]): Phrase {
  return { words, start: words[0].start, end: words.at(-1)!.end };
}

/** 16 kHz mono, as 16-bit integers or 32-bit floats. */
export function wavFile(pcm: Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>): File {
  const { BYTES_PER_ELEMENT: bytes } = pcm;
  const head = new DataView(new ArrayBuffer(44));
  const text = (at: number, value: string): void =>
    [...value].forEach((char, i) => head.setUint8(at + i, char.charCodeAt(0)));
  text(0, 'RIFF');
  head.setUint32(4, 36 + pcm.byteLength, true);
  text(8, 'WAVEfmt ');
  head.setUint32(16, 16, true);
  head.setUint16(20, pcm instanceof Float32Array ? 3 : 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, RATE, true);
  head.setUint32(28, bytes * RATE, true);
  head.setUint16(32, bytes, true);
  head.setUint16(34, 8 * bytes, true);
  text(36, 'data');
  head.setUint32(40, pcm.byteLength, true);
  return new File([head.buffer, pcm], 'composed.wav', { type: 'audio/wav' });
}
