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
import { CHROMIUM, openingMs, showAs } from '../../testing/chromium.ts';
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

const browser: Browser = await chromium.launch(CHROMIUM);
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
  t.equal(await focused(), 'must/fail');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  t.equal(await focused(), 'must/flaky');
  t.ok(await page.locator('[id="must/flaky"]').getByRole('link', LINK).isVisible());
  await page.keyboard.press('k');
  t.equal(await focused(), 'must/fail');
  await page.keyboard.press('/');
  t.equal(await focused(), 'text');
});

t.test(
  'a scenario shows its requirement, the bytes of both directions, and the command that replays it',
  async (t) => {
    const { page } = await open(t, everyVerdict('it was so'), { hash: '#must/fail' });
    const text = (await page.locator('[id="must/fail"]').innerText()).replaceAll('\u00a0', ' ');
    for (const part of [
      'expected\nit was so; or it was so',
      'because\nit was so',
      'On the wire',
      'The target said',
      '2 ms',
      'type    1 SUBMIT',
      'Received, 20 bytes',
      '000000  00 00 00 01 00 00 00 09 69 74 20 77 61 73 20 73  ........it was s',
      'conform it was so --only must/fail',
    ]) {
      t.ok(text.includes(part), part);
    }
  },
);

t.test('a cause shows its root, and links the scenarios that have it', async (t) => {
  const records = reportOf([
    scenarioRecord('a/one', 'fail', { cause: 'the cause' }),
    scenarioRecord('a/two', 'fail', { cause: 'the cause' }),
    scenarioRecord('a/three', 'fail', { cause: 'another' }),
  ]);
  const { page, complaints } = await open(t, records);
  const causes = page.locator('.causes > details');
  t.equal(await causes.count(), 2);
  t.match(await causes.first().locator('summary').first().innerText(), /^FAIL\s+the cause a\/one and 1 more/);
  await causes.first().getByRole('link', { name: 'a/two' }).click();
  await page.locator('[id="a/two"][open]').waitFor();
  t.strictSame(complaints, []);
});

/** A server with one fault: four failures with one cause, among scenarios that pass, are skipped or inconclusive. */
const ONE_FAULT = reportOf([
  ...Array.from({ length: 40 }, (_, index) => scenarioRecord(`frame/passes-${index}`, 'pass')),
  ...['one', 'two', 'three', 'four'].map((name) =>
    scenarioRecord(`submit/${name}`, 'fail', { cause: 'the target accepts what it must refuse (S2)' }),
  ),
  scenarioRecord('store/one', 'skipped', { text: 'the store is unknown' }),
  scenarioRecord('store/two', 'inconclusive', { text: 'the control has no answer' }),
]);

t.test('what a server with one fault does wrong is in view without a click', async (t) => {
  for (const width of [1280, 390]) {
    const { page, complaints } = await open(t, ONE_FAULT, { viewport: { width, height: 1000 } });
    const cause = page.locator('.causes > details').first();
    for (const part of ['the target accepts what it must refuse (S2)', 'submit/one', 'and 3 more'])
      t.ok(await cause.getByText(part).first().isVisible(), part);
    t.ok((await cause.locator('dl').boundingBox())?.y ?? 0 < 1000, 'what was expected and observed');
    t.ok(await cause.locator('mark').first().isVisible(), 'the bytes at fault');
    t.ok(await cause.getByText('The target said').isVisible());
    t.match(await cause.locator('blockquote').innerText(), /^S2 · /, 'the text of the clause');
    t.match(await cause.locator('.again').innerText(), /^Run again: conform .* Copy$/);
    t.equal((await shown(page))[0], 'submit/one', 'first in the list');
    const reasons = page.locator('main > details .why');
    t.strictSame(await reasons.filter({ hasText: 'the store is unknown' }).count(), 1);
    t.strictSame(await reasons.filter({ hasText: 'the control has no answer' }).count(), 1);
    t.match(await page.locator('.unjudged').innerText(), /skipped\s+the store is unknown 1/);
    t.strictSame(complaints, []);
  }
});

