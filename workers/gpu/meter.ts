/**
 * Counts what this worker keeps on the GPU: every buffer our device creates and destroys (ONNX Runtime calls the
 * device's own methods, ENGINE.md 2.1), and how long the queue had work. Logical bytes: a driver's own overhead is
 * not visible to a page.
 */
export type GpuReading = {
  bytesNow: number;
  bytesPeak: number;
  bytesTotal: number;
  buffers: number;
  /** Queue submissions and compute dispatches since the device was opened. */
  submits: number;
  dispatches: number;
  /** Bytes of tensors written to the GPU; the shapes and constants each dispatch is given; bytes read back. */
  bytesUploaded: number;
  bytesUniform: number;
  bytesReadBack: number;
};

/** Before a device was opened. */
export const NOTHING_COUNTED: Readonly<GpuReading> = {
  bytesNow: 0,
  bytesPeak: 0,
  bytesTotal: 0,
  buffers: 0,
  submits: 0,
  dispatches: 0,
  bytesUploaded: 0,
  bytesUniform: 0,
  bytesReadBack: 0,
};

export type Meter = {
  read(): GpuReading;
  /** Share of the time since the last call in which the queue had work, [0, 1]. */
  busyShare(): number;
  /** Forgets the peak: it is now what is allocated now. */
  resetPeak(): void;
};

export function createMeter(device: GPUDevice): Meter {
  const reading: GpuReading = { ...NOTHING_COUNTED };
  const freed = (bytes: number): void => {
    reading.bytesNow -= bytes;
    reading.buffers -= 1;
  };
  // A buffer dropped without destroy() is freed by the collector: counted then, so that the ledger stays true.
  const dropped = new FinalizationRegistry(freed);

  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const bytes = buffer.size;
    reading.bytesNow += bytes;
    reading.bytesTotal += bytes;
    reading.buffers += 1;
    reading.bytesPeak = Math.max(reading.bytesPeak, reading.bytesNow);
    if (descriptor.mappedAtCreation) reading.bytesUploaded += bytes;
    if (descriptor.usage & GPUBufferUsage.MAP_READ) {
      const mapAsync = buffer.mapAsync.bind(buffer);
      buffer.mapAsync = (mode, offset, size) => {
        reading.bytesReadBack += size ?? bytes - (offset ?? 0);
        return mapAsync(mode, offset, size);
      };
    }
    const destroy = buffer.destroy.bind(buffer);
    let alive = true;
    const token = {};
    dropped.register(buffer, bytes, token);
    buffer.destroy = () => {
      if (alive) {
        alive = false;
        dropped.unregister(token);
        freed(bytes);
      }
      destroy();
    };
    return buffer;
  };

  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const pass = beginComputePass(passDescriptor);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (x, y, z) => {
        reading.dispatches += 1;
        dispatch(x, y, z);
      };
      return pass;
    };
    return encoder;
  };

  let windowStart = performance.now();
  let busyMs = 0;
  let busySince: number | null = null;
  let latest = 0;
  const queue = device.queue;
  const submit = queue.submit.bind(queue);
  queue.submit = (commands) => {
    submit(commands);
    reading.submits += 1;
    const mine = ++latest;
    busySince ??= performance.now();
    // Only the newest submission's end marks the queue idle; earlier ones are inside it.
    void queue.onSubmittedWorkDone().then(
      () => {
        if (mine === latest && busySince !== null) {
          busyMs += performance.now() - busySince;
          busySince = null;
        }
      },
      () => undefined,
    );
  };
  const writeBuffer = queue.writeBuffer.bind(queue) as (...args: unknown[]) => void;
  queue.writeBuffer = ((
    buffer: GPUBuffer,
    at: number,
    source: ArrayBuffer | ArrayBufferView,
    from = 0,
    size?: number,
  ) => {
    const bytes = size ?? source.byteLength - from;
    if (buffer.usage & GPUBufferUsage.UNIFORM) reading.bytesUniform += bytes;
    else reading.bytesUploaded += bytes;
    if (size === undefined) writeBuffer(buffer, at, source, from);
    else writeBuffer(buffer, at, source, from, size);
  }) as typeof queue.writeBuffer;

  return {
    read: () => ({ ...reading }),
    busyShare() {
      const now = performance.now();
      if (busySince !== null) {
        busyMs += now - busySince;
        busySince = now;
      }
      const share = busyMs / Math.max(1, now - windowStart);
      windowStart = now;
      busyMs = 0;
      return Math.min(1, share);
    },
    resetPeak() {
      reading.bytesPeak = reading.bytesNow;
    },
  };
}
