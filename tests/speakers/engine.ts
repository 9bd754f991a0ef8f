/** What of the engine tells speakers apart, for the runner on Node. */
export { createCut } from '../../workers/speakers/assign.ts';
export { ALIKE, likeness } from '../../src/known-voices/alike.ts';
export { SpeakerListener } from '../../workers/speakers/listener.ts';
export { meanVoices } from '../../workers/speakers/mean-voices.ts';
export { loadNetworks } from '../../workers/speakers/networks.ts';
export { createMutex } from '../../workers/onnx/mutex.ts';