t.test('each scenario is a cell, and sections, clauses and verdicts filter', async (t) => {
  const { page, complaints } = await open(t, everyVerdict('it was so'));
  t.equal(await page.locator('.map .cells a').count(), 21);
  t.equal(await page.locator('.map .cells .v-FAIL').count(), 1);
  await page.locator('.map').getByRole('link', { name: 'should S2' }).click();
  t.equal((await shown(page)).length, 7);
  t.equal(await page.locator('.map .cells a:not(.out)').count(), 7, 'the others are dim');
  await page.locator('.legend').getByRole('link', { name: '1 FAIL' }).click();
  t.strictSame(await shown(page), ['must/fail']);
  await page.locator('.map .v-note').click();
  await page.locator('[id="may/fail"][open]').waitFor();
  await page.locator('.counts').getByRole('link', { name: '1', exact: true }).first().click();
  t.strictSame(await shown(page), ['must/pass']);
  t.strictSame(complaints, []);
});

t.test('the command that runs a scenario again is copied by a button and by a key', async (t) => {
  const { page, complaints } = await open(t, ONE_FAULT, {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const copied = () => page.evaluate<string>('navigator.clipboard.readText()');
  await page.locator('.causes .again button').first().click();
  await page.locator('.causes .again button', { hasText: 'Copied' }).waitFor();
  t.equal(await copied(), 'conform --target 127.0.0.1:1003 --only submit/one');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('c');
  await page.locator('[id="submit/two"] .again button', { hasText: 'Copied' }).waitFor({ state: 'attached' });
  t.equal(await copied(), 'conform --target 127.0.0.1:1003 --only submit/two');
  t.strictSame(complaints, []);
});

t.test('a scenario opens to the text of its clause; without scripts it links the text', async (t) => {
  const { page } = await open(t, ONE_FAULT, { hash: '#frame/passes-3' });
  await page.locator('[id="frame/passes-3"] blockquote', { hasText: 'S2 · ' }).waitFor();
  const { page: scriptless } = await open(t, ONE_FAULT, { javaScriptEnabled: false });
  const row = scriptless.locator('[id="frame/passes-3"]');
  await row.locator('summary').first().click();
  await row.getByRole('link', { name: 'Clause S2' }).click();
  t.match(scriptless.url(), /#clause-S2$/);
  t.ok(await scriptless.locator('[id="clause-S2"]').isVisible());
});

t.test('on paper: what did not pass, without controls', async (t) => {
  const { page } = await open(t, ONE_FAULT);
  await page.emulateMedia({ media: 'print' });
  t.equal((await shown(page)).length, 6);
  t.notOk(await page.locator('#filters').isVisible());
  t.equal(await page.locator('button:visible').count(), 0);
  t.ok(await page.locator('.map').isVisible());
});

/**
 * The words and numbers that are on more than one line, except those that are longer than a line of their element, and those in
 * lines that scroll.
 */
const BROKEN = `(() => {
  const broken = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest('pre, script, style, .unseen') || !parent.checkVisibility()) continue;
    for (const { 0: word, index } of node.data.matchAll(/[\\p{L}\\p{N}]+(?:[.,:_][\\p{L}\\p{N}]+)*/gu)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const lines = [...range.getClientRects()].filter(({ width }) => width > 0);
      if (new Set(lines.map(({ top }) => Math.round(top))).size < 2) continue;
      const length = lines.reduce((sum, { width }) => sum + width, 0);
      let box = parent;
      while (getComputedStyle(box).display.startsWith('inline')) box = box.parentElement;
      if (length <= box.clientWidth) broken.push(word + ' in ' + box.localName + '.' + box.className);
    }
  }
  return broken;
})()`;

t.test(
  'at 390 px nothing breaks inside a word or a number, and nothing stands out of the page',
  async (t) => {
    const text =
      'answered 1234567 bytes after 12.345 ms: status 200, "accepted" by python3 /srv/a-server.py {port} {dir}';
    const other = everyVerdict(text).map((record) =>
      record.record === 'plan'
        ? { ...record, target: { ...record.target, name: 'embedded reference server' } }
        : record,
    );
    const campaign = [...everyVerdict(text).slice(0, -1), campaignEnd('must/fail')];
    for (const records of [ONE_FAULT, everyVerdict(text), [...everyVerdict(text), ...other], campaign]) {
      const { page } = await open(t, records, { viewport: { width: 390, height: 800 }, hash: '#?differs=' });
      await page.evaluate('for (const row of document.querySelectorAll("details")) row.open = true');
      t.strictSame(await page.evaluate(BROKEN), []);
      const outside = await page.evaluate<string[]>(
        `[...document.body.querySelectorAll('*')].filter((element) => element.checkVisibility() &&
        !element.closest('pre, .wide, svg, .unseen, .word') && element.getBoundingClientRect().right > innerWidth + 1)
        .map(({ localName, className }) => localName + '.' + className)`,
      );
      t.strictSame(outside, []);
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
    }
  },
);

t.test('the test of breaks sees one', async (t) => {
  const { page } = await open(t, ONE_FAULT, { viewport: { width: 390, height: 800 } });
  await page.evaluate(
    'document.querySelector("h1").parentNode.style.cssText = "width: 8ch; word-break: break-all"',
  );
  t.not((await page.evaluate<string[]>(BROKEN)).length, 0);
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
    const { page, complaints } = await open(t, records);
    // A row that is out of view has no size of its own, so that what it holds would seem to lie over later rows.
    await page.evaluate(
      'for (const row of document.querySelectorAll("details")) { row.open = true; row.style.contentVisibility = "visible"; }',
    );
    await page.evaluate(axe.source);
    for (const [colorScheme, width] of [
      ['light', 1200],
      ['dark', 360],
    ] as const) {
      await showAs(page, colorScheme, width);
      const violations = await page.evaluate<string[]>(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))',
      );
      t.strictSame(violations, []);
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      t.ok(overflow <= 0, `${width} wide: nothing stands out of the page`);
    }
    t.strictSame(complaints, []);
  }
});

