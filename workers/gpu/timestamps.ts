/**
 * The GPU's own clock beside ours: timestamp queries around the first compute passes of a job (WebGPU, "Timestamp Query").
 * Browsers round them to 0.1 ms and let a page ask for them only around whole passes, so they check the busy share and do
 * not replace it. A watched pass costs two writes of eight bytes.
 */
import type { ClockCheck } from '../protocol';

/** Of Whisper base an encoder pass and about twenty tokens. The rest of a job is not watched and costs nothing. */
const WATCHED_PASSES = 512;

export type PassClock = {
  /** Watches the passes that come, and forgets those before. */
  watch(): void;
  /** The descriptor with queries in it, while passes are watched. */
  described(descriptor: GPUComputePassDescriptor | undefined): GPUComputePassDescriptor | undefined;
  /** Something was submitted. */
  submitted(): void;
  /** What was watched since `watch`, and nothing is from now on. Null: there was nothing, or the GPU gave no times. */
  read(): Promise<ClockCheck | null>;
};

/**
 * @param busyMs our own count, to be compared
 * @returns null where the device has no queries
 */
export function watchPasses(device: GPUDevice, busyMs: () => number): PassClock | null {
  if (!device.features?.has('timestamp-query')) return null;
  let queries: GPUQuerySet | null = null;
  let passes = 0;
  let busyBefore = 0;
  /** Our count when the last watched pass was done. */
  let busyAfter: Promise<number> | null = null;
  const whenDone = (): Promise<number> => device.queue.onSubmittedWorkDone().then(busyMs);

  const end = (): void => {
    queries?.destroy();
    queries = null;
    passes = 0;
    busyAfter = null;
  };
  return {
    watch() {
      end();
      queries = device.createQuerySet({ type: 'timestamp', count: 2 * WATCHED_PASSES });
      busyBefore = busyMs();
    },
    described(descriptor) {
      if (!queries || passes === WATCHED_PASSES || descriptor?.timestampWrites) return descriptor;
      const index = 2 * passes++;
      const timestampWrites = {
        querySet: queries,
        beginningOfPassWriteIndex: index,
        endOfPassWriteIndex: index + 1,
      };
      return { ...descriptor, timestampWrites };
    },
    submitted() {
      if (passes < WATCHED_PASSES || busyAfter) return;
      busyAfter = whenDone();
      // A lost device tells of it elsewhere.
      busyAfter.catch(() => undefined);
    },
    async read() {
      if (!queries || passes === 0) {
        end();
        return null;
      }
      const watched = passes;
      const until = busyAfter ?? whenDone();
      try {
        const times = await timesOf(device, queries, 2 * watched);
        const passMs = workIn(times);
        return passMs === null ? null : { passes: watched, passMs, busyMs: (await until) - busyBefore };
      } finally {
        end();
      }
    },
  };
}

/** The first `count` times of a query set, in nanoseconds. */
async function timesOf(device: GPUDevice, queries: GPUQuerySet, count: number): Promise<BigUint64Array> {
  const size = 8 * count;
  const resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  try {
    const commands = device.createCommandEncoder();
    commands.resolveQuerySet(queries, 0, count, resolved, 0);
    commands.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([commands.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return new BigUint64Array(staging.getMappedRange().slice(0));
  } finally {
    resolved.destroy();
    staging.destroy();
  }
}

/**
 * Milliseconds in which at least one pass ran; null: the GPU gave no times.
 * @param times begin and end of each pass in turn, nanoseconds
 */
export function workIn(times: BigUint64Array): number | null {
  const passes = Array.from({ length: times.length / 2 }, (_, i) => ({ begin: times[2 * i], end: times[2 * i + 1] }))
    .filter(({ begin, end }) => end > begin)
    .sort((one, other) => (one.begin < other.begin ? -1 : 1));
  if (passes.length === 0) return null;
  let work = 0n;
  let reached = 0n;
  for (const { begin, end } of passes) {
    const from = begin > reached ? begin : reached;
    if (end > from) work += end - from;
    if (end > reached) reached = end;
  }
  return Number(work) / 1e6;
}
