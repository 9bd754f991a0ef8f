/**
 * Hears recordings with the shipped workers in a browser and gives what they heard as plain data.
 */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { launchOptions } from '../chromium.mjs';
import { serve } from '../serve.mjs';

/**
 * @typedef {{ start: number, end: number, text: string, doubt?: string, words?: { start: number, end: number, text: string }[] }} Cue
 * @typedef {{ seconds: number, wallMs: number, firstTextMs: number | null, encoderPasses: number, decoderSteps: number,
 *   tokens: number, cues: Cue[], languages: string[], stages: Record<string, number>, fault?: string }} Heard
 */

/**
 * Opens a browser with a model loaded.
 * @param {string} root the built harness
 * @param {{ model: string, backend: 'cpu' | 'gpu', form: string }} options
 */
export async function openEngine(root, { model, backend, form }) {
  const site = await serve(root, {
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  });
  const browser = await chromium.launch(launchOptions({ gpu: backend === 'gpu' }));
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') console.error('console:', message.text());
  });
  page.setDefaultTimeout(0);
  await page.goto(site.url);
  const load = await page.evaluate(async ([model, backend, form]) => {
    const engine = await window.harness.load('engine');
    return engine.load(model, backend, form);
  }, /** @type {[string, 'cpu' | 'gpu', any]} */ ([model, backend, form]));
  return {
    load,
    /**
     * @param {string} path
     * @param {Record<string, unknown>} request parts of a JobRequest
     * @returns {Promise<Heard>}
     */
    async hear(path, request = {}) {
      const base64 = readFileSync(path).toString('base64');
      return page.evaluate(
        async ({ base64, name, request }) => {
          const engine = await window.harness.load('engine');
          try {
            const { report, windows } = await engine.hear(engine.fileOf(base64, name), request);
            return {
              seconds: report.audioSeconds,
              wallMs: report.wallMs,
              firstTextMs: report.firstTextMs,
              encoderPasses: report.encoderPasses,
              decoderSteps: report.decoderSteps,
              tokens: report.tokens,
              stages: report.stages,
              cues: windows.flatMap((one) => one.cues),
              languages: windows.map((one) => one.language),
            };
          } catch (error) {
            return {
              seconds: 0,
              wallMs: 0,
              firstTextMs: null,
              encoderPasses: 0,
              decoderSteps: 0,
              tokens: 0,
              stages: {},
              cues: [],
              languages: [],
              fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
            };
          }
        },
        { base64, name: path.split('/').at(-1) ?? path, request },
      );
    },
    async gauge() {
      return page.evaluate(async () => (await window.harness.load('engine')).gauge());
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}
