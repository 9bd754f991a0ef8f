/**
 * A project for programs of qualitative analysis (MAXQDA, NVivo, ATLAS.ti, QualCoder): the REFI-QDA exchange format 1.5
 * (https://www.qdasoftware.org/, "QDA-XML: project"), a zip with `project.qde` and the text. The recording itself stays
 * outside: it is named by its file name, and the program asks for it. Each cue is a synchronisation point.
 */
import { flatMapping, mapping } from '../mapping.ts';
import { inSlices } from '../slices.ts';
import { toMs } from './subtitle-clock.ts';
import type { ExportedJob } from './exported.ts';
import { speakerName } from './speakers.ts';
import { xmlAttributes } from './xml.ts';
import { zipped, type ZipEntry } from './zip.ts';

/** Code points, as the format counts them; JavaScript's own lengths count UTF-16 units. */
function pointsIn(text: string): number {
  let points = 0;
  for (const _ of text) points += 1;
  return points;
}

/** A line for each cue, with its speaker where that changes, and where each cue's line begins, in code points. */
function* transcriptText(
  job: ExportedJob,
): Generator<void, { text: string; points: { ms: number; position: number }[] }> {
  let position = 0;
  let speaker: string | undefined;
  let endMs = 0;
  const points: { ms: number; position: number }[] = [];
  const lines = yield* flatMapping(job.cues, (cue) => {
    const said = cue.text.replace(/[\p{Cs}\p{Cc}\s]+/gu, ' ').trim();
    if (said === '') return [];
    const isNew = cue.speaker !== undefined && cue.speaker !== speaker;
    speaker = cue.speaker;
    const line = `${isNew && speaker !== undefined ? `${speakerName(job.speakers, speaker)}: ` : ''}${said}\n`;
    points.push({ ms: Math.max(toMs(cue.start), points.at(-1)?.ms ?? 0), position });
    position += pointsIn(line);
    endMs = Math.max(endMs, toMs(cue.end));
    return [line];
  });
  if (points.length > 0) points.push({ ms: endMs, position });
  return { text: lines.join(''), points };
}

/**
 * @param now when the project is made
 * @param guid makes names that nothing else has
 */
export function* qdaEntries(
  job: ExportedJob,
  now: Date,
  guid: () => string = () => crypto.randomUUID(),
): Generator<void, ZipEntry[]> {
  const { text, points } = yield* transcriptText(job);
  const [user, source, transcript] = [guid(), guid(), guid()];
  const made = { creatingUser: user, creationDateTime: `${now.toISOString().slice(0, 19)}Z` };
  const kind = job.facts?.video === true ? 'VideoSource' : 'AudioSource';
  const sync = yield* mapping(
    points,
    ({ ms, position }) => `        <SyncPoint${xmlAttributes({ guid: guid(), timeStamp: ms, position })}/>\n`,
  );
  const project = xmlAttributes({
    xmlns: 'urn:QDA-XML:project:1.0',
    name: job.name,
    origin: 'Earshot',
    creatingUserGUID: user,
    creationDateTime: made.creationDateTime,
  });
  const xml = `<?xml version="1.0" encoding="utf-8"?>
<Project${project}>
  <Users>
    <User${xmlAttributes({ guid: user, name: 'Earshot' })}/>
  </Users>
  <Sources>
    <${kind}${xmlAttributes({ guid: source, name: job.name, path: `relative:///${job.name}`, ...made })}>
      <Transcript${xmlAttributes({ guid: transcript, name: job.name, plainTextPath: `internal://${transcript}.txt`, ...made })}>
${sync.join('')}      </Transcript>
    </${kind}>
  </Sources>
</Project>
`;
  const encoder = new TextEncoder();
  return [
    { name: 'project.qde', bytes: encoder.encode(xml) },
    { name: `sources/${transcript}.txt`, bytes: encoder.encode(text) },
  ];
}

export async function qdpx(job: ExportedJob): Promise<Uint8Array<ArrayBuffer>> {
  return zipped(await inSlices(qdaEntries(job, new Date())), new Date());
}
