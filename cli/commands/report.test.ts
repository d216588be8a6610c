import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ReportRecord } from '../../conformance/index.ts';
import { listen } from '../../conformance/testing/loopback.ts';
import { reportOf, scenarioRecord } from '../../conformance/testing/records.ts';
import { serve } from '../../fuzz/testing/servers.ts';
import { conformHere, conformWith } from '../testing/process.ts';

const FORMATS = [
  'tap',
  'json',
  'jsonl',
  'junit',
  'markdown',
  'github',
  'issue',
  'sarif',
  'html',
  'badge',
  'badge-svg',
  'overview',
  'matrix',
];
const FEW = ['--only', 'frame/truncated-*', '--seed', '5'];
const ONE = ['--only', 'frame/truncated-header-4', '--seed', '5'];

/** A target whose every answer is a 200 of this task id. */
async function answering(t: Test, taskId: string): Promise<string> {
  const payload = Buffer.from(JSON.stringify({ task_id: taskId, status: 200, message: 'ok' }));
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, payload.length]);
  const server = await listen((socket) =>
    socket.once('data', () => socket.end(Buffer.concat([header, payload]))),
  );
  t.teardown(server.close);
  return `127.0.0.1:${server.address.port}`;
}

/** A target that conforms. */
async function legal(t: Test): Promise<string> {
  const { address, close } = await serve();
  t.teardown(close);
  return `${address.host}:${address.port}`;
}

t.test('one run writes every format, and each can be rendered from the records afterwards', async (t) => {
  const dir = t.testdir();
  const file = (format: string) => join(dir, 'new/folder', format);
  const reporters = FORMATS.flatMap((format) => ['--reporter', `${format}=${file(format)}`]);
  const { status, out } = await conformHere(...FEW, ...reporters);
  t.equal(status, 0);
  t.match(out, /^conforms: /m, 'standard output has the report for people');
  await Promise.all(
    FORMATS.map(async (format) => {
      const again = await conformHere('report', file('jsonl'), '--format', format);
      t.match(again, { status: 0, err: '' }, format);
      t.equal(again.out, readFileSync(file(format), 'utf8'), format);
    }),
  );
  const page = join(dir, 'another/folder/page.html');
  t.match(await conformHere('report', file('jsonl'), '--format', 'html', '--output', page), { status: 0 });
  t.equal(readFileSync(page, 'utf8'), readFileSync(file('html'), 'utf8'), 'the folder is created');
});

t.test('with a report for a program on standard output, notes go to standard error', async (t) => {
  const { status, out, err } = await conformHere(...ONE, '--reporter', 'jsonl');
  t.equal(status, 0);
  const records = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).record);
  t.strictSame([records[0], records.at(-1)], ['plan', 'end']);
  t.match(err, /embedded reference server/);

  const dir = t.testdir({ run: out.slice(0, -40) });
  t.match(
    await conformHere('report', join(dir, 'run')),
    { status: 130, out: /no verdict: interrupted/ },
    'a run that was cut off has a report without an end, which counts as interrupted',
  );
});

t.test('a report file that cannot be opened ends the command before the run', async (t) => {
  const dir = t.testdir({ file: '' });
  for (const [path, code] of [
    ['file/report.xml', /\((?:ENOTDIR|EEXIST): a part of its path is a file\)/],
    ['.', /\(EISDIR: it is a folder, and must be a file\)/],
  ] as const) {
    const bad = join(dir, path);
    t.match(await conformHere(...FEW, '--reporter', `junit=${bad}`), { status: 2, out: '', err: code });
    t.match(await conformHere('report', dir, '--output', bad), { status: 2, out: '', err: code });
  }
});

t.test('a report file that becomes full is one line, and the other reports are complete', async (t) => {
  if (!existsSync('/dev/full')) return t.pass('this system has no such file');
  const good = join(t.testdir(), 'good.xml');
  const full = ['--reporter', 'jsonl=/dev/full', '--reporter', `junit=${good}`];
  const run = await conformHere('--target', await legal(t), ...ONE, ...full);
  t.match(run, {
    status: 4,
    out: /^conforms: /m,
    err: /^conform: cannot write \/dev\/full \(ENOSPC: no space is left on the disk\)\nconform: a report is incomplete or missing \(exit 4 .*\)\n$/,
  });
  t.match(readFileSync(good, 'utf8'), /<\/testsuites>\n$/);
  return undefined;
});

