/** Transcripts among the files that a person gives: with their recording, without it, and with it later. */
import { expect, test } from 'playwright/test';
import { awaitsSound, jobOf, languageOfScript, stemsOf } from '../../src/queue/imported-job.ts';
import { readTranscript } from '../../src/import/read-transcript.ts';
import { mayConcern, takeTranscripts, type Place } from '../../src/queue/take-transcripts.ts';
import { newJob, type Job } from '../../src/queue/job.ts';
import { atOnce } from '../../src/slices.ts';
import { speakerName } from '../../src/export/speakers.ts';
import { transcriptJson } from '../../src/export/transcript-json.ts';
import { TranscriptDocument } from '../../src/transcript/document.ts';
import { renameSpeaker } from '../../src/transcript/speaker-steps.ts';
import type { MediaFacts } from '../../workers/protocol.ts';

const SRT = '1\n00:00:01,000 --> 00:00:02,500\nHello there.\n\n2\n00:00:03,000 --> 00:00:04,000\nGoodbye.\n';
const FACTS: MediaFacts = {
  container: 'WAV',
  codec: 'pcm',
  seconds: 60,
  sampleRate: 16_000,
  channels: 1,
  video: false,
};

const given = (name: string, content = SRT) => ({ path: name, file: new File([content], name, { lastModified: 7 }) });

/** A queue of jobs, in which everything but `.txt` and `.bad` opens. */
function place(jobs: Job[] = []): Place & { list: Job[]; opened: string[] } {
  const list = [...jobs];
  const opened: string[] = [];
  let ids = 0;
  return {
    ...{ list, opened },
    jobs: () => list,
    open: (file) => {
      opened.push(file.name);
      return /\.(txt|bad)$/.test(file.name) ? Promise.reject(new Error('no')) : Promise.resolve(FACTS);
    },
    add: (job) => list.push(job),
    change: (id, change) => {
      const at = list.findIndex((job) => job.id === id);
      list[at] = change(list[at]);
    },
    newId: () => `new-${(ids += 1)}`,
  };
}

test('a transcript alone is a finished job without sound, and takes its recording when that comes', async () => {
  const queue = place();
  const taken = await takeTranscripts([given('Talk.srt')], queue);
  expect(taken).toEqual({ rest: [], empty: [], strange: [] });
  const [job] = queue.list;
  expect(job).toMatchObject({ phase: 'done', fileMissing: true, name: 'Talk.srt', language: null, facts: null });
  expect(job.cues.map(({ start, end, text }) => [start, end, text])).toEqual([
    [1, 2.5, 'Hello there.'],
    [3, 4, 'Goodbye.'],
  ]);
  expect(new Set(job.cues.map(({ id }) => id)).size).toBe(2);
  expect(awaitsSound(job)).toBe(true);
  expect(mayConcern([given('other.wav')], queue.list)).toBe(true);

  const other = given('Other.wav');
  const sound = given('talk.MP3', 'sound');
  expect((await takeTranscripts([other, sound], queue)).rest).toEqual([other]);
  expect(queue.list[0]).toMatchObject({ id: job.id, name: 'talk.MP3', fileMissing: false, facts: FACTS, size: 5 });
  expect(queue.list[0].file).toBe(sound.file);
  expect(queue.list[0].progress.audioSeconds).toBe(60);
  expect(queue.list[0].cues).toEqual(job.cues);
  expect(awaitsSound(queue.list[0])).toBe(false);
});

test('a transcript and its recording together: the recording is not heard again', async () => {
  const queue = place();
  const [transcript, sound, other] = [given('Talk.en.vtt', `WEBVTT\n\n${SRT}`), given('Talk.wav'), given('b.wav')];
  expect((await takeTranscripts([transcript, sound, other], queue)).rest).toEqual([other]);
  expect(queue.list).toHaveLength(1);
  expect(queue.list[0]).toMatchObject({ name: 'Talk.wav', language: 'en', fileMissing: false, phase: 'done' });
  expect(queue.list[0].cues.map(({ language }) => language)).toEqual(['en', 'en']);
});

