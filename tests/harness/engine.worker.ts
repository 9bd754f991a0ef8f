/** The engine's worker with what only a measurement sets. */
import { expose } from 'comlink';
import { createEngine, type EngineOptions } from '../../workers/engine.ts';

const options: EngineOptions = {};
const api = {
  ...createEngine(options),
  /** For the calls that follow; what is left out goes back to what the page does. */
  set(given: EngineOptions): void {
    for (const name of Object.keys(options)) delete options[name as keyof EngineOptions];
    Object.assign(options, given);
  },
};
export type HarnessEngine = typeof api;

expose(api);