/** Reports in which nothing is judged. */
const EMPTY: Readonly<Record<string, readonly ReportRecord[]>> = {
  'no scenario': reportOf([]),
  'only skipped scenarios': reportOf([scenarioRecord('a/b', 'skipped'), scenarioRecord('a/c', 'skipped')]),
  'only a control': reportOf([scenarioRecord('a/b', 'pass', { onlyAsControl: true })]),
  'no record of what is planned': reportOf([], { planned: ['a/b'] }),
};

for (const [name, records] of Object.entries(EMPTY)) {
  t.test(`a report with ${name} is no success`, async (t) => {
    const file = join(t.testdir(), 'report.jsonl');
    writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    t.match(await conformHere('report', file), { status: 4, out: /^no verdict: /m });
    t.match(await conformHere('report', file, file, '--format', 'markdown'), { status: 4 });
    t.match(await conformHere('diff', file, file), {
      status: 4,
      err: /^conform: .*report.jsonl judges no scenario, so that nothing could be compared\n$/,
    });
  });
}

t.test('formats of several targets show the status that the command ends with', async (t) => {
  const dir = t.testdir();
  const file = (name: string, records: readonly ReportRecord[]): string => {
    const path = join(dir, name);
    writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    return path;
  };
  const [plan] = reportOf([]);
  const gone = file('gone', [
    ...(plan ? [plan] : []),
    { record: 'end', durationMs: 1, because: 'unreachable', code: 'ECONNREFUSED' },
  ]);
  const good = file('good', reportOf([scenarioRecord('a/b', 'pass')]));
  const bad = file('bad', reportOf([scenarioRecord('a/b', 'fail')]));
  for (const [files, status] of [
    [[gone], 3],
    [[gone, good], 4],
    [[gone, bad], 1],
    [[good, good], 0],
  ] as const) {
    for (const format of ['overview', 'matrix', 'pretty']) {
      const run = await conformHere('report', ...files, '--format', format);
      t.equal(run.status, status, format);
      t.match(run.out, new RegExp(`exit ${status}\\b`), format);
    }
  }
});

t.test('changes are counted, and --fail-on worse takes a better verdict as no failure', async (t) => {
  const dir = t.testdir();
  const file = (name: string, one: 'pass' | 'fail', other: 'pass' | 'fail'): string => {
    const path = join(dir, name);
    const records = reportOf([scenarioRecord('a/b', one), scenarioRecord('a/c', other)]);
    writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    return path;
  };
  const none = file('none', 'fail', 'fail');
  const half = file('half', 'pass', 'fail');
  const turned = file('turned', 'fail', 'pass');
  const counted = /\n2 changes: 1 worse, 1 better, 0 other\n$/;
  t.match(await conformHere('diff', none, half), { status: 1 });
  t.match(await conformHere('diff', none, half, '--fail-on', 'worse'), { status: 0, out: /1 better/ });
  t.match(await conformHere('diff', half, none, '--fail-on', 'worse'), { status: 1, out: /1 worse/ });
  t.match(await conformHere('diff', half, turned, '--fail-on', 'worse'), { status: 1, out: counted });
});

t.test('--fail-on worse takes no report that is not complete for a success', async (t) => {
  const dir = t.testdir();
  const file = (name: string, records: readonly ReportRecord[]): string => {
    const path = join(dir, name);
    writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    return path;
  };
  const pass = [scenarioRecord('a/b', 'pass'), scenarioRecord('a/c', 'pass')];
  const before = file('before', reportOf(pass));
  const worse = (after: string) => conformHere('diff', before, after, '--fail-on', 'worse');
  t.match(await worse(before), { status: 0 });
  const cut = reportOf(pass.slice(0, 1), { planned: ['a/b', 'a/c'] });
  t.match(await worse(file('cut', cut)), {
    status: 4,
    err: /cut is not complete, so that more may be worse: /,
  });
  const interrupted = reportOf(pass).filter(({ record }) => record !== 'end');
  t.match(await worse(file('interrupted', interrupted)), { status: 4, err: /interrupted after 2/ });
  for (const lost of ['inconclusive', 'error'] as const) {
    const now = file(lost, reportOf([...pass.slice(0, 1), scenarioRecord('a/c', lost)]));
    t.match(await worse(now), { status: 1, out: /1 worse/ });
  }
});

