/** What the decoder is told before it writes. */
import type { JobRequest } from '../protocol';
import type { WhisperModel } from '../whisper/model';

/** `<|startofprev|> glossary`, or nothing. */
export function glossaryOf({ tokens, text, targetPositions }: WhisperModel, request: JobRequest): number[] {
  const glossary = request.glossary.trim();
  if (glossary === '' || tokens.startOfPrevious === null) return [];
  // decoding.py, _get_initial_tokens: at most half the positions, the end of the text counts.
  return [tokens.startOfPrevious, ...text.encode(` ${glossary}`).slice(-(targetPositions / 2 - 1))];
}

/** `<|startofprev|> glossary <|startoftranscript|> <|language|> <|task|>`, times on. */
export function promptFor(model: WhisperModel, request: JobRequest, language: string): number[] {
  const { tokens } = model;
  const prompt = [...glossaryOf(model, request), tokens.startOfTranscript];
  const languageToken = tokens.languages.get(language);
  const taskToken = request.task === 'translate' ? tokens.translate : tokens.transcribe;
  if (languageToken !== undefined) prompt.push(languageToken);
  if (taskToken !== null) prompt.push(taskToken);
  return prompt;
}
