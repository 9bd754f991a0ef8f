/** Marks doubtful words, painted over the text as the word that sounds is, and only where one looks: there are thousands. */
import type { EditableCue } from '../queue/job.ts';
import { doubtMarks } from './doubt-marks.svelte.ts';
import { doubtsIn } from './doubts.ts';
import type { CueOrder } from './cue-order.ts';

/**
 * Paints for as long as the component that calls it is there.
 * @param list has blocks (`.block`) of boxes (`[data-cue]`)
 * @param drawn changes with the blocks that are drawn
 * @param cues changes with what is in them
 * @param shown gives a cue as its box has it
 */
export function paintDoubts(
  list: () => HTMLElement,
  drawn: () => unknown,
  cues: () => Pick<CueOrder, 'get'>,
  shown: (cue: EditableCue) => EditableCue,
): void {
  let visible: readonly Element[] = [];
  /** Counts what has come into sight or left it. */
  let turned = $state.raw(0);
  const painting = $derived(doubtMarks.shown && 'highlights' in CSS);

  $effect(() => {
    if (!painting) return;
    drawn();
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        visible = [...visible.filter((block) => block !== target), ...(isIntersecting ? [target] : [])];
      }
      turned += 1;
    });
    for (const block of list().querySelectorAll('.block')) observer.observe(block);
    return () => {
      observer.disconnect();
      visible = [];
    };
  });

  $effect(() => {
    if (!painting) return;
    void turned;
    const there = cues();
    const highlight = new Highlight();
    for (const box of visible.flatMap((block) => [...block.querySelectorAll<HTMLElement>('[data-cue]')])) {
      const kept = there.get(box.dataset['cue'] ?? '');
      const cue = kept && shown(kept);
      const text = box.firstChild;
      if (cue === undefined || text?.textContent !== cue.text) continue;
      for (const { from, to } of doubtsIn(cue, doubtMarks.threshold)) {
        const range = new Range();
        range.setStart(text, from);
        range.setEnd(text, to);
        highlight.add(range);
      }
    }
    CSS.highlights.set('doubtful', highlight);
    return () => {
      CSS.highlights.delete('doubtful');
    };
  });
}