t.test('a report on standard input has its exit status, and no report has none', async (t) => {
  const records = reportOf([scenarioRecord('a/b', 'fail')]);
  const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  t.match(await conformWith(bytes, 'report', '-', '--format', 'tap'), {
    status: 1,
    out: /^not ok 1 - a\/b/m,
  });
  t.match(await conformWith(new Uint8Array(), 'report', '-'), { status: 2, err: /standard input is empty/ });
});

t.test('shards merged are the whole run, verdict for verdict', async (t) => {
  const dir = t.testdir();
  const few = ['--only', 'frame/truncated-*', '--only', 'frame/type-*', '--seed', '5'];
  const select = ['--target', await legal(t), ...few];
  const shards = [1, 2, 3, 4, 5].map((index) => join(dir, `${index}.jsonl`));
  await Promise.all(
    shards.map(async (file, index) => {
      const run = await conformHere(...select, '--shard', `${index + 1}/5`, '--reporter', `jsonl=${file}`);
      t.equal(run.status, 0);
    }),
  );
  const whole = join(dir, 'whole.jsonl');
  t.equal((await conformHere(...select, '--reporter', `jsonl=${whole}`)).status, 0);
  const merged = join(dir, 'merged.jsonl');
  const merge = await conformHere('report', '--merge', ...shards, '--format', 'jsonl', '--output', merged);
  t.match(merge, { status: 0, err: '' });
  const verdicts = (file: string) =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ record, onlyAsControl }) => record === 'scenario' && !onlyAsControl)
      .map(({ id, verdict }) => `${id} ${verdict}`)
      .sort();
  t.ok(verdicts(whole).length >= 26, `no scenario is lost: ${verdicts(whole).length}`);
  t.strictSame(verdicts(merged), verdicts(whole));
  t.match(await conformHere('diff', whole, merged), { status: 0, out: '0 changes\n' });

  const campaign = join(dir, 'campaign.jsonl');
  const [plan = ''] = readFileSync(whole, 'utf8').split('\n');
  writeFileSync(campaign, `${JSON.stringify({ ...JSON.parse(plan), planned: ['fuzz/survives'] })}\n`);
  const refused: [string[], RegExp][] = [
    [shards.slice(1), /these shards of 5 are missing: 1\n$/],
    [[campaign], /the report of a campaign; conform fuzz --merge joins the state files/],
    [[...shards, shards[2] ?? ''], /shard 3 of 5 is given twice/],
    [[whole], /not a shard\n$/],
  ];
  for (const [files, message] of refused) {
    t.match(await conformHere('report', '--merge', ...files), { status: 2, out: '', err: message });
  }
});

t.test('known failures: each case has its exit status', async (t) => {
  const target = await answering(t, 'not the id of the request');
  const dir = t.testdir();
  const run = async (list: string, ...more: string[]) => {
    const file = join(dir, 'known.txt');
    writeFileSync(file, list);
    const select = ['--only', 'submit/task-id-echoed', '--only', 'frame/legal', '--retries', '0'];
    return conformHere('--target', target, ...select, '--known-failures', file, ...more);
  };
  const echoed = 'submit/task-id-echoed # the answer\'s task_id is "not the id of the request"';
  t.match(await run(''), { status: 1 });
  t.match(await run(echoed), { status: 0, out: /^conforms but for known failures: .*1 known to fail/m });
  t.match(await run(`${echoed}\nframe/legal # never`), {
    status: 5,
    out: /stale line 2, frame\/legal: passes/,
  });
  t.match(await run(`${echoed} (until 2020-01-01)`), {
    status: 5,
    out: /stale line 1, .*: expired: 2020-01-01/,
  });
  t.match(await run('submit/task-id-echoed # no answer'), {
    status: 5,
    out: /stale line 1, .*: fails otherwise: /,
  });
  t.match(await run(`${echoed}\nnix/nix # x`), {
    status: 5,
    out: /stale line 2, nix\/nix: matches no scenario/,
  });
  t.match(await run('submit/* max 1 # *'), { status: 0 });
  t.match(await run('submit/* # *'), { status: 2, out: '', err: /line 1: .*limit/ });
  t.match(await run(echoed, '--update-known-failures'), { status: 2, out: '', err: /without filters/ });
});

