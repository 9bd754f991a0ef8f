/** Reads the engine's figures off the page, through the names of its definition list. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import type { EngineReport } from '../../src/monitor/engine-report.ts';
import { expect, fixture, type App } from '../browser.ts';
import { addFiles, heard } from './words.ts';

const CLIP = fixture('windows/synthetic_en_10s_0.wav');
export const WORDS = 'two eight six seven zero four four zero';

export const region = (page: Page) => page.getByRole('region', { name: 'Engine', exact: true });

/** The figure under a name of the definition list. */
export function figure(page: Page, name: string) {
  const term = page.locator('dt').filter({ hasText: new RegExp(`^${name}$`) });
  return region(page).locator('dl > div').filter({ has: term }).locator('dd');
}

export async function transcribed(app: App, backend: 'cpu' | 'gpu', timeout: number): Promise<void> {
  await app.open(`?model=whisper-digits-10s&backend=${backend}`);
  await addFiles(app, CLIP);
  await expect.poll(() => heard(app), { timeout }).toBe(WORDS);
  await expect(app.getByRole('list', { name: 'Queue' })).toContainText('Done', { timeout });
}

export async function openPanel(app: App): Promise<void> {
  await region(app).getByRole('link', { name: 'Open engine panel' }).click();
  await expect(app.getByRole('heading', { level: 1, name: 'Engine' })).toBeVisible();
}

export async function savedReport(app: App): Promise<EngineReport> {
  const download = app.waitForEvent('download');
  await app.getByRole('button', { name: 'Save report' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^earshot-engine-\d{4}-\d\d-\d\d\.json$/);
  return JSON.parse(readFileSync(await file.path(), 'utf8')) as EngineReport;
}
