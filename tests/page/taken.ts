/** Browsers that lack an interface: Chromium with it taken away, in the page and in its workers. */
import type { Page } from 'playwright/test';

/**
 * Runs this code first of all in the page and in every worker of the build. Before the first navigation; the service
 * worker must be off, which would serve the workers past this.
 */
export async function runFirst(page: Page, code: string): Promise<void> {
  await page.addInitScript({ content: code });
  await page.route('**/assets/*.worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(() => {${code}})();${await response.text()}` });
  });
}
