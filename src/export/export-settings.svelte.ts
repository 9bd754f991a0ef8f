/** How files are written, kept in this browser: what was chosen in the dialog holds for the menu and for later visits. */
import { ownWords } from '../words/own-words.svelte.ts';
import { optionsOf, validExport, type ExportChoices } from './export-choices.ts';
import type { ExportOptions } from './exported.ts';

const KEY = 'earshot-export';

class ExportSettings {
  #current = $state.raw<ExportChoices>(validExport(read()));

  get current(): ExportChoices {
    return this.#current;
  }

  /** With what is hidden on the screen. */
  get options(): ExportOptions {
    return { ...optionsOf(this.#current), hidden: ownWords.hidden };
  }

  change(change: Partial<ExportChoices>): void {
    this.#current = validExport({ ...this.#current, ...change });
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#current));
    } catch {
      // The choice holds for this visit.
    }
  }
}

function read(): unknown {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    // Site data is blocked or damaged: the defaults serve.
    return {};
  }
}

export const exportSettings = new ExportSettings();