t.test('implementations are compared: their names, and only where they differ', async (t) => {
  const report = (name: string, verdict: 'pass' | 'fail') =>
    reportOf([scenarioRecord('a/one', 'pass'), scenarioRecord('a/two', verdict)], {
      target: { name, address: `${name}:1` },
    });
  const records = [...report('first', 'pass'), ...report('second', 'fail')];
  const { page, url } = await open(t, records);
  t.strictSame(await shown(page), ['a/two']);
  t.match(await page.locator('[id="a/two"] summary').innerText(), /^A:\s+pass\s+B:\s+FAIL\s+a\/two/);
  t.match(await page.locator('.columns').innerText(), /^A first\s+B second/);
  t.match(await page.locator('header').innerText(), /A conforms first.*B does not conform second/s);
  await page.getByLabel('only where they differ').uncheck();
  t.strictSame(await shown(page), ['a/two', 'a/one'], 'what differs is first');
  t.match(page.url(), /#\?differs=$/, 'the address has it');
  await page.goto(`${url}#a/one`);
  t.ok((await shown(page)).includes('a/one'), 'a link to what does not differ shows it');
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    const places = await page
      .locator('main > details:visible')
      .evaluateAll((rows) =>
        rows.map((row) =>
          [...row.querySelectorAll('summary > .v')].map((verdict) => verdict.getBoundingClientRect().x),
        ),
      );
    const columns = await page
      .locator('.columns > *')
      .evaluateAll((names) => names.map((name) => name.getBoundingClientRect().x));
    for (const place of places)
      t.ok(
        place.every((x, index) => Math.abs(x - (columns[index] ?? 0)) < 2),
        `${width}: in columns`,
      );
  }
});

/** A report with this number of scenarios, a third of them failed, each with a text of this length. */
function recordsOf(scenarios: number, characters: number): readonly ReportRecord[] {
  const text = `${HOSTILE} ${'long '.repeat(characters / 5)}`.slice(0, characters);
  const many = Array.from({ length: scenarios }, (_, index) =>
    scenarioRecord(`a/${index}`, index % 3 === 0 ? 'fail' : 'pass', { text }),
  );
  return [{ ...PLAN, planned: many.map(({ id }) => id) }, ...many, COMPLETE];
}

t.test('500 scenarios with long transcripts are under 5 MiB', (t) => {
  t.ok(Buffer.byteLength(renderAll(html(), recordsOf(500, 1500))) < 5 * 1024 * 1024);
  t.end();
});

t.test('the time to open a page grows with its scenarios, not with their square', async (t) => {
  const msFor = async (scenarios: number) => openingMs((await open(t, recordsOf(scenarios, 100))).page);
  const [few, many] = [await msFor(200), await msFor(1600)];
  // Eight times as long for eight times as many, and 64 times for the square.
  t.ok(many < 20 * few, `${(many / few).toFixed(1)} times as long for 8 times as many`);
});
