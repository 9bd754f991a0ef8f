/** A translation laid beside its transcript, and both as a transcript that can be exported. Pure. */
import type { ExportedJob } from '../export/exported.ts';
import { formatOf, type FormatId } from '../export/formats.ts';
import type { EditableCue } from '../queue/job.ts';
import { shownName } from '../queue/file-name.ts';
import type { Translation } from '../queue/translations.ts';

/** Cues that have words and no translation of these words. */
export function untranslated(cues: readonly EditableCue[], translation: Translation | null): EditableCue[] {
  return cues.filter(({ id, text }) => text.trim() !== '' && translation?.texts.get(id)?.of !== text);
}

/** What a cue is in the other language; null: not translated as it is now. */
export function translationOf({ id, text }: EditableCue, translation: Translation | null): string | null {
  const known = translation?.texts.get(id);
  return known !== undefined && known.of === text ? known.text : null;
}

/** Formats in which both languages can be saved. */
export const TRANSLATED_FORMATS: readonly FormatId[] = ['txt', 'docx', 'md', 'srt', 'vtt'];

/**
 * The transcript in the other language, under a name that says so ("Talk.de"). A cue without a translation is left as it
 * was said, so nothing is missing in the file.
 * @param both the words as they were said first, then the translation: two lines of a subtitle, two lines of a text
 */
export function translatedJob(
  job: ExportedJob,
  translation: Translation,
  both: boolean,
  format: FormatId,
): ExportedJob {
  const { language } = translation;
  const isSubtitle = formatOf(format).group === 'Subtitles';
  const cues = job.cues.flatMap((cue): EditableCue[] => {
    const { words: _, ...wordless } = cue;
    const other = translationOf(cue, translation);
    if (other === null) return [cue];
    const translated = { ...wordless, text: other, language };
    if (!both) return [translated];
    return isSubtitle ? [{ ...wordless, text: `${cue.text}\n${other}` }] : [cue, translated];
  });
  return {
    ...job,
    cues,
    language: both ? job.language : language,
    name: `${shownName(job.name).stem}.${language}.txt`,
  };
}
