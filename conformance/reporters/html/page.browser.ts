/**
 * The HTML report in a real browser. Not part of `npm test`, since it needs Chromium: `npm run test:browser`, with
 * CHROMIUM to say where it is.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { ReportRecord } from '../../report/record.ts';
import {
  COMPLETE,
  campaignEnd,
  everyVerdict,
  HOSTILE,
  PLAN,
  reportOf,
  scenarioRecord,
} from '../../testing/records.ts';
import { renderAll } from '../common/renderer.ts';
import { html } from './page.ts';

const browser: Browser = await chromium.launch({
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
});
t.teardown(() => browser.close());

interface Opened {
  readonly page: Page;
  /** Errors of the page and its console, dialogs, and requests for anything but the page. */
  readonly complaints: readonly string[];
  readonly url: string;
}

async function open(
  t: Test,
  records: readonly ReportRecord[],
  { hash = '', ...context }: { hash?: string } & Parameters<Browser['newContext']>[0] = {},
): Promise<Opened> {
  const file = join(t.testdir(), 'report.html');
  writeFileSync(file, renderAll(html(), records));
  const page = await (await browser.newContext(context)).newPage();
  t.teardown(() => page.context().close());
  const complaints: string[] = [];
  const url = pathToFileURL(file).href;
  page
    .on('pageerror', (error) => complaints.push(error.message))
    .on('console', (message) => complaints.push(message.text()))
    .on('request', (request) => request.url().split('#')[0] !== url && complaints.push(request.url()))
    .on('dialog', (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
  await page.goto(url + hash);
  return { page, complaints, url };
}

/** The link of a scenario to itself. */
const LINK = { name: 'Link to this scenario' };

const shown = (page: Page): Promise<string[]> =>
  page.locator('main > details:visible').evaluateAll((rows) => rows.map((row) => row.id));

t.test('filters by verdict, level, section and text, and says how many are left', async (t) => {
  const { page, complaints } = await open(t, everyVerdict('it was so'));
  const all = await shown(page);
  t.equal(all.length, 21);
  await page.locator('select[name=verdict]').selectOption('FAIL');
  t.strictSame(await shown(page), ['must/fail']);
  await page.locator('select[name=verdict]').selectOption('warning');
  t.strictSame(await shown(page), ['should/fail']);
  await page.locator('select[name=verdict]').selectOption('note');
  t.strictSame(await shown(page), ['may/fail']);
  await page.locator('select[name=level]').selectOption('MAY');
  t.strictSame(await shown(page), ['may/fail']);
  t.equal(await page.locator('#count').textContent(), '1 of 21 shown');
  await page.keyboard.press('Escape');
  t.strictSame(await shown(page), all);
  await page.locator('select[name=section]').selectOption('should');
  t.equal((await shown(page)).length, 7);
  await page.keyboard.press('Escape');
  await page.getByLabel('text').fill('MAY/FLAKY');
  t.strictSame(await shown(page), ['may/flaky']);
  t.strictSame(complaints, []);
});

t.test('an address leads to a scenario, and another to a filter', async (t) => {
  const { page, url } = await open(t, everyVerdict('it was so'), { hash: '#may/flaky' });
  const row = page.locator('[id="may/flaky"]');
  await row.locator('summary:focus').waitFor();
  t.ok(await row.evaluate((details) => details.hasAttribute('open')));
  await page.goto(`${url}#?verdict=skipped`);
  t.strictSame(await shown(page), ['must/skipped', 'should/skipped', 'may/skipped']);
  await page.locator('select[name=level]').selectOption('MAY');
  t.match(page.url(), /#\?verdict=skipped&level=MAY$/);
  await page.locator('[id="may/skipped"] summary').click();
  await page.locator('[id="may/skipped"]').getByRole('link', LINK).click();
  t.match(page.url(), /#may%2Fskipped$/);
});

t.test('everything is done by keyboard', async (t) => {
  const { page } = await open(t, everyVerdict('it was so'));
  const focused = () =>
    page.evaluate<string>('document.activeElement.closest("details")?.id ?? document.activeElement.name');
  await page.keyboard.press('j');
  t.equal(await focused(), 'must/pass');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  t.equal(await focused(), 'must/fail');
  t.ok(await page.locator('[id="must/fail"]').getByRole('link', LINK).isVisible());
  await page.keyboard.press('k');
  t.equal(await focused(), 'must/pass');
  await page.keyboard.press('/');
  t.equal(await focused(), 'text');
});

t.test(
  'a scenario shows its requirement, the bytes of both directions, and the command that replays it',
  async (t) => {
    const { page } = await open(t, everyVerdict('it was so'), { hash: '#must/fail' });
    const text = (await page.locator('[id="must/fail"]').innerText()).replaceAll('\u00a0', ' ');
    for (const part of [
      'expected: it was so; or it was so',
      'because:  it was so',
      'On the wire, 2.0 ms',
      'type    1 SUBMIT',
      'Received, 20 bytes',
      '000000  00 00 00 01 00 00 00 09 69 74 20 77 61 73 20 73  ........it was s',
      'conform it was so --only must/fail',
    ]) {
      t.ok(text.includes(part), part);
    }
  },
);

t.test('a cause opens to show its root, and links the scenarios that have it', async (t) => {
  const records = reportOf([
    scenarioRecord('a/one', 'fail', { cause: 'the cause' }),
    scenarioRecord('a/two', 'fail', { cause: 'the cause' }),
    scenarioRecord('a/three', 'fail', { cause: 'another' }),
  ]);
  const { page, complaints } = await open(t, records);
  const causes = page.locator('.causes details');
  t.equal(await causes.count(), 2);
  t.match(await causes.first().locator('summary').innerText(), /^FAIL a\/one the cause and 1 more/);
  await causes.first().getByRole('link', { name: 'a/two' }).click();
  await page.locator('[id="a/two"][open]').waitFor();
  t.strictSame(complaints, []);
});

t.test('a hostile target does nothing to the page', async (t) => {
  const { page, complaints } = await open(t, everyVerdict(HOSTILE));
  await page.evaluate('for (const row of document.querySelectorAll("details")) row.open = true');
  t.match(await page.title(), /^Conformance of <script>/, 'it is shown');
  t.equal(await page.locator('script').count(), 1);
  t.equal(await page.locator('img').count(), 0);
  t.equal(await page.locator('main > details').count(), 21, 'nothing closed an element of ours');
  const text = await page.locator('main').innerText();
  t.match(text, /<script>document\.title="owned"<\/script>/);
  t.notMatch(text, /[^\n\t\P{C}]/u, 'no control or format character');
  t.strictSame(complaints, []);
});

t.test('a campaign has its course, with a link to each finding', async (t) => {
  const records = everyVerdict('it was so');
  const { page } = await open(t, [...records.slice(0, -1), campaignEnd('must/fail')]);
  t.equal(await page.locator('.course svg').count(), 3, 'cases a second, signatures, edges');
  await page.locator('.course a').first().focus();
  await page.keyboard.press('Enter');
  t.equal(await page.evaluate('location.hash'), '#must%2Ffail');
});

t.test('axe finds no violation: light and dark, wide and narrow, one report and several', async (t) => {
  const one = everyVerdict('it was so');
  const other = reportOf([scenarioRecord('must/fail', 'pass')], {
    target: { name: 'another', address: 'b:1' },
  });
  const campaign = [...one.slice(0, -1), campaignEnd('must/fail')];
  for (const records of [one, [...one, ...other], everyVerdict(HOSTILE), campaign]) {
    for (const look of [
      { colorScheme: 'light', viewport: { width: 1200, height: 800 } },
      { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
    ] as const) {
      const { page, complaints } = await open(t, records, look);
      await page.evaluate('for (const row of document.querySelectorAll("details")) row.open = true');
      await page.evaluate(axe.source);
      const violations = await page.evaluate<string[]>(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))',
      );
      t.strictSame(violations, []);
      t.strictSame(complaints, []);
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      t.ok(overflow <= 0, `${look.viewport.width} wide: nothing stands out of the page`);
    }
  }
});

t.test('implementations are compared, with a filter for differences', async (t) => {
  const report = (name: string, verdict: 'pass' | 'fail') =>
    reportOf([scenarioRecord('a/one', 'pass'), scenarioRecord('a/two', verdict)], {
      target: { name, address: `${name}:1` },
    });
  const { page } = await open(t, [...report('first', 'pass'), ...report('second', 'fail')]);
  t.match(await page.locator('[id="a/two"] summary').innerText(), /^pass FAIL a\/two/);
  await page.getByLabel('only differences').check();
  t.strictSame(await shown(page), ['a/two']);
});

t.test('500 scenarios with long transcripts are under 5 MiB and open in under a second', async (t) => {
  const text = `${HOSTILE} ${'long '.repeat(400)}`;
  const many = Array.from({ length: 500 }, (_, index) =>
    scenarioRecord(`a/${index}`, index % 3 === 0 ? 'fail' : 'pass', { text: text.slice(0, 1500) }),
  );
  const records = [{ ...PLAN, planned: many.map(({ id }) => id) }, ...many, COMPLETE];
  const { page } = await open(t, records);
  t.ok(Buffer.byteLength(renderAll(html(), records)) < 5 * 1024 * 1024);
  const loadMs = await page.evaluate<number>('performance.getEntriesByType("navigation")[0].loadEventEnd');
  t.comment(`loaded in ${Math.round(loadMs)} ms`);
  // The figure itself depends on the machine; a page whose work grows with the square of the scenarios takes a minute.
  t.ok(loadMs > 0 && loadMs < 10_000);
});
