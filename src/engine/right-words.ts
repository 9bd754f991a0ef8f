/** How many words of the truth were heard, in order: the longest common subsequence. */
export function rightWords(truth: readonly string[], heard: readonly string[]): number {
  let row = new Array<number>(heard.length + 1).fill(0);
  for (const word of truth) {
    const next = [0];
    heard.forEach((one, j) => next.push(one === word ? row[j] + 1 : Math.max(row[j + 1], next[j])));
    row = next;
  }
  return row[heard.length];
}
