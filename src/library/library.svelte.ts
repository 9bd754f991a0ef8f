/** Every transcript on this device: listed, searched, named, copied, deleted, and taken elsewhere as one file. */
import { copyBeside } from '../queue/beside.ts';
import { t } from '../locale/text.ts';
import { messages } from '../messages/messages.svelte.ts';
import { forgetOtherFiles } from '../queue/file-handles.ts';
import { lineOf, titleOf } from '../queue/file-name.ts';
import { queue } from '../queue/queue.svelte.ts';
import { isOurs, readAllHeaders, readJob, saveWindows, type Header } from '../queue/saved.ts';
import { saveFile } from '../save-file.ts';
import { jump } from '../transcript/jump.svelte.ts';
import { forgetOtherTranslations } from '../queue/translations.ts';
import { forgetOtherLevels } from '../waveform/kept-levels.ts';
import { nameOfSound } from '../waveform/sound-levels.svelte.ts';
import { nextFrame } from '../slices.ts';
import { exportedLibrary, importLibrary, type Imported } from './archive.ts';
import { forgetOtherTexts, linesOf, textOf } from './kept-texts.ts';
import { rename } from './rename.ts';
import { excerpt, fold, highlighted, matchesIn } from './text.ts';

/** A place where a phrase is said. `parts`: every second one is the phrase. */
export type Place = { seconds: number; parts: readonly string[] };
/** Where a phrase is said in one transcript: how often, in which cues first, and how often beside those. */
export type Found = { total: number; places: readonly Place[]; rest: number };

/** Cues that are shown of one transcript. */
const MOST_PLACES = 5;
/** Results are drawn this often while a search runs. */
const DRAW_MS = 100;

class Library {
  #entries = $state.raw<readonly Header[] | null>(null);
  #found = $state.raw<ReadonlyMap<string, Found> | null>(null);
  #hasNewer = $state.raw(false);
  #searching = $state.raw(false);
  #work = $state.raw<'saving' | 'reading' | null>(null);
  #search: AbortController | null = null;

  /** Newest first; null: not read yet. */
  get entries(): readonly Header[] | null {
    return this.#entries;
  }
  /** A later version of the page has written some, which this one cannot read and leaves as they are. */
  get hasNewer(): boolean {
    return this.#hasNewer;
  }
  /** By the id of a transcript; null: nothing is searched for. */
  get found(): ReadonlyMap<string, Found> | null {
    return this.#found;
  }
  get searching(): boolean {
    return this.#searching;
  }
  /** An archive is written or read. */
  get work(): 'saving' | 'reading' | null {
    return this.#work;
  }