test('of recordings of one name a transcript belongs to that of its folder', async () => {
  const queue = place();
  const inside = (folder: string, name: string, content?: string) => ({
    ...given(name, content),
    path: `${folder}/${name}`,
  });
  const [monday, tuesday] = [inside('monday', 'talk.wav', 'm'), inside('tuesday', 'talk.wav', 't')];
  const files = [monday, tuesday, inside('tuesday', 'talk.srt')];
  expect((await takeTranscripts(files, queue)).rest).toEqual([monday]);
  expect(queue.list.map(({ file }) => file)).toEqual([tuesday.file]);
});

test('a recording that does not open is left to say so itself; the words are there', async () => {
  const queue = place();
  const [transcript, sound] = [given('talk.srt'), given('talk.bad')];
  expect((await takeTranscripts([transcript, sound], queue)).rest).toEqual([sound]);
  expect(queue.list[0].fileMissing).toBe(true);
});

test('the recording may be in the queue already', async () => {
  const heard = { ...newJob('old', new File(['x'], 'talk.wav')), phase: 'done' as const, facts: FACTS };
  const queue = place([heard]);
  await takeTranscripts([given('talk.srt')], queue);
  expect(queue.list).toHaveLength(2);
  expect(queue.list[1].file).toBe(heard.file);
  expect(queue.list[0]).toBe(heard);
});

test('a script takes the times of the words that were heard in the recording of its name', async () => {
  const said = 'we took a lens out in eleven crates'.split(' ');
  const words = said.map((word, index) => ({ text: word, start: index, end: index + 1, probability: 0.9 }));
  const heard: Job = {
    ...newJob('old', new File(['x'], 'talk.wav')),
    ...{ phase: 'done', facts: FACTS, language: 'en' },
    cues: [{ id: '0-0', start: 0, end: 8, text: said.join(' '), words, edited: false, language: 'en' }],
    progress: { doneSeconds: 8, audioSeconds: 8, speed: 0, secondsLeft: null },
  };
  const queue = place([heard]);
  const script = given('Talk.txt', 'We took the lens out,\r\nin eleven crates.\r\n');
  expect(await takeTranscripts([script], queue)).toEqual({ rest: [], empty: [], strange: [] });
  const laid = queue.list[1];
  expect(laid.cues.map(({ start, end, text }) => [start, end, text])).toEqual([
    [0, 5, 'We took the lens out,'],
    [5, 8, 'in eleven crates.'],
  ]);
  expect(laid).toMatchObject({ name: 'talk.wav', fileMissing: false, language: 'en' });
  expect(laid.notice).toBe('The text of Talk.txt, laid on the words that were heard.');
  const other = given('talk.txt', 'A wholly different speech about gardens and their keepers.');
  expect(await takeTranscripts([other], queue)).toEqual({ rest: [], empty: [], strange: ['talk.txt'] });
  expect(queue.list).toHaveLength(2);
});

test('what is no transcript goes on to whoever knows it', async () => {
  const queue = place();
  const others = [given('config.json', '{"model_type":"whisper"}'), given('notes.txt', 'dear diary'), given('a.wav')];
  expect(await takeTranscripts(others, queue)).toEqual({ rest: others, empty: [], strange: [] });
  expect(queue.list).toEqual([]);
  expect(await takeTranscripts([given('empty.vtt', 'WEBVTT\n')], queue)).toEqual({
    rest: [],
    empty: ['empty.vtt'],
    strange: [],
  });
  expect(mayConcern([given('a.wav')], [])).toBe(false);
});

