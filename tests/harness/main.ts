/**
 * A bare page that lets a spec drive the shipped workers below the page's UI, in a real browser, from the production
 * bundler. Each sibling module is one subject (`media.ts`, `store.ts`, `engine.ts`): what it exports is what a spec calls.
 */
import { allowOwnScripts } from '../../workers/protocol.ts';

allowOwnScripts();
const modules = import.meta.glob(['./*.ts', '!./main.ts', '!./vite.config.ts']);

declare global {
  interface Window {
    harness: {
      /** The module `tests/harness/<name>.ts`. Its type is the caller's to say: `load<typeof import(…)>('media')`. */
      load<Module>(name: string): Promise<Module>;
    };
  }
}

window.harness = {
  async load<Module>(name: string): Promise<Module> {
    const load = modules[`./${name}.ts`];
    if (!load) throw new Error(`tests/harness/${name}.ts does not exist; there are ${Object.keys(modules).join(', ')}`);
    return (await load()) as Module;
  },
};

export {};
