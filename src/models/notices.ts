/** The notices that licences want to go with a model, to be shown where the model is, with the network off too. */
import { SPEAKERS_MODEL } from '../settings/model-choice.ts';
import { mitLicense } from './mit.ts';
import { SPEAKERS_NOTICE } from './speakers-notice.ts';

const OPENAI = mitLicense('2022 OpenAI');

/** The whole notice, line by line; undefined: the model comes from elsewhere, where its own is. */
export function noticeOf(modelId: string): string | undefined {
  if (modelId === SPEAKERS_MODEL) return SPEAKERS_NOTICE;
  return modelId === 'whisper-base' ? OPENAI : undefined;
}
