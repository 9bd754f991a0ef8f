/**
 * One line per test, errors in full, skipped tests with their reasons, figures that were measured, the fault matrix, and the counts for tests/run.mjs in
 * tests/.out/counts.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '.out');

/** As in tests/fault-table.ts. */
const FAULT_HEAD = ['| fault | phase | | work lost | how it goes on |', '| --- | --- | --- | --- | --- |'];

/** Spec file and titles, without the empty root and the project. */
function nameOf(test) {
  return [relative(here, test.location.file), ...test.titlePath().slice(3)].join(' › ');
}

export default class {
  /** What each test came to: of several tries the last one counts. */
  ended = new Map();
  /** Tests of which a try failed: those that passed after all are named, because each is a fault of the test or of the page. */
  unsteady = new Set();
  errors = 0;
  /** What tests have measured, and the rows of the fault matrix: shown of those that passed as well. */
  figures = [];
  faults = [];

  printsToStdio() {
    return true;
  }

  onTestEnd(test, result) {
    const project = test.parent.project()?.name ?? '';
    const name = `[${project}] ${nameOf(test)}`;
    if (result.status === 'skipped') {
      const reason = test.annotations.find((note) => note.type === 'skip' || note.type === 'fixme')?.description;
      this.ended.set(test, { is: 'skipped', says: `${name}: ${reason ?? 'no reason given'}` });
      return;
    }
    const fine = result.status === test.expectedStatus;
    this.ended.set(test, { is: fine ? 'passed' : 'failed', says: name });
    if (!fine) this.unsteady.add(test);
    const word = fine ? 'ok  ' : result.retry < test.retries ? 'AGAIN' : 'FAIL';
    console.log(`${word} ${name} (${(result.duration / 1000).toFixed(1)} s)`);
    for (const { type, description } of result.annotations) {
      if (type === 'figures') this.figures.push(description);
      if (type === 'fault matrix') this.faults.push(description);
    }
    if (fine) return;
    if (result.status === 'timedOut') console.log('  timed out');
    for (const error of result.errors) {
      console.log(indent(error.stack ?? error.message ?? String(error.value)));
      if (error.snippet) console.log(indent(error.snippet));
    }
    for (const chunk of [...result.stdout, ...result.stderr]) process.stdout.write(indent(String(chunk)) + '\n');
  }

  /** Errors outside any test: a spec that does not load, a config that throws. */
  onError(error) {
    this.errors += 1;
    console.log(indent(error.stack ?? error.message ?? String(error.value)));
  }

  onBegin(config, suite) {
    this.all = suite.allTests();
  }

  onEnd(result) {
    const of = (is) => [...this.ended].filter(([, end]) => end.is === is);
    const list = (title, ends) => {
      if (ends.length > 0) console.log(`\n${title}:\n${ends.map(([, { says }]) => `  ${says}`).join('\n')}`);
    };
    // A run that was cut short must not look complete.
    const missed = (this.all ?? []).filter((test) => !this.ended.has(test));
    for (const test of missed) console.log(`FAIL ${nameOf(test)}: did not run`);
    if (this.figures.length > 0) console.log(`\nFigures:\n${this.figures.map((line) => `  ${line}`).join('\n')}`);
    if (this.faults.length > 0) console.log(`\n${[...FAULT_HEAD, ...this.faults].join('\n')}`);
    const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(of);
    list('Skipped', skipped);
    list(
      'Passed only at the second try',
      passed.filter(([test]) => this.unsteady.has(test)),
    );
    const counts = {
      passed: passed.length,
      failed: failed.length + missed.length + this.errors,
      skipped: skipped.length,
      status: result.status,
    };
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'counts.json'), JSON.stringify(counts));
    console.log(`\nTests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}

/** Colour codes out: the output is read in logs. */
function indent(text) {
  return stripVTControlCharacters(text).replace(/^/gm, '    ');
}
