import { fault, type AdapterReport } from '../protocol';

/**
 * The adapter the browser offers, or null. `navigator.gpu` existing proves nothing: it is asked for an adapter.
 */
export async function findAdapter(): Promise<GPUAdapter | null> {
  if (!('gpu' in navigator)) return null;
  try {
    return await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch {
    return null; // a blocklisted driver throws in some browsers
  }
}

const REPORTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
  'maxBindGroups',
] as const;

/** What an adapter says of itself, as plain data. */
export function describeAdapter(adapter: GPUAdapter): AdapterReport {
  const { info } = adapter;
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    // Older Chromium has the flag on the adapter, newer on its info; SwiftShader and WARP are software in any case.
    fallback:
      info.isFallbackAdapter ||
      (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter === true ||
      /swiftshader|llvmpipe|warp|basic render/i.test(`${info.architecture} ${info.device} ${info.description}`),
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(REPORTED_LIMITS.map((name) => [name, adapter.limits[name]])),
  };
}

/** Limits ONNX Runtime wants raised to what the adapter has; the defaults are too small for Whisper's encoder. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;
const WANTED_FEATURES = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

/**
 * Our own device, so that adapter, limits, losses, errors and every buffer byte are ours to see; it is injected
 * into ONNX Runtime as an option of its WebGPU execution provider.
 * @throws NoGpu
 */
export async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice({
      requiredFeatures: WANTED_FEATURES.filter((name) => adapter.features.has(name)),
      requiredLimits: Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]])),
    });
  } catch (error) {
    throw fault('NoGpu', String(error));
  }
}