  async load(): Promise<void> {
    try {
      // What was just deleted is about to leave the disk.
      await queue.settled;
      const all = await readAllHeaders();
      const headers = all.filter(isOurs);
      // What failed before its first word is no transcript.
      this.#entries = headers.filter(({ first, phase }) => first !== '' || phase === 'done').reverse();
      const sounds = headers.map((header) => nameOfSound({ ...header, track: header.facts?.track ?? 0 }));
      const here = [...queue.jobs, ...queue.removed];
      const waiting = here.map((job) => nameOfSound({ ...job, track: job.facts?.track ?? 0 }));
      // What belongs to transcripts that cannot be read here is not known.
      this.#hasNewer = all.length > headers.length;
      if (this.#hasNewer) return;
      await forgetOtherFiles([...headers, ...here]);
      await forgetOtherTranslations(new Set([...headers, ...queue.jobs].map(({ id }) => id)));
      await forgetOtherTexts(new Set(headers.map(({ id }) => id)));
      await forgetOtherLevels(new Set([...sounds, ...waiting]));
    } catch (error) {
      console.warn(error);
      this.#entries ??= [];
    }
  }

  // ── searching ────────────────────────────────────────────────────────────────────────────────────────────

  /** Looks for a phrase in all transcripts; an empty one shows them all again. One search at a time. */
  async search(typed: string): Promise<void> {
    this.#search?.abort();
    const phrase = fold(typed).trim();
    if (phrase === '') {
      this.#found = null;
      this.#searching = false;
      return;
    }
    const search = new AbortController();
    this.#search = search;
    this.#searching = true;
    const found: [id: string, Found][] = [];
    let drawn = performance.now();
    for (const entry of this.#entries ?? []) {
      const text = await textOf(entry, search.signal).catch(() => null);
      if (search.signal.aborted) return;
      const matches = text === null ? [] : matchesIn(text, phrase);
      if (matches.length > 0) {
        const lines = await linesOf(entry.id);
        if (search.signal.aborted) return;
        const first = new Map(matches.slice(0, MOST_PLACES).map(({ cue, seconds }) => [cue, seconds]));
        const places = [...first].map(([cue, seconds]) => ({
          seconds,
          parts: excerpt(highlighted(lines.slice(cue, cue + 2), phrase)),
        }));
        const rest = matches.filter(({ cue }) => !first.has(cue)).length;
        found.push([entry.id, { total: matches.length, places, rest }]);
      }
      if (performance.now() - drawn < DRAW_MS) continue;
      this.#found = new Map(found);
      drawn = performance.now();
    }
    this.#found = new Map(found);
    this.#searching = false;
  }

  // ── one transcript ───────────────────────────────────────────────────────────────────────────────────────

  /** @param seconds where to go in it */
  async open({ id, name }: Header, seconds?: number): Promise<void> {
    if (!(await queue.open(id))) return this.#gone(name);
    const shown = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
    location.hash = '#transcribe';
    if (seconds === undefined) return;
    // What is not on the screen yet takes no focus; a busy browser may tell of the new view after the next frames.
    await shown;
    for (let frame = 0; frame < 2; frame++) await nextFrame();
    jump.ask(id, seconds);
  }

  /** @param title empty: it is called as its file again */
  async rename({ id, name }: Header, title: string): Promise<void> {
    const wanted = title.trim() === lineOf(name) ? '' : title.trim();
    if (queue.jobs.some((job) => job.id === id)) queue.rename(id, wanted);
    else await rename(id, wanted);
    await this.#reload();
  }

  async duplicate(header: Header): Promise<void> {
    // What was corrected a moment ago is a part of it.
    await queue.settled;
    const found = await readJob(header.id);
    if (found === null) return this.#gone(header.name);
    const { job } = found;
    const copy = { ...job, id: crypto.randomUUID(), title: t('{title}, copy', { title: titleOf(job) }) };
    await saveWindows(copy, Date.now(), copy.windows, copy.edits);
    await copyBeside(header.id, copy.id);
    await this.#reload();
  }

  /** Takes it off the disk; the message about it puts it back. */
  async remove({ id, name }: Header): Promise<void> {
    if (!(await queue.open(id))) return this.#gone(name);
    if (queue.jobs.find((job) => job.id === id)?.elsewhere === true) {
      messages.sayUntil('OK', () => ({
        key: 'library',
        sentence: t('{name} is open in another tab.', { name: lineOf(name) }),
        more: t('Close it there, then delete it.'),
      }));
      return;
    }
    queue.remove(id);
    this.#entries = this.#entries?.filter((entry) => entry.id !== id) ?? null;
  }

  // ── all of them ──────────────────────────────────────────────────────────────────────────────────────────

  async saveAll(): Promise<void> {
    if (this.#work !== null) return;
    this.#work = 'saving';
    try {
      // With what was corrected, and without what was deleted, a moment ago.
      await queue.settled;
      const { name, blob } = await exportedLibrary();
      saveFile(name, blob);
      messages.sayUntil('OK', () => ({
        key: 'library',
        kind: 'ok',
        sentence: t('{name} goes to your downloads.', { name }),
      }));
    } catch (error) {
      messages.sayUntil('OK', () => ({
        key: 'library',
        kind: 'fault',
        sentence: t('The library could not be saved as a file.'),
        more: t('Close other tabs to free memory, then try again. Nothing was changed.'),
        detail: String(error),
      }));
    }
    this.#work = null;
  }

  /** Transcripts out of files that `saveAll` has made, beside those that are here. */
  async take(files: readonly { name: string; blob: Blob }[]): Promise<void> {
    if (this.#work !== null) return;
    this.#work = 'reading';
    for (const { name, blob } of files) {
      try {
        const imported = await importLibrary(blob);
        messages.sayUntil('OK', () => importNews(name, imported));
      } catch (error) {
        messages.sayUntil('OK', () => ({
          key: 'library',
          kind: 'fault',
          sentence: t('{name} could not be read to its end.', { name: lineOf(name) }),
          more: t('What was read is in the library. Free some room on this device, then give it again.'),
          detail: String(error),
        }));
      }
    }
    this.#work = null;
    await this.#reload();
  }

  async #reload(): Promise<void> {
    if (this.#entries !== null) await this.load();
  }

  #gone(name: string): void {
    messages.sayUntil('OK', () => ({
      key: 'library',
      sentence: t('{name} is not on this device any more.', { name: lineOf(name) }),
    }));
    void this.#reload();
  }
}

function importNews(name: string, { added, known, unreadable, stopped }: Imported) {
  const parts = [
    t('{n} transcript from {name} is in the library now.|{n} transcripts from {name} are in the library now.', {
      n: added,
      name: lineOf(name),
    }),
    known > 0 ? t('{n} was here already.|{n} were here already.', { n: known }) : '',
    unreadable > 0 ? t('{n} file in it could not be read.|{n} files in it could not be read.', { n: unreadable }) : '',
    stopped === null ? '' : t('The rest was not read: {stopped}', { stopped }),
  ];
  const [sentence, ...more] = parts.filter((part) => part !== '');
  return { key: 'library', kind: added > 0 ? ('ok' as const) : ('news' as const), sentence, more: more.join(' ') };
}

export const library = new Library();
