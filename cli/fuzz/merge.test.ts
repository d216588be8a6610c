import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { newStats } from '../../fuzz/campaign/stats.ts';
import {
  type CampaignState,
  type Case,
  type Finding,
  readFinding,
  writeCase,
  writeState,
} from '../../fuzz/index.ts';
import { conformHere } from '../testing/process.ts';

const caseOf = (payload: string): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type: 3, declared: { kind: 'exact' }, payload: Buffer.from(payload) }]],
});

const finding = (value: Case): Finding => ({
  ...{ id: 'answers-submits-only-0a1b2c3d', invariant: 'answers-submits-only', clause: 'U1' },
  ...{
    detail: 'one answer too many',
    symptom: 'answers-submits-only U1: 200',
    value,
    failed: 3,
    attempts: 3,
  },
  ...{ isMinimal: true, distinguishing: [], origin: { lane: 'given' }, mutations: [], originalBytes: 99 },
  ...{ transcript: ['sent 8 bytes'], wire: [], target: {} },
});

/** Writes the states of the shards. Returns their paths. */
async function saved(t: Test, states: readonly Partial<CampaignState>[]): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  t.teardown(() => rm(dir, { recursive: true }));
  return Promise.all(
    states.map(async (more, at) => {
      const file = join(dir, `${at}.json`);
      const shard = { index: at + 1, of: states.length };
      const target = { name: 'my server', address: '127.0.0.1:1003', replay: '--target 127.0.0.1:1003' };
      const text = writeState({
        ...{ seed: 7, elapsedMs: 1000, restarts: 0, ended: 'runs' },
        plan: { runs: 80, feedback: 0.3, weights: {}, shard },
        about: { kit: '0.1.0', startedAt: '2026-01-01T00:00:00Z', target, jobs: 4, observes: ['store'] },
        scheduler: { nextBase: 0, nextNonce: 0, pending: [] },
        stats: { ...newStats(), cases: 40, baseCases: 28, digest: `${at + 1}` },
        ...{ corpus: [[`signature ${at}`, caseOf('{}')]], findings: [], occurrences: {} },
        ...more,
      });
      await writeFile(file, text);
      return file;
    }),
  );
}

t.test('the shards of a campaign become one report, one folder of findings and one corpus', async (t) => {
  const found = (payload: string) => ({
    findings: [finding(caseOf(payload))],
    occurrences: { 'answers-submits-only-0a1b2c3d': 2 },
  });
  const files = await saved(t, [found('{"a":1}'), {}, found('{}')]);
  const dir = t.testdir({ corpus: {} });
  const [findings, corpus, jsonl] = [join(dir, 'findings'), join(dir, 'corpus'), join(dir, 'all.jsonl')];
  const options = ['--findings', findings, '--corpus', corpus, '--reporter', `jsonl=${jsonl}`];
  const { status, out, err } = await conformHere('fuzz', '--merge', ...files, ...options);
  t.equal(status, 1);
  t.equal(err, '');
  t.match(out, /^merged 3 shards of a campaign on my server, seed 7\n/);
  t.equal(out.match(/^FINDING /gm)?.length, 1);
  t.match(
    out,
    /answers-submits-only-0a1b2c3d \(U1\), 4 occurrences\nbase lane: 84 cases, digest 0{15}6\n120 cases/,
  );
  const name = 'answers-submits-only-0a1b2c3d.json';
  const { value } = readFinding(await readFile(join(findings, name), 'utf8'));
  t.strictSame(writeCase(value), writeCase(caseOf('{}')), 'the smaller case stays');
  t.equal((await readdir(corpus)).length, 3);
  const records = (await readFile(jsonl, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(records[0], { record: 'plan', target: { name: 'my server' }, seed: 7, jobs: 4 });
  const verdictOf = (id: string) => records.find((record) => record.id === id)?.verdict;
  t.equal(verdictOf('fuzz/answers-submits-only-0a1b2c3d'), 'fail');
  t.equal(verdictOf('fuzz/keeps-to-store'), 'pass');
  t.equal(verdictOf('fuzz/idles'), 'skipped', 'no shard observed the process');
});

t.test('a shard that has not ended is named, and one that is missing is refused', async (t) => {
  const files = await saved(t, [{}, { ended: 'interrupted' }, {}]);
  const findings = join(t.testdir({}), 'findings');
  t.match(await conformHere('fuzz', '--merge', ...files, '--findings', findings), {
    status: 130,
    err: 'conform: these shards have not ended, and count as far as they came: 2\n',
  });
  t.match(await conformHere('fuzz', '--merge', ...files.slice(1), '--findings', findings), {
    status: 2,
    err: /^conform: --merge these shards of 3 are missing: 1\n/,
  });
  t.match(await conformHere('fuzz', '--merge', ...files, ...files.slice(2), '--findings', findings), {
    status: 2,
    err: /^conform: --merge .*2\.json: shard 3 of 3 is given twice\n/,
  });
});

t.test('the state of one shard does not continue another', async (t) => {
  const [file = ''] = await saved(t, [{}, {}]);
  const plan = ['fuzz', '--runs', '80', '--resume', file];
  t.match(await conformHere(...plan, '--shard', '2/2'), {
    status: 2,
    err: /is the state of shard 1 of 2, and this is shard 2 of 2\n/,
  });
  t.match(await conformHere(...plan), { status: 2, err: /of shard 1 of 2, and this is a whole campaign\n/ });
});
