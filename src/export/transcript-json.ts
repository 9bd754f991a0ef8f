/** The whole transcript for another program. `version` changes when a field changes its meaning or goes away. */
import type { Backend, Cue, JobReport, MediaFacts, Word } from '../../workers/protocol.ts';
import type { Job, Seam } from '../queue/job.ts';

/** Times in seconds from the start of the file, probabilities in [0, 1]. */
export type TranscriptFile = {
  format: 'earshot-transcript';
  version: 1;
  file: { name: string; bytes: number; facts: MediaFacts | null };
  /** ISO code; null when nothing was heard. */
  language: string | null;
  languageProbability: number;
  /** Catalogue id; null when nothing ran. */
  model: string | null;
  /** The backend it started on; `seams` says where another took over. */
  backend: Backend | null;
  seams: Seam[];
  report: JobReport | null;
  /** Empty cues are left out. `language` only where it is not the file's. `words` are as heard, so a cue whose text was `edited` has none. */
  cues: {
    start: number;
    end: number;
    text: string;
    edited: boolean;
    language?: string;
    doubt?: NonNullable<Cue['doubt']>;
    words?: Word[];
  }[];
};

export type ExportedJob = Pick<
  Job,
  'name' | 'size' | 'facts' | 'language' | 'languageProbability' | 'load' | 'seams' | 'report' | 'cues'
>;

export function transcriptFile(job: ExportedJob): TranscriptFile {
  return {
    format: 'earshot-transcript',
    version: 1,
    file: { name: job.name, bytes: job.size, facts: job.facts },
    language: job.language,
    languageProbability: job.languageProbability,
    model: job.load?.modelId ?? null,
    backend: job.load?.backend ?? null,
    seams: [...job.seams],
    report: job.report,
    cues: job.cues
      .filter((cue) => cue.text.trim() !== '')
      .map(({ start, end, text, edited, language, doubt, words }) => ({
        start,
        end,
        text,
        edited,
        ...(language === job.language ? {} : { language }),
        ...(doubt === undefined ? {} : { doubt }),
        ...(words === undefined ? {} : { words }),
      })),
  };
}

export function transcriptJson(job: ExportedJob): string {
  return `${JSON.stringify(transcriptFile(job), null, 2)}\n`;
}
