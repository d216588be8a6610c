/** Several parts in one run: one status, one report each, one file of known failures, one selection. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { JudgeOptions } from '../options/judge.ts';
import type { Part } from './part.ts';
import { judgeParts } from './parts.ts';
import { DEFAULTS, IDS, type Kind, part } from './testing/parts.ts';

async function judge(
  parts: readonly Part[],
  options: Partial<JudgeOptions> = {},
  cacheFolder?: string,
): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
  let out = '';
  let err = '';
  const context = {
    out: (data: string | Uint8Array) => {
      out += String(data);
    },
    err: (text: string) => {
      err += text;
    },
    isTerminal: false,
    cacheFolder,
    interrupted: new AbortController().signal,
  };
  const status = await judgeParts(parts, { ...DEFAULTS, ...options } as JudgeOptions, context);
  return { status, out, err };
}

t.test('the status is that of the worst part, and the end says which part it is', async (t) => {
  const good = await judge([part('server'), part('client'), part('library')]);
  t.equal(good.status, 0);
  t.match(good.out, /\nall: exit 0\n$/);
  const [id] = IDS.client;
  const { status, out } = await judge([part('server'), part('client', [id]), part('library')]);
  t.equal(status, 1);
  t.match(out, /^my-server: conforms: 2 of 2 scenarios passed$/m);
  t.match(out, /^client my-client: does not conform: 1 scenario at level MUST failed$/m);
  t.match(out, /^library my-library: conforms: 1 of 1 scenario passed\nall: exit 1\n$/m);
});

t.test('one part alone has no such end', async (t) => {
  const { out } = await judge([part('client')]);
  t.match(out, /conforms: 2 of 2 scenarios passed \(exit 0\)\n$/);
});

t.test('a part of which nothing is selected is not started', async (t) => {
  const opened: Kind[] = [];
  const parts = [part('server', [], opened), part('client', [], opened), part('library', [], opened)];
  await judge(parts, { only: ['client-*', 'library-*'] });
  t.strictSame(opened, ['client', 'library']);
  await t.rejects(judge(parts, { only: ['nothing/*'] }), /matches no scenario/);
  const { out } = await judge(parts, { section: ['frame', 'client-reading'], dryRun: true });
  t.equal(out, [...IDS.server, ...IDS.client, ''].join('\n'));
});

t.test('a shard without a scenario is refused', async (t) => {
  const parts = [part('library')];
  const run = (index: number) => judge(parts, { shard: `${index}/2` }).then(() => 'judged', String);
  const runs = await Promise.all([1, 2].map(run));
  t.match(
    runs.toSorted(),
    [/^UsageError: no scenario is left in shard/, 'judged'],
    'of two shards of one scenario',
  );
  const both = [part('client'), part('library')];
  const refused = await Promise.all(
    [1, 2].map((index) => judge(both, { shard: `${index}/2` }).then(() => '', String)),
  );
  t.match(
    refused.find((one) => one !== ''),
    /^UsageError: no scenario of (client|library) is left in shard [12]\/2; take fewer shards for [12] scenarios?/,
    'also if another part has some',
  );
});

function listIn(t: Test, text: string): string {
  return join(t.testdir({ 'known.txt': text }), 'known.txt');
}

t.test('one file lists the known failures of all parts', async (t) => {
  const [[server], [client]] = [IDS.server, IDS.client];
  const parts = [part('server', [server]), part('client', [client]), part('library')];
  const knownFailures = listIn(t, `${server}  # it is x\n${client}  # it is x\n`);
  t.equal((await judge(parts, { knownFailures })).status, 0);
  t.equal((await judge([part('client', [client])], { knownFailures })).status, 0, 'also for one part alone');
  const stale = await judge([part('server', [server]), part('client'), part('library')], { knownFailures });
  t.equal(stale.status, 5);
  t.match(stale.out, new RegExp(`stale line 2, ${client}: passes`));
});

t.test('an update writes the failures of all parts, and keeps what another run has', async (t) => {
  const [[server], [client, other]] = [IDS.server, IDS.client];
  const knownFailures = listIn(t, '# mine\nframe/coalesced  # it is x\nsubmit/status  # elsewhere\n');
  const parts = [part('server', [server]), part('client', [client, other]), part('library')];
  const { err } = await judge(parts, { knownFailures, updateKnownFailures: true });
  t.equal(err, `conform: 4 entries written to ${knownFailures}\n`);
  t.equal(
    await readFile(knownFailures, 'utf8'),
    `# mine\nsubmit/status  # elsewhere\n${server}  # it is x\n${client}  # it is x\n${other}  # it is x\n`,
  );
});

t.test('--last-failed judges what failed, of each part, and all if nothing did', async (t) => {
  const cache = t.testdir();
  const [[server], [client]] = [IDS.server, IDS.client];
  const good = [part('server'), part('client')];
  const planned = async (options: Partial<JudgeOptions> = {}) => {
    const { out, err } = await judge(good, { lastFailed: true, dryRun: true, ...options }, cache);
    return { ids: out.trim().split('\n'), err };
  };
  const all = [...IDS.server, ...IDS.client];
  const unknown = await planned();
  t.strictSame(unknown.ids, all);
  t.match(
    unknown.err,
    /^(conform: --last-failed: no earlier run .*, so all selected scenarios are judged\n){2}$/,
  );

  await judge([part('server', [server]), part('client', [client])], {}, cache);
  t.match(await planned(), {
    ids: [server, client],
    err: 'conform: --last-failed: 2 scenarios failed or could not be judged\n',
  });
  t.match(await planned({ only: ['frame/*'] }), { ids: [server] });
  await judge(good, { only: ['client-*'] }, cache);
  t.match(await planned(), { ids: [server] }, 'a run of another section forgets nothing');
  const mended = await judge(good, { lastFailed: true, reporter: ['jsonl'] }, cache);
  t.match(mended, { status: 0 });
  t.match(
    mended.err,
    new RegExp(`: ${all.length - 1} selected scenarios were not judged`),
    'a green run of a part',
  );
  t.match(JSON.parse(mended.out.split('\n')[0] ?? ''), { planned: [server], filters: { only: [server] } });
  const nothing = await planned();
  t.strictSame(nothing.ids, all);
  t.match(nothing.err, /^conform: --last-failed: nothing that is selected failed .*\n$/);
  const knownFailures = listIn(t, '');
  await t.rejects(
    judge(good, { lastFailed: true, knownFailures, updateKnownFailures: true }, cache),
    /filters/,
  );
});

t.test('a cache folder that cannot be used changes no status', async (t) => {
  const cache = join(t.testdir({ file: '' }), 'file');
  t.match(await judge([part('server')], {}, cache), { status: 0, err: '' });
  const { status, err } = await judge([part('server')], { lastFailed: true }, cache);
  t.equal(status, 0);
  t.match(err, /^conform: --last-failed: .* all selected scenarios are judged\nconform: cannot write .*\n$/);
});

t.test(
  '--since lists what became worse and better since a report, and does not change the status',
  async (t) => {
    const dir = t.testdir({ 'empty.jsonl': '' });
    const before = join(dir, 'before.jsonl');
    const [one, two] = IDS.server;
    await judge([part('server', [one])], { reporter: [`jsonl=${before}`] });
    const { out, status } = await judge([part('server', [two])], { since: before });
    t.equal(status, 1);
    t.match(out, new RegExp(`\nworse +${two}\n`));
    t.match(out, new RegExp(`\nbetter +${one}\n`));
    t.match(out, /\nsince .*before\.jsonl: 2 changes: 1 worse, 1 better, 0 other\n$/);
    const some = await judge([part('server', [one])], { since: before, only: [one] });
    t.match(
      some.out,
      /: 0 changes; 1 that counted against the target before still do\n$/,
      'nothing is removed',
    );
    t.match(await judge([part('server')], { since: before }), {
      status: 0,
      out: /1 change: 0 worse, 1 better/,
    });
    t.match((await judge([part('client')], { since: before })).out, /it has no report of such a target\n$/);
    await t.rejects(judge([part('server')], { since: join(dir, 'empty.jsonl') }), { name: 'ReportError' });
    await t.rejects(judge([part('server')], { since: join(dir, 'none') }), { name: 'UsageError' });
  },
);
