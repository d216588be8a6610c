/** `conform fuzz --ui` in a real browser. Not part of `npm test`: `npm run test:browser`. It starts the built command. */

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import axe from 'axe-core';
import { chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { CHROMIUM } from '../../conformance/testing/chromium.ts';
import { start } from '../testing/process.ts';

const browser = await chromium.launch(CHROMIUM);
t.teardown(() => browser.close());

/** A server that ends at a payload that is no JSON. */
const CRASHES = `
import { createServer } from 'node:net';
createServer((socket) => {
  let all = Buffer.alloc(0);
  socket.on('error', () => {}).on('data', (chunk) => {
    all = Buffer.concat([all, chunk]);
    if (all.length < 8 || all.length < 8 + all.readUInt32BE(4)) return;
    if (all.readUInt32BE(0) !== 1) return socket.end();
    try {
      const body = Buffer.from(JSON.stringify({ task_id: JSON.parse(all.subarray(8)).task_id, status: 200, message: 'ok' }));
      const head = Buffer.from([0, 0, 0, 1, 0, 0, 0, body.length]);
      socket.end(Buffer.concat([head, body]));
    } catch {
      console.error('Error: <b>no JSON</b>');
      process.exit(3);
    }
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
`;

interface Watched {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly url: string;
  readonly child: ReturnType<typeof start>;
}

/** Watches a campaign of the reference server, or of the one that the options name; `folder` is for its findings. It leaves a processor to the browser. */
async function watch(
  t: Test,
  folder: string,
  options: readonly string[],
  viewport: { width: number; height: number },
): Promise<Watched> {
  const findings = `${folder}/findings`;
  const child = start(
    ...['fuzz', ...options, '--seed', '3', '--jobs', '1', '--time', '1h', '--findings', findings, '--ui'],
  );
  t.teardown(async () => {
    child.kill('SIGINT');
    await child.ended;
  });
  let out = '';
  while (!/watch it at \S+\n/.test(out))
    out += String((await once(child.stdout as NodeJS.ReadableStream, 'data'))[0]);
  const [, url = ''] = /watch it at (\S+)/.exec(out) ?? [];
  const page = await (await browser.newContext({ viewport })).newPage();
  page.setDefaultTimeout(300_000);
  t.teardown(() => page.context().close());
  const complaints: string[] = [];
  page
    .on('pageerror', (error) => complaints.push(error.message))
    .on('console', (message) => complaints.push(message.text()))
    .on('request', (sent) => sent.method() !== 'GET' && complaints.push(`${sent.method()} ${sent.url()}`));
  await page.goto(url);
  return { page, complaints, url, child };
}

const WIDE = { width: 1280, height: 800 };

t.test('a campaign is watched until it ends, and its page stays', async (t) => {
  const { page, complaints, url, child } = await watch(t, t.testdir(), [], WIDE);
  await page.locator('.verdict', { hasText: /running.*\d+ cases/ }).waitFor();
  const first = await page.locator('.verdict').innerText();
  // What the viewer has opened stays open over the next states.
  await page.locator('main > details summary').last().click();
  const opened = await page.locator('main > details[open]').getAttribute('id');
  await page.locator('.course svg').nth(1).waitFor();
  t.match(await page.locator('.course').innerText(), /Cases a second.*Signatures/s);
  await page.locator('.verdict').filter({ hasNotText: first }).waitFor();
  t.ok(await page.locator(`[id="${opened}"][open]`).isVisible());
  child.kill('SIGINT');
  await page.getByText('The campaign has ended.').waitFor();
  t.match(await page.locator('.verdict').innerText(), /^no verdict/);
  t.equal((await child.ended).status, 130);
  await t.rejects(once(get(url), 'response'), { code: 'ECONNREFUSED' }, 'nothing serves it any more');
  t.strictSame(complaints, []);
  await page.evaluate(axe.source);
  t.strictSame(
    await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))',
    ),
    [],
  );
});

t.test('a finding is shown when it comes, with what the target said as text', async (t) => {
  const folder = t.testdir({ 'server.mjs': CRASHES });
  const exec = `node ${folder}/server.mjs {port}`;
  const { page, complaints } = await watch(t, folder, ['--exec', exec, '--until-finding'], WIDE);
  await page.locator('.causes', { hasText: 'survives' }).waitFor();
  t.match(await page.locator('.causes').innerText(), /Error: <b>no JSON<\/b>/);
  await page.getByText('The campaign has ended.').waitFor();
  t.match(await page.locator('.verdict').innerText(), /^does not conform/);
  t.strictSame(complaints, []);
});

t.test('at 390 px nothing stands out of the page, and another page cannot read it', async (t) => {
  const { page, url } = await watch(t, t.testdir(), [], { width: 390, height: 800 });
  await page.locator('.course svg').first().waitFor();
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
  const sent = get(`${url}events`, { headers: { host: 'evil.example' } });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  t.equal(response.resume().statusCode, 421);
});
