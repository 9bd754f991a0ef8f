/** An allocation that failed: JavaScript's own for a large array, and what the wasm heap throws when it cannot grow. */
export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  return error instanceof Error && /bad_alloc|\bout of memory\b|\bOOM\b|allocation failed/i.test(error.message);
}