test('speakers, languages and edits come with a transcript of ours, also when there are many cues', () => {
  const cues = Array.from({ length: 450 }, (_, index) => ({
    ...{ start: index, end: index + 1, text: `cue ${index}`, edited: index === 3 },
    ...(index >= 300 && { language: 'fr' }),
    ...(index % 2 === 0 && { speaker: 's1' }),
  }));
  const file = {
    ...{ format: 'earshot-transcript', version: 1, file: { name: 'tape.wav', bytes: 1, facts: null } },
    ...{ language: 'de', speakers: [{ id: 's1', name: 'Anna' }], cues },
  };
  const imported = atOnce(readTranscript(JSON.stringify(file)));
  if (imported === null) throw new Error('not read');
  const job = jobOf('x', imported, new File([], 'tape.json'), null);
  expect(job.name).toBe('tape.wav');
  expect(job.cues.map(({ text }) => text)).toEqual(cues.map(({ text }) => text));
  expect(job.cues.map(({ language }) => language)).toEqual(cues.map((_, index) => (index >= 300 ? 'fr' : 'de')));
  expect(job.cues.map(({ speaker }) => speaker)).toEqual(cues.map((_, index) => (index % 2 === 0 ? 's1' : undefined)));
  expect(job.speakers).toEqual([{ id: 's1', name: 'Anna' }]);
  expect(job.cues.filter(({ edited }) => edited).map(({ text }) => text)).toEqual(['cue 3']);
  expect(job.windows.length).toBe(3);
  expect(new Set(job.windows.map(({ startSample }) => startSample)).size).toBe(3);
  expect(new Set(job.cues.map(({ id }) => id)).size).toBe(450);
});

test('speakers of a file have ids of their own: two of one name are two, and nobody is shared with another file', () => {
  const ours = (speakers: unknown[], cues: unknown[]) =>
    JSON.stringify({ format: 'earshot-transcript', speakers, cues });
  const at = (start: number, more: object) => ({ start, end: start + 1, text: 'word', ...more });
  const twins = [
    { id: '1', name: 'Anna' },
    { id: '2', name: 'Anna' },
    { id: '2', name: 'nobody: the id is taken' },
  ];
  const files = [
    ours(twins, [at(0, { speaker: '1', alsoSpeaking: ['2'] }), at(1, { speaker: '2' })]),
    JSON.stringify({ segments: [at(0, { speaker: 'Anna' }), at(1, { speaker: 'speaker-1' })] }),
    'WEBVTT\n\n00:00.000 --> 00:01.000\n<v Anna>word\n',
  ];
  const jobs = files.map((text, index) => {
    const imported = atOnce(readTranscript(text));
    if (imported === null) throw new Error('not read');
    return jobOf(`${index}`, imported, new File([], 'tape.json'), null);
  });
  const shown = (job: Job) => job.cues.map(({ speaker }) => speaker && speakerName(job.speakers, speaker));
  expect(jobs.map(shown)).toEqual([['Anna', 'Anna'], ['Anna', 'speaker-1'], ['Anna']]);
  for (const { cues, speakers } of jobs) {
    expect(new Set(cues.map(({ speaker }) => speaker)).size).toBe(cues.length);
    expect(new Set(speakers.map(({ id }) => id)).size).toBe(speakers.length);
    expect(cues.map(({ speaker }) => speaker)).not.toContain('Anna');
  }

  // Renamed in one, where the other twin and the other files keep their names; and so it goes out and comes back.
  const document = new TranscriptDocument(jobs[0].cues, jobs[0].speakers);
  expect(renameSpeaker(document, '2', 'Bea')).toBe(true);
  const renamed = { ...jobs[0], cues: document.cues.toArray(), speakers: document.speakers };
  expect(shown(renamed)).toEqual(['Anna', 'Bea']);
  const again = atOnce(readTranscript(atOnce(transcriptJson(renamed))));
  expect(again?.speakers).toEqual([
    { id: '1', name: 'Anna' },
    { id: '2', name: 'Bea' },
  ]);
  expect(again?.cues.map(({ speaker, alsoSpeaking }) => [speaker, alsoSpeaking])).toEqual([
    ['1', ['2']],
    ['2', undefined],
  ]);
  expect(jobs.slice(1).map(shown)).toEqual([['Anna', 'speaker-1'], ['Anna']]);
});

test('names that belong together, and what a script tells of the language', () => {
  expect(stemsOf('Talk.en.SRT')).toEqual(['talk.en', 'talk']);
  expect(stemsOf('Talk 2.srt')).toEqual(['talk 2']);
  expect(stemsOf('talk.pt-BR.srt')).toEqual(['talk.pt-br', 'talk']);
  expect(
    ['これは', '你好', '안녕', 'שלום', 'Hello', 'Привет', 'The word 世界 is Chinese', '日本語はOK'].map(
      languageOfScript,
    ),
  ).toEqual([...['ja', 'zh', 'ko', 'he', null, null, null, 'ja']]);
});
