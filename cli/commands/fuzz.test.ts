import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t, { type Test } from 'tap';
import { builtFile } from '../../conformance/testing/built-file.ts';
import { type Fault, frameOf, serve } from '../../fuzz/testing/servers.ts';
import { conform, conformHere, start } from '../testing/process.ts';

const run = promisify(execFile);

/** Starts a server with a fault. Returns its address. */
async function faulty(t: Test, fault: Fault): Promise<string> {
  const { address, close } = await serve(fault);
  t.teardown(close);
  return `${address.host}:${address.port}`;
}

const answersUpdates: Fault = ({ type }, socket) => {
  if (type !== 3) return undefined;
  socket.end(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
  return 'handled';
};

t.test('the embedded reference: no finding, and the same digest with any number of jobs', async (t) => {
  const plan = ['fuzz', '--runs', '50', '--seed', '5'];
  // The built-in corpus would be sent twice, whatever the number of runs.
  const update = () => ({ 'update.bin': Buffer.from('0000000300000000', 'hex') });
  const dir = t.testdir({ one: update(), many: update() });
  const [one, many] = [
    await conform(...plan, '--jobs', '1', '--corpus', join(dir, 'one')),
    await conformHere(...plan, '--jobs', '40', '--corpus', join(dir, 'many')),
  ];
  for (const ended of [one, many]) {
    t.equal(ended?.status, 0, ended?.err);
    t.match(ended?.out, /^fuzzing embedded reference server on 127\.0\.0\.1:\d+, seed 5\n/);
    t.match(ended?.out, /\d+ cases, \d+\/s, corpus \d+, \d+ signatures, 0 findings/);
  }
  const digest = /base lane: 35 cases, digest ([0-9a-f]{16})/;
  t.equal(digest.exec(one?.out ?? '')?.[1], digest.exec(many?.out ?? '')?.[1]);
  t.match(one?.out, digest);
});

t.test('a finding is saved, reported, replayed, and reproduced without the kit', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const findings = join(dir, 'findings');
  const target = await faulty(t, answersUpdates);
  const plan = ['fuzz', '--target', target, '--seed', '1', '--runs', '2000', '--until-finding'];
  const reporters = ['--reporter', 'jsonl', '--reporter', `sarif=${join(dir, 'sarif')}`];
  const { status, out, err } = await conformHere(...plan, '--findings', findings, ...reporters);
  t.equal(status, 1);
  t.match(
    err,
    /FINDING answers-submits-only-[0-9a-f]{8} \(clause U1, 3\/3\)/,
    'the text for people is on standard error',
  );
  t.match(err, /again: +conform replay /);
  await checkRecords(t, out, target);
  const [sarif] = JSON.parse(await readFile(join(dir, 'sarif'), 'utf8')).runs;
  t.match(sarif.results, [{ level: 'error', ruleId: 'fuzz/answers-submits-only' }]);
  t.match(sarif.tool.driver.rules, [{ id: 'fuzz/answers-submits-only' }]);

  const names = (await readdir(findings)).toSorted();
  t.match(names, [/\.bin$/, /\.json$/, /\.mjs$/, /\.py$/, /\.sh$/]);
  const [bin = '', json = '', mjs = '', py = '', sh = ''] = names.map((name) => join(findings, name));
  t.strictSame(await readFile(bin), Buffer.from('0000000300000000', 'hex'), 'the smallest status update');

  const [host = '', port = ''] = target.split(':');
  const reproduce = (program: string, script: string) =>
    run(program, [script, host, port, '60']).catch((error: unknown) => error);
  const [again, fixed, ...scripts] = await Promise.all([
    conformHere('replay', json, '--target', target),
    conformHere('replay', findings, '--target', await faulty(t, () => undefined)),
    reproduce('bash', sh),
    reproduce(process.execPath, mjs),
    reproduce('python3', py),
  ]);
  t.match(again, { status: 1, out: /fails answers-submits-only-.*\(3\/3\)/ });
  t.match(fixed, { status: 0, out: /fixed answers-submits-only-.*\n0 of 1 still fail\n$/ });
  for (const script of scripts)
    t.match(script, { code: 1, stdout: /\nthe fault is there: 1 answers to 0 SUBMIT/ });
});

async function checkRecords(t: Test, jsonl: string, target: string): Promise<void> {
  const records = jsonl
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ajv = new Ajv2020({ allowUnionTypes: true });
  const schema = JSON.parse(await readFile('fixtures/schema/report.schema.json', 'utf8'));
  for (const record of records) t.ok(ajv.validate(schema, record), ajv.errorsText());
  const [plan, finding, ...rest] = records;
  t.match(plan, { record: 'plan', seed: 1, target: { address: target } });
  t.match(finding, {
    id: /^fuzz\/answers-submits-only-/,
    verdict: 'fail',
    again: /^conform replay .*--target/,
    transcript: [{ kind: 'connected' }, { kind: 'sent', hex: '0000000300000000' }, { kind: 'received' }, {}],
  });
  t.ok(rest.some(({ id, verdict }) => id === 'fuzz/survives' && verdict === 'pass'));
  t.ok(rest.some(({ id, verdict }) => id === 'fuzz/agrees' && verdict === 'skipped'));
}

