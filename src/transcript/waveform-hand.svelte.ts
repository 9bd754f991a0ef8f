/** The waveform under a person's hand and keys: which part of the recording it shows, what is chosen of it, what is moved. */
import type { EditableCue } from '../queue/job.ts';
import { firstView, inside, showing, zoomed, type View } from '../waveform/view.ts';
import type { Editor } from './editor.svelte.ts';
import type { Playback } from './playback.svelte.ts';

export const ZOOM = 2;
const STEP_SECONDS = 1;
const NUDGE_SECONDS = 0.1;
/** A press that moves less is a press, not a choice of a stretch. */
const STILL_PX = 4;
/** This near to the edge of a cue, the edge is meant. */
const EDGE_PX = 6;
/** More cues than this at once are not shown: they would be a wall. */
const MOST_CUES = 200;

/** What the waveform is of, as it is now. */
type Surface = {
  canvas: () => HTMLCanvasElement | null;
  /** Of the canvas, in CSS pixels. */
  width: () => number;
  /** Of the recording, in seconds. */
  length: () => number;
  editor: () => Editor;
  playback: () => Playback;
  readOnly: () => boolean;
};

type Edge = { id: string; edge: 'start' | 'end' };

export class WaveformHand {
  readonly #surface: Surface;
  #chosenView = $state.raw<View | null>(null);
  /** An edge of a cue while it is dragged. */
  #dragged = $state.raw<(Edge & { at: number }) | null>(null);
  #selecting = $state.raw<{ from: number; to: number } | null>(null);
  #overEdge = $state(false);
  #pressedAt = 0;

