/** Applies the rules as they are at this moment. */
import { ownWords } from './own-words.svelte.ts';
import { withRules, type Ruled } from './rules.ts';

export function spell<C extends Ruled>(cue: C): C {
  return withRules(cue, ownWords.rules);
}