t.test('a killed campaign continues from its state file, and workers send the same cases', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const state = join(dir, 'state.json');
  const plan = ['fuzz', '--target', await faulty(t, () => undefined), '--seed', '7', '--runs', '300'];
  const few = (name: string): string[] => ['--corpus', join(dir, name)];
  for (const name of ['killed', 'resumed', 'whole']) {
    await mkdir(join(dir, name));
    await writeFile(join(dir, name, 'update.bin'), Buffer.from('0000000300000000', 'hex'));
  }
  const killed = start(...plan, ...few('killed'), '--resume', state);
  while (!(await readFile(state, 'utf8').catch(() => ''))) {
    const seen = await Promise.race([once(killed.stdout ?? killed, 'data'), killed.ended]);
    if (!Array.isArray(seen)) throw new Error(`it ended without a state: ${JSON.stringify(seen)}`);
  }
  killed.kill('SIGKILL');
  await killed.ended;
  const [resumed, whole] = await Promise.all([
    conformHere(...plan, ...few('resumed'), '--resume', state),
    conform(...plan, ...few('whole'), '--workers', '2'),
  ]);
  t.equal(resumed.status, 0);
  t.equal(whole.status, 0);
  const lane = /base lane: 210 cases, digest [0-9a-f]{16}/;
  t.match(resumed.out, lane);
  t.equal(lane.exec(resumed.out)?.[0], lane.exec(whole.out)?.[0]);
});

t.test('a campaign that is killed right after its finding has saved it', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const target = await faulty(t, answersUpdates);
  const killed = start('fuzz', '--target', target, '--seed', '1', '--findings', dir);
  await new Promise<void>((resolve) => {
    let out = '';
    killed.stdout?.on('data', (text) => {
      out += text;
      if (out.includes('\nFINDING ')) resolve();
    });
  });
  killed.kill('SIGKILL');
  await killed.ended;
  const names = await readdir(dir);
  t.match(names.toSorted(), [/\.bin$/, /\.json$/, /\.mjs$/, /\.py$/, /\.sh$/]);
  const [json = ''] = names.filter((name) => name.endsWith('.json'));
  t.match(await conformHere('replay', join(dir, json), '--target', target), { status: 1 });
});

t.test('a disk without room ends a campaign before it begins', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const cli = builtFile('cli.js');
  const line =
    /^conform: --findings \S+ cannot be written \(EFBIG: over the limit of the size of a file\)\n$/;
  const limited = `ulimit -f 60; exec '${process.execPath}' '${cli}' fuzz --runs 1 --findings '${dir}'`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  await t.rejects(run('bash', ['-c', limited], { env }), { code: 2, stderr: line });
  t.strictSame(await readdir(dir), []);
});

