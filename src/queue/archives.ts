/**
 * Who takes archives that are not a model's. The library knows the queue, so the queue cannot know the library: the page,
 * which knows both, sets it.
 */
import type { DiskFile } from '../../workers/protocol.ts';

export const archives = {
  /** @returns what is left for others */
  takeTheirs: (given: readonly DiskFile[]): Promise<DiskFile[]> => Promise.resolve([...given]),
};
