/** How tests start Chromium: /usr/bin/chromium, or what the environment variable CHROMIUM names. */

import type { Page } from 'playwright-core';

/** For `chromium.launch`. It makes no request of its own. */
export const CHROMIUM = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Script of a page: ends when what was changed has been drawn. */
const DRAWN = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))';

/** What a page spends on itself, rather than on reading its markup. */
const PARTS = ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'] as const;

/** Shows an open page as if it had just been opened with this colour scheme and width: at its top, and drawn. */
export async function showAs(page: Page, colorScheme: 'light' | 'dark', width: number): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 800 });
  await page.evaluate(`scrollTo(0, 0); ${DRAWN}`);
}

/**
 * The processor time that the script, the styles and the layout of an open page take to open it again, in milliseconds: the least
 * of three times. It does not count the time in which other programs have the processor.
 */
export async function openingMs(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const times: number[] = [];
  for (let time = 0; time < 3; time++) {
    await page.reload();
    await page.evaluate(DRAWN);
    const { metrics } = await session.send('Performance.getMetrics');
    const seconds = PARTS.map((part) => metrics.find(({ name }) => name === part)?.value ?? Number.NaN);
    times.push(1000 * seconds.reduce((sum, value) => sum + value, 0));
  }
  return Math.min(...times);
}
