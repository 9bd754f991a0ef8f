/** What every format is written from: the transcript as it is on the screen, edits included. */
import type { Job } from '../queue/job.ts';
import type { Limits } from '../shaper/limits.ts';
import type { Speaker } from './speakers.ts';

export type ExportedJob = Pick<
  Job,
  'name' | 'size' | 'facts' | 'language' | 'languageProbability' | 'load' | 'seams' | 'report' | 'cues'
> & {
  /** As in the queue; missing where it is of no recording on this device. */
  id?: string;
  /** What the speakers that the cues name are called. */
  speakers?: readonly Speaker[];
  /** As the engine gave them: how sure it was stands in JSON of openai/whisper's shape. */
  windows?: Job['windows'];
  made?: Job['made'];
};

/** What a person can choose. A format that has no use for one leaves it unread. */
export type ExportOptions = {
  /** How subtitles are shaped; null: the cues as they are. */
  limits: Limits | null;
  /** When it is said, before each paragraph. */
  times: boolean;
  /** Cues that belong together in one paragraph; otherwise a line for each cue. */
  paragraphs: boolean;
  /** Who speaks. */
  speakers: boolean;
  /** Languages, ISO codes, whose filler words are left out, as they are on the screen; missing: none. */
  hidden?: ReadonlySet<string>;
  /** When each word is said, where subtitles can hold it. */
  wordTimes: boolean;
};

export const DEFAULT_OPTIONS: ExportOptions = {
  limits: null,
  times: false,
  paragraphs: true,
  speakers: true,
  wordTimes: false,
};
