/** The matrix of many targets in a real browser, as conformance/reporters/html/page.browser.ts. */

import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { ReportRecord } from '../../report/record.ts';
import { CHROMIUM, openingMs, showAs } from '../../testing/chromium.ts';
import { alikeTargets, type Cell, runOf, unlikeTargets } from '../../testing/many-targets.ts';
import { COMPLETE, HOSTILE, PLAN, scenarioRecord } from '../../testing/records.ts';
import { matrixHtml } from './matrix-page.ts';
import { OutcomeTable } from './outcome-table.ts';

const browser: Browser = await chromium.launch(CHROMIUM);
t.teardown(() => browser.close());

function write(
  t: Test,
  runs: Iterable<readonly ReportRecord[]>,
): { readonly url: string; readonly bytes: number } {
  const table = new OutcomeTable();
  for (const records of runs) table.add(records);
  const file = join(t.testdir(), 'matrix.html');
  writeFileSync(file, matrixHtml(table));
  return { url: pathToFileURL(file).href, bytes: statSync(file).size };
}

async function open(
  t: Test,
  url: string,
  context: Parameters<Browser['newContext']>[0] = {},
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const page = await (await browser.newContext(context)).newPage();
  t.teardown(() => page.context().close());
  const complaints: string[] = [];
  page
    .on('pageerror', (error) => complaints.push(error.message))
    .on('console', (message) => complaints.push(message.text()))
    .on('request', (request) => request.url().split('#')[0] !== url && complaints.push(request.url()));
  await page.goto(url);
  return { page, complaints };
}

const shown = (page: Page): Promise<string[]> =>
  page.locator('main > details:visible').evaluateAll((rows) => rows.map((row) => row.id));

const OK: Cell = ['pass', 'type 1, status 200'];
const OTHER: Cell = ['pass', 'type 1, status 200; stays open'];
const NO: Cell = ['fail', 'no answer; closes'];
const FEW = [
  runOf('alpha', [OK, OK, OK, OK]),
  runOf('beta', [OK, OTHER, NO, OK]),
  runOf('gamma', [OK, OK, OK, OK]),
];

t.test('shows where verdicts differ first, then where behaviour does, then all', async (t) => {
  const { page, complaints } = await open(t, write(t, FEW).url);
  t.strictSame(await shown(page), ['submit/scenario-2']);
  t.match(await page.locator('#count').textContent(), '1 of 3 shown');
  const select = page.locator('select[name=differs]');
  await select.selectOption('behaviour');
  t.strictSame(await shown(page), ['submit/scenario-2', 'json/scenario-1']);
  await select.selectOption('');
  t.strictSame(await shown(page), ['submit/scenario-2', 'frame/scenario-0', 'json/scenario-1']);
  await page.locator('select[name=section]').selectOption('store');
  t.strictSame(
    await shown(page),
    ['frame/scenario-0'],
    'a row of several scenarios is in the section of each',
  );
  await page.keyboard.press('Escape');
  t.strictSame(await shown(page), ['submit/scenario-2'], 'as at the beginning');
  t.strictSame(complaints, []);
});

t.test('a row opens by keyboard, and says which targets did what', async (t) => {
  const { page } = await open(t, write(t, FEW).url);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const row = page.locator('main > details[open]');
  await row.locator('.outcomes').waitFor();
  const text = await row.innerText();
  t.match(text, /1 FAIL, 2 pass/);
  t.match(text, /FAIL no answer; closes\s+1 target, group 1: beta/);
  t.match(text, /pass type 1, status 200\s+2 targets, group 2: alpha, gamma/);
  await page.keyboard.press('/');
  t.equal(await page.evaluate('document.activeElement.name'), 'text');
});

t.test('what targets send runs no script and loads nothing', async (t) => {
  const records: readonly ReportRecord[] = [
    { ...PLAN, target: { name: HOSTILE, address: HOSTILE }, replay: HOSTILE, planned: [HOSTILE] },
    { ...scenarioRecord(HOSTILE, 'fail', { text: HOSTILE, cause: HOSTILE }), behaviour: HOSTILE },
    COMPLETE,
  ];
  const { page, complaints } = await open(t, write(t, [...FEW, records]).url);
  await page.locator('select[name=differs]').selectOption('');
  for (const summary of await page.locator('summary').all()) await summary.click();
  t.match(await page.title(), 'Conformance of 4 targets');
  t.strictSame(complaints, []);
});

t.test('has no violation that axe finds, light and dark, wide and narrow', async (t) => {
  const { page } = await open(t, write(t, alikeTargets(30, 60)).url, { bypassCSP: true });
  for (const summary of await page.locator('summary:visible').all()) await summary.click();
  await page.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 390]) {
      await showAs(page, colorScheme, width);
      const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
      t.strictSame(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        [],
        `${colorScheme} at ${width}`,
      );
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      t.ok(overflow <= 0, `nothing is wider than ${width}`);
    }
});

for (const [name, runs] of [
  ['of ten behaviours', alikeTargets],
  ['of which no two behave alike', unlikeTargets],
] as const)
  t.test(`500 targets ${name}, with 690 scenarios: few bytes, and open as 50 do`, async (t) => {
    const { url, bytes } = write(t, runs(500, 690));
    t.ok(bytes <= 10 * 1024 * 1024, `${bytes} bytes`);
    const { page, complaints } = await open(t, url);
    const many = await openingMs(page);
    const few = await openingMs((await open(t, write(t, runs(50, 690)).url)).page);
    t.ok(many < 4 * few, `${(many / few).toFixed(1)} times as long for 10 times as many`);
    t.ok(await page.locator('main > details:visible').first().isVisible());
    await page.locator('main > details:visible').first().scrollIntoViewIfNeeded();
    await page.locator('.strip path').first().waitFor({ state: 'attached' });
    const drawn = await page.locator('.strip:has(path)').count();
    t.ok(drawn > 0 && drawn < 100, `${drawn} rows are drawn, those in view`);
    t.strictSame(complaints, []);
  });
