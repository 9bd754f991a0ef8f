/** What of the engine tells speakers apart, for the runner on Node. */
export { createCut } from '../../workers/speakers/assign.ts';
export { SpeakerListener } from '../../workers/speakers/listener.ts';
export { loadNetworks } from '../../workers/speakers/networks.ts';
export { createMutex } from '../../workers/onnx/mutex.ts';
