/**
 * Which execution provider runs each node of a graph, as ONNX Runtime itself says it. Its web builds have no call for that:
 * they write it to the console while a session is made, at the severity "verbose" (onnxruntime,
 * core/framework/session_state.cc, VerifyEachNodeIsAssignedToAnEp). Such a session also writes a line for each kernel that it
 * ever runs, so it is made for this question and released.
 */
import type { NodePlacement } from '../protocol';

/** What is listened to; null: nobody listens. */
let heard: string[] | null = null;

/** Before a build of ONNX Runtime is loaded: its glue keeps the `console.error` that it meets then. */
export function listenToOrt(): void {
  const complain = console.error.bind(console);
  console.error = (...words: unknown[]) => {
    const line = words.join(' ');
    if (heard !== null && line.includes(':onnxruntime:')) heard.push(line);
    else complain(...words);
  };
}

/** @returns what ONNX Runtime wrote while the task ran */
export async function linesOf(task: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  heard = lines;
  try {
    await task();
  } finally {
    heard = null;
  }
  return lines;
}

const SAID = /VerifyEachNodeIsAssignedToAnEp\]\s*(.*)$/;
const PROVIDER = /(?:All nodes|Node\(s\)) placed on \[(\w+)\]\. Number of nodes: (\d+)/;
const NODE = /^(\w+) \(/;

/** @param lines of the making of one session. @returns in its order; [] where nothing was said of it */
export function placementsIn(lines: readonly string[], session: NodePlacement['session']): NodePlacement[] {
  const placements: NodePlacement[] = [];
  for (const line of lines) {
    const said = SAID.exec(line)?.[1] ?? '';
    const [, provider, nodes] = PROVIDER.exec(said) ?? [];
    if (provider !== undefined) {
      placements.push({ session, provider, nodes: Number(nodes), types: {} });
      continue;
    }
    // Nodes are listed only where there is more than one provider.
    const type = NODE.exec(said)?.[1];
    const types = placements.at(-1)?.types;
    if (type !== undefined && types !== undefined) types[type] = (types[type] ?? 0) + 1;
  }
  return placements;
}