t.test('two implementations that differ in one way have one difference', async (t) => {
  const folds: Fault = ({ type, text }, socket) => {
    if (type !== 1 || !/"TASK_ID":"[\w-]+"/.test(text) || !isJson(text)) return undefined;
    socket.end(
      frameOf(`{"task_id":"${/"TASK_ID":"([\w-]+)"/.exec(text)?.[1]}","status":200,"message":"ok"}`),
    );
    return 'handled';
  };
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  await mkdir(join(dir, 'corpus'));
  const [one, other] = [await faulty(t, () => undefined), await faulty(t, folds)];
  const only = [
    '--only-mutations',
    'name/case',
    'value/text',
    '--weights',
    'name/case=20',
    '--findings',
    dir,
    '--corpus',
    join(dir, 'corpus'),
  ];
  const unreachable = await conformHere('fuzz', '--target', one, '--against', '127.0.0.1:1', '--runs', '1');
  t.match(unreachable, {
    status: 3,
    err: 'conform: no connection to the implementation that --against names (ECONNREFUSED)\n',
  });
  const plan = ['fuzz', '--target', one, '--against', other, '--seed', '1', '--runs', '80', ...only];
  const { status, out } = await conformHere(...plan);
  t.equal(status, 0, 'a difference is no failure');
  t.equal(out.match(/^DIFFERENCE /gm)?.length, 1);
  t.match(out, /features: +a field's name in other letter case/);
  const [alone, both] = await Promise.all([
    conformHere('replay', dir, '--target', one),
    conformHere('replay', dir, '--target', one, '--against', other),
  ]);
  t.match(alone, { status: 4, out: /skipped agrees-/ });
  t.match(both, { status: 1, out: /fails agrees-/ });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

t.test('a finding becomes a scenario, and a corpus is read and extended', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const findings = join(dir, 'findings');
  const corpus = join(dir, 'corpus');
  await mkdir(corpus);
  // On a busy machine, the answer to one of them may come after the kit has stopped to wait for what is not due.
  for (let length = 0; length < 20; length += 1)
    await writeFile(
      join(corpus, `update-${length}.bin`),
      Buffer.concat([Buffer.from([0, 0, 0, 3, 0, 0, 0, length]), Buffer.alloc(length, ' ')]),
    );
  const target = await faulty(t, answersUpdates);
  const plan = ['fuzz', '--target', target, '--seed', '1', '--runs', '40', '--jobs', '1', '--corpus', corpus];
  t.equal((await conformHere(...plan, '--findings', findings)).status, 1, 'an input of the corpus shows it');
  t.ok(
    (await readdir(corpus)).some((name) => name.endsWith('.json')),
    'cases with new behaviour are added',
  );
  const [json = ''] = (await readdir(findings)).filter((name) => name.endsWith('.json'));
  const { status, out } = await conformHere('fuzz', '--promote', join(findings, json));
  t.equal(status, 0);
  t.match(out, /clause: 'F7',[\s\S]*send\(\{ raw: Buffer\.from\('0000000300000000', 'hex'\) \}\)/);
});

t.test('a saved finding is minimised again', async (t) => {
  const dir = t.testdir({});
  const payload = JSON.stringify({ task_id: 'abcdefgh', status: 'NEW', justification: 'a long text' });
  const connections = [[{ do: 'frame', type: 3, declared: 'exact', payload }]];
  const file = join(dir, 'large.json');
  const symptom = 'answers-submits-only U1: 200, closed';
  const finding = { id: 'answers-submits-only-0', invariant: 'answers-submits-only', symptom };
  await writeFile(file, JSON.stringify({ ...finding, case: { arrangement: 'at-once', connections } }));
  const minimise = async (target: string, name: string) =>
    conformHere('fuzz', '--target', target, '--minimise-only', name, '--findings', dir);
  const target = await faulty(t, answersUpdates);
  t.match(await minimise(target, file), {
    status: 1,
    out: /^minimising answers-submits-only-0, (\d+) bytes, on .*\n\1 → 8 bytes \(3\/3\): .*large\.json is replaced\n$/,
  });
  t.strictSame(
    (await readdir(dir)).sort(),
    ['bin', 'json', 'mjs', 'py', 'sh'].map((ending) => `large.${ending}`),
  );
  t.match(JSON.parse(await readFile(file, 'utf8')), { id: 'answers-submits-only-0', bytes: 8 });
  t.strictSame(await readFile(join(dir, 'large.bin')), Buffer.from('0000000300000000', 'hex'));
  t.match(await minimise(target, file), {
    status: 1,
    out: /\n8 bytes, the least \(3\/3\): .*large\.json stays as it is\n$/,
  });
  const good = await faulty(t, () => undefined);
  t.match(await minimise(good, 'large'), {
    status: 4,
    err: /was not shown; nothing was changed/,
  });
  t.match(await minimise(good, 'nix'), { status: 2, err: /nix\.json: no such file/ });
});

t.test('wrong options and files are reported in one line', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  await writeFile(join(dir, 'x.json'), '{"id":"x"}');
  const cases: [string[], number, RegExp][] = [
    [['fuzz', '--time', 'soon'], 2, /^conform: --time "soon" is not a duration, [^\n]*\n/],
    [['fuzz', '--promote', join(dir, 'x.json')], 2, /not a finding/],
    [['fuzz', '--pid', '1'], 2, /--pid needs --target/],
    [['fuzz', '--runs', '1', '--findings', join(dir, 'x.json')], 2, /--findings .* written \(ENOTDIR/],
    [
      ['fuzz', '--runs', '1', '--corpus', join(dir, 'x.json/c')],
      2,
      /x\.json\/c is not a folder that can be read \(ENOTDIR\)/,
    ],
    [['fuzz', '--runs', '1', '--resume', dir], 2, /--resume .* written \(EISDIR: /],
    [['fuzz', '--runs', '1', '--resume', join(dir, 'no/state')], 2, /--resume .* written \(ENOENT: /],
    [['replay', join(dir, 'nothing')], 2, /does not exist/],
    [['replay', join(dir, 'x.json')], 2, /not a finding/],
    [['fuzz', '--target', '127.0.0.1:1', '--runs', '1'], 3, /ECONNREFUSED/],
  ];
  await Promise.all(
    cases.map(async ([args, status, err]) =>
      t.match(await conformHere(...args), { status, err }, args.join(' ')),
    ),
  );
});

t.test('a crash of a target that does not start again is saved, and the status is 3', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const script = fileURLToPath(new URL('../testing/scripted-server.mjs', import.meta.url));
  const marker = join(dir, 'marker');
  // The second start ends at once.
  const exec = `test ! -e '${marker}' && exec '${process.execPath}' '${script}' {port} dies-100 1 '${marker}'`;
  const findings = join(dir, 'findings');
  const { status, err } = await conformHere('fuzz', '--exec', exec, '--findings', findings, '--seed', '1');
  t.equal(status, 3);
  t.match(err, /could not be started again: the command ended/);
  t.ok((await readdir(findings)).some((name) => /^survives-.*\.json$/.test(name)));
});
