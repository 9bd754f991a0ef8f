/**
 * What transformers.js gets when it imports `onnxruntime-web/webgpu` (see vite.config.ts): the build this worker
 * has already loaded, with its paths already set, so it can neither bring a second copy nor set a CDN address.
 */
import { ortModule } from './ort';

const ort = ortModule();
export const { InferenceSession, Tensor, env } = ort;
export default ort;
