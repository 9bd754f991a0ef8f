/** Where a model runs, in words. Pure. */
import { phrase, t } from '../locale/text.ts';
import type { Backend, ClockCheck, NodePlacement } from '../../workers/protocol.ts';
import { percent } from '../clock.ts';

/** Where the nodes of one model's graphs run, asked on one backend. */
export type Placed = { modelId: string; backend: Backend; placements: readonly NodePlacement[] };

const PROVIDERS: Record<string, string> = {
  WebGpuExecutionProvider: 'GPU',
  CPUExecutionProvider: 'CPU',
};

/** "GPU", or ONNX Runtime's own name for it. */
function providerName(provider: string): string {
  return PROVIDERS[provider] ?? provider;
}

const NAMES = { encoder: phrase('Encoder'), decoder: phrase('Decoder') } as const;

export type SessionWords = { session: string; share: string; rest: string };

/** One line a session: how much of it the GPU (or the CPU) runs, and which operators something else runs. */
export function placementWords(placements: readonly NodePlacement[]): SessionWords[] {
  return (['encoder', 'decoder'] as const).flatMap((session) => {
    const all = placements.filter((placement) => placement.session === session);
    if (all.length === 0) return [];
    const nodes = all.reduce((sum, placement) => sum + placement.nodes, 0);
    const main = all.reduce((most, next) => (next.nodes > most.nodes ? next : most));
    const where = providerName(main.provider);
    const share = t('{nodes} of {nodes2} operations on the {where} ({share})', {
      nodes: main.nodes,
      nodes2: nodes,
      where,
      share: percent(main.nodes / nodes),
    });
    const rest = all
      .filter((placement) => placement !== main)
      .map(({ provider, nodes, types }) =>
        t('{nodes} on the {provider}: {types}', { nodes, provider: providerName(provider), types: typeWords(types) }),
      );
    return [{ session: t(NAMES[session]), share, rest: rest.join('; ') }];
  });
}

/** "Unsqueeze 7, Gather 6", the most first. */
function typeWords(types: Record<string, number>): string {
  return Object.entries(types)
    .sort(([one, some], [other, more]) => more - some || one.localeCompare(other))
    .map(([type, nodes]) => `${type} ${nodes}`)
    .join(', ');
}

/** The busy share beside the GPU's own clock. */
export function clockWords({ passes, passMs, busyMs }: ClockCheck): string {
  return t('{passes} passes: {passMs} ms by the GPU’s clock, {busyMs} ms counted as busy', {
    passes,
    passMs: Math.round(passMs),
    busyMs: Math.round(busyMs),
  });
}
