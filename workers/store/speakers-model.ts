/** The model that tells speakers apart: no Whisper, and in no form that could be asked to transcribe. */
// Written by the script that makes the files, tests/models/speakers.py.
import weights from './bundled-speakers.json' with { type: 'json' };
import type { Backend } from '../protocol';

export const SPEAKERS_MODEL = 'speakers';
export const SPEAKERS_FILES = { segmentation: 'segmentation.onnx', embedding: 'embedding.onnx' };

export const speakersModel = {
  id: SPEAKERS_MODEL,
  name: 'Telling speakers apart',
  source: 'bundled' as const,
  repo: SPEAKERS_MODEL,
  revision: weights.map(({ sha256 }) => sha256.slice(0, 4)).join(''),
  multilingual: true,
  backends: ['cpu'] as Backend[],
  form: 'b8' as const,
  sessions: {},
  licence: 'MIT, Copyright (c) 2023 CNRS; Apache-2.0, 3D-Speaker',
  note: 'Two networks that come with the page and are loaded when speakers are told apart for the first time.',
  unlisted: true as const,
  files: [
    ...weights,
    {
      path: 'LICENSE',
      bytes: 10593,
      sha256: 'af10e88288317aaad569ac29451fb5ab9543c0c513bb1f6b41af31a0fb3fc3db',
    },
  ],
};