  readonly view = $derived.by(() => {
    const length = this.#surface.length();
    return inside(this.#chosenView ?? firstView(length), length);
  });
  /** The cues of the view. */
  readonly seen = $derived.by((): EditableCue[] => {
    const { cues } = this.#surface.editor().document;
    const { from, span } = this.view;
    const found: EditableCue[] = [];
    let cue = cues.lastFrom(from) ?? cues.first();
    while (cue !== null && cue.start < from + span && found.length <= MOST_CUES) {
      if (cue.end > from) found.push(cue);
      cue = cues.neighbour(cue, 1);
    }
    return found.length > MOST_CUES ? [] : found;
  });
  /** The stretch that is chosen, or is being chosen. */
  readonly selection = $derived.by(() => {
    const selecting = this.#selecting;
    if (selecting === null) return this.#surface.playback().range;
    return { start: Math.min(selecting.from, selecting.to), end: Math.max(selecting.from, selecting.to) };
  });

  constructor(surface: Surface) {
    this.#surface = surface;
  }

  get time(): number {
    return Math.min(this.#surface.playback().time, this.#surface.length());
  }
  /** What would be pressed is an edge. */
  get onEdge(): boolean {
    return this.#overEdge || this.#dragged !== null;
  }

  /** The times of a cue, of which an edge may be under way. */
  timesOf(cue: EditableCue): { start: number; end: number } {
    const dragged = this.#dragged?.id === cue.id ? this.#dragged : null;
    return {
      start: dragged?.edge === 'start' ? Math.min(dragged.at, cue.end) : cue.start,
      end: dragged?.edge === 'end' ? Math.max(dragged.at, cue.start) : cue.end,
    };
  }

  /** The view goes on with the sound, a page at a time: nothing slides, and the eye keeps its place. */
  follow(): void {
    const next = showing(this.view, this.time, this.#surface.length());
    if (next !== this.view) this.#chosenView = next;
  }

  // ── by hand ────────────────────────────────────────────────────────────────────────────────────────────────

  #secondsAt(event: MouseEvent): number {
    const box = this.#surface.canvas()?.getBoundingClientRect();
    const share = box === undefined ? 0 : (event.clientX - box.left) / box.width;
    return Math.max(0, Math.min(this.#surface.length(), this.view.from + share * this.view.span));
  }

  #edgeAt(event: PointerEvent): Edge | null {
    if (this.#surface.readOnly()) return null;
    const reach = (EDGE_PX * (event.pointerType === 'mouse' ? 1 : 2) * this.view.span) / this.#surface.width();
    const at = this.#secondsAt(event);
    let nearest: Edge | null = null;
    let least = reach;
    for (const cue of this.seen) {
      // Where an end and a start meet, the side that is pressed on says which is meant.
      for (const edge of ['end', 'start'] as const) {
        const outside = edge === 'end' ? at > cue.end : at < cue.start;
        const distance = Math.abs(cue[edge] - at) + (outside ? 1e-6 : 0);
        if (distance < least) [least, nearest] = [distance, { id: cue.id, edge }];
      }
    }
    return nearest;
  }

  readonly onpointerdown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    this.#surface.canvas()?.setPointerCapture(event.pointerId);
    this.#pressedAt = event.clientX;
    const edge = this.#edgeAt(event);
    const at = this.#secondsAt(event);
    if (edge !== null) {
      this.#dragged = { ...edge, at };
      this.#surface.editor().enter(edge.id);
    } else this.#selecting = { from: at, to: at };
  };

  readonly onpointermove = (event: PointerEvent): void => {
    if (this.#dragged !== null) this.#dragged = { ...this.#dragged, at: this.#secondsAt(event) };
    else if (this.#selecting !== null) this.#selecting = { ...this.#selecting, to: this.#secondsAt(event) };
    else this.#overEdge = this.#edgeAt(event) !== null;
  };

  readonly onpointerup = (event: PointerEvent): void => {
    const playback = this.#surface.playback();
    const still = Math.abs(event.clientX - this.#pressedAt) < STILL_PX;
    if (this.#dragged !== null) {
      const cue = this.#surface.editor().document.cues.get(this.#dragged.id);
      if (cue !== undefined && !still) this.#setTimes(cue, this.timesOf(cue));
    } else if (this.#selecting !== null && still) {
      playback.choose(null);
      playback.seek(this.#selecting.from);
    } else if (this.#selecting !== null) {
      const { from, to } = this.#selecting;
      playback.choose({ start: from, end: to });
      playback.seek(Math.min(from, to));
    }
    this.letGo();
  };

  readonly letGo = (): void => {
    this.#dragged = null;
    this.#selecting = null;
  };

  #setTimes(cue: EditableCue, { start, end }: { start: number; end: number }): void {
    this.#surface.editor().do((doc) => doc.setTimes(cue.id, start, end));
  }

  readonly onwheel = (event: WheelEvent): void => {
    const length = this.#surface.length();
    const { view } = this;
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.ctrlKey) this.#chosenView = zoomed(view, event.deltaY > 0 ? 1.25 : 0.8, this.#secondsAt(event), length);
    else if (sideways !== 0)
      this.#chosenView = inside({ ...view, from: view.from + (sideways / this.#surface.width()) * view.span }, length);
    else return;
    event.preventDefault();
  };

  // ── by keys ────────────────────────────────────────────────────────────────────────────────────────────────

  zoom(factor: number): void {
    const { view, time } = this;
    const inView = time >= view.from && time <= view.from + view.span;
    this.#chosenView = zoomed(view, factor, inView ? time : view.from + view.span / 2, this.#surface.length());
  }

  /** Moves the playhead; with Shift, the chosen stretch grows or shrinks with it. */
  #move(to: number, choosing: boolean): void {
    const playback = this.#surface.playback();
    const at = Math.max(0, Math.min(this.#surface.length(), to));
    if (choosing) {
      const { range } = playback;
      const { time } = this;
      const other = range === null ? time : Math.abs(range.start - time) < 0.001 ? range.end : range.start;
      playback.choose({ start: other, end: at });
    } else playback.choose(null);
    playback.seek(at);
    this.#chosenView = showing(this.view, at, this.#surface.length());
  }

  readonly onkeydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { time, view } = this;
    const playback = this.#surface.playback();
    const moves: Readonly<Record<string, number>> = {
      ...{ ArrowRight: time + STEP_SECONDS, ArrowUp: time + STEP_SECONDS },
      ...{ ArrowLeft: time - STEP_SECONDS, ArrowDown: time - STEP_SECONDS },
      ...{ PageDown: time - view.span / 2, PageUp: time + view.span / 2, Home: 0, End: this.#surface.length() },
    };
    const to = moves[event.key] as number | undefined;
    if (to !== undefined) this.#move(to, event.shiftKey);
    else if (event.key === '+' || event.key === '=') this.zoom(1 / ZOOM);
    else if (event.key === '-') this.zoom(ZOOM);
    else if (event.key === 'Escape' && playback.range !== null) playback.choose(null);
    else return;
    event.preventDefault();
  };

  /** A key on the handle of an edge. */
  onhandle(event: KeyboardEvent, cue: EditableCue, edge: 'start' | 'end'): void {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const at = Math.max(0, cue[edge] + by * NUDGE_SECONDS);
    this.#setTimes(
      cue,
      edge === 'start' ? { start: Math.min(at, cue.end), end: cue.end } : { ...cue, end: Math.max(at, cue.start) },
    );
  }
}