t.test('a glob that covers more than its limit is stale', async (t) => {
  const target = await answering(t, 'x');
  const dir = t.testdir({ known: 'submit/malformed-* max 1 # *' });
  const select = ['--only', 'submit/malformed-*', '--only', 'frame/legal', '--retries', '0'];
  const run = await conformHere('--target', target, ...select, '--known-failures', join(dir, 'known'));
  t.match(run, { status: 5, out: /stale line 1, submit\/malformed-\*: covers too many: submit/ });
});

t.test('targets side by side, and what changes between two', async (t) => {
  const [a, b] = [await answering(t, 'x'), await answering(t, 'y')];
  const dir = t.testdir();
  const file = (name: string) => join(dir, name);
  const select = ['--only', 'submit/task-id-echoed', '--retries', '0'];
  const both = await conformHere(
    '--target',
    `a=${a}`,
    '--target',
    `b=${b}`,
    ...select,
    '--reporter',
    `markdown=${file('m')}`,
  );
  t.equal(both.status, 1);
  t.match(readFileSync(file('m'), 'utf8'), /<code>a<\/code> \| <code>b<\/code>/);
  for (const [name, target] of [
    ['a', a],
    ['b', b],
  ]) {
    t.equal(
      (await conformHere('--target', `one=${target}`, ...select, '--reporter', `jsonl=${file(name ?? '')}`))
        .status,
      1,
    );
  }
  t.match(await conformHere('diff', file('a'), file('a')), { status: 0, out: '0 changes\n' });
  t.match(await conformHere('diff', file('a'), file('b')), {
    status: 1,
    out: /^behaviour submit\/task-id-echoed\n {2}- FAIL; .*"x".*\n {2}\+ FAIL; .*"y".*\n1 change: 0 worse, 0 better, 1 other\n$/,
  });
  t.match(await conformHere('report', file('a'), file('b'), '--format', 'html'), {
    status: 1,
    out: /<!doctype html>/i,
  });
});

t.test('a wrong command line, or a file that is no report, is one line and exit 2', async (t) => {
  const dir = t.testdir({ empty: '', text: 'hello\n', json: '{"record":"plan","format":2}\n', known: '' });
  const file = (name: string) => join(dir, name);
  const cases: [string[], RegExp][] = [
    [['--reporter', 'nix'], /"nix" is not one of pretty, tap/],
    [['--reporter', 'tap', '--reporter', 'jsonl'], /tap and jsonl cannot both/],
    [['--reporter', `tap=${file('x')}`, '--reporter', `junit=${file('x')}`], /two reporters write/],
    [['--reporter', 'tap', '--target', 'a:1', '--target', 'b:1'], /tap is for one target/],
    [['--target', 'a=a:1', '--target', 'a=b:1'], /two targets have the name a$/m],
    [['--target', 'a:1', '--target', 'b:1', '--pid', '1'], /--pid needs one --target/],
    [['--shard', '0/5'], /--shard 0\/5: /],
    [['--shard', '6/5'], /--shard 6\/5: /],
    [['--update-known-failures'], /needs --known-failures/],
    [['--known-failures', file('nix')], /no such file/],
    [['report', file('nix')], /no such file/],
    [['report', file('empty')], /is empty/],
    [['report', file('text')], /line 1 is not JSON/],
    [['report', file('json')], /is not the plan of a report/],
    [['report', file('text'), '--format', 'nix'], /not one of pretty, tap/],
    [['diff', file('text'), file('text')], /not JSON/],
  ];
  await Promise.all(
    cases.map(async ([args, message]) => {
      const { status, out, err } = await conformHere(...args);
      t.equal(status, 2, args.join(' '));
      t.equal(out, '');
      t.match(err, message);
      t.match(err, /^conform: .+\n$/);
    }),
  );
});
