/**
 * Measures whether the findings of campaigns are true. For each planted bug of `buggy-server.c`, a campaign runs against the
 * server with that bug; then each finding is judged by means that the fuzzer does not share: its case alone is sent to a
 * freshly started server, whose exit and output are watched.
 *
 *     npm run fuzz:trust -- [--seconds N] [--seed N] [--busy N] [--bugs A,B] [--findings N] [--cases]
 *
 * `--busy` processes keep the machine busy meanwhile. ASAN_OPTIONS and UBSAN_OPTIONS go to the server as they are. Prints a
 * line for each finding, with `--cases` also its case and the last words of the process, and the totals. A bug is 'good' if it
 * has one finding, which is right and steady, and whose replay fails on the server with the bug and is fixed on one without.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { launch } from '../../conformance/observers/launch.ts';
import { observeProcess } from '../../conformance/observers/process.ts';
import { DeadlineEstimate } from '../../conformance/run/timing/deadlines.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { campaign } from '../campaign/campaign.ts';
import { writeCase } from '../case/case-json.ts';
import { Evaluator } from '../oracle/evaluator.ts';
import { calibrate } from '../target/calibration.ts';
import { healthOf, type Target } from '../target/target.ts';
import type { Finding } from '../triage/finding.ts';
import { findingFiles, readFinding } from '../triage/finding-files.ts';
import { replay } from '../triage/replay.ts';
import { type BuggyServer, buildBuggyServer } from './buggy-server.ts';

/** How long a case may take until the fault shows: a sanitizer that symbolizes its report on a busy machine is slow. */
const SHOWS_WITHIN_MS = 6000;
/** What may be in use when the process starts to leak is small next to what this number of cases leaves. */
const LEAKING_CASES = 900;
const REPORT = /Sanitizer|runtime error: |Assertion .* failed/;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    busy: { type: 'string', default: '0' },
    findings: { type: 'string', default: '3' },
    cases: { type: 'boolean', default: false },
    bugs: { type: 'string' },
  },
});

const built = await buildBuggyServer();
if (built === undefined) throw new Error('there is no gcc with sanitizers');
const busy = Array.from({ length: Number(values.busy) }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
try {
  await measure(built, values.bugs?.split(',') ?? built.bugs.map(({ name }) => name));
} finally {
  for (const child of busy) child.kill('SIGKILL');
  await built.remove();
}

async function measure(server: BuggyServer, bugs: readonly string[]): Promise<void> {
  const totals = {
    reached: 0,
    good: 0,
    findings: 0,
    right: 0,
    steady: 0,
    fixedOnBuggy: 0,
    notFixedOnMended: 0,
  };
  for (const bug of bugs) {
    const { findings, wallMs, cases, restarts } = await findingsOf(server.command(bug));
    print(
      `${bug}: ${findings.length} findings, ${(wallMs / 1000).toFixed(1)} s, ${cases} cases, ${restarts} restarts`,
    );
    let isGood = findings.length === 1;
    for (const finding of findings) {
      const isRight = await shows(server.command(bug), finding);
      const isSteady = finding.attempts > 1 && finding.failed === finding.attempts;
      const onBuggy = await replayed(server.command(bug), finding);
      const onMended = await replayed(server.command(), finding);
      isGood &&= isRight && isSteady && onBuggy === 'fails' && onMended === 'fixed';
      totals.findings += 1;
      totals.right += Number(isRight);
      totals.steady += Number(isSteady);
      totals.fixedOnBuggy += Number(onBuggy === 'fixed');
      totals.notFixedOnMended += Number(isSteady && onMended !== 'fixed');
      print(
        `  ${isRight ? 'right' : 'WRONG'} ${isSteady ? 'steady' : 'FLAKY'} ${finding.failed}/${finding.attempts}` +
          `${finding.isUnpinned ? ' UNPINNED' : ''}, replay ${onBuggy}, mended ${onMended}; ${finding.id}; ` +
          `${finding.cause ?? finding.detail.slice(0, 100)}`,
      );
      if (!values.cases) continue;
      for (const line of [
        JSON.stringify(writeCase(finding.value)).slice(0, 1000),
        ...(finding.said?.lines ?? []),
      ])
        print(`    ${line}`);
    }
    totals.reached += Number(findings.length > 0);
    totals.good += Number(isGood);
    if (!isGood && findings.length > 0) print(`  ${bug} is NOT GOOD`);
  }
  print(
    JSON.stringify({
      bugs: bugs.length,
      ...totals,
      asan: process.env['ASAN_OPTIONS'] ?? '',
      busy: values.busy,
    }),
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function started(
  command: string,
): Promise<{ readonly target: Target; readonly stop: () => Promise<unknown> }> {
  const launched = await launch(command);
  return { target: { process: observeProcess(launched.pid), ...launched }, stop: launched.stop };
}

async function findingsOf(
  command: string,
): Promise<{ findings: readonly Finding[]; wallMs: number; cases: number; restarts: number }> {
  const { target, stop } = await started(command);
  // A better finding of the same fault replaces the first.
  const findings = new Map<string, Finding>();
  let cases = 0;
  let restarts = 0;
  const began = performance.now();
  const options = {
    ...{ target, newTaskId, seed: Number(values.seed), timeMs: 1000 * Number(values.seconds) },
    maxFindings: Number(values.findings),
  };
  try {
    for await (const event of campaign(options))
      if (event.kind === 'finding') findings.set(event.finding.id, event.finding);
      else if (event.kind === 'end') {
        cases = event.progress.stats.cases;
        restarts = event.progress.restarts;
      }
  } catch (error) {
    print(`the campaign failed: ${error}`);
  } finally {
    await stop();
  }
  return { findings: [...findings.values()], wallMs: performance.now() - began, cases, restarts };
}

/** Whether the case alone makes a fresh server break the invariant. */
async function shows(command: string, { value, invariant }: Finding): Promise<boolean> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const child = spawn('/bin/sh', ['-c', command.replace('{port}', String(port))], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const address = { host: '127.0.0.1', port };
  const health = { deadlines: new DeadlineEstimate(5000).now, newTaskId };
  const behaviour = { closes: true, servesSeveral: false, usualMs: 5 };
  const evaluator = new Evaluator({ address, behaviour });
  try {
    for (let tries = 0; tries < 100 && (await healthOf(address, health)).kind !== 'answers'; tries += 1)
      await setTimeout(50);
    const waits = { reactionMs: 5000, quietMs: 500, afterAnswerMs: 500, closes: true };
    if (invariant === 'frees-resources')
      return await keeps(child.pid ?? 0, () => evaluator.run(value, waits));
    const { breaches } = await evaluator.run(value, waits);
    if (breaches.some((breach) => breach.invariant === invariant)) return true;
    const ended = await endedWithin(child, SHOWS_WITHIN_MS / 4);
    if (invariant === 'survives' && (REPORT.test(said) || ended)) return true;
    const state = await healthOf(address, health);
    if (invariant === 'serves-after') return state.kind !== 'answers' || state.status !== 200;
    return invariant === 'survives' && state.kind !== 'answers';
  } finally {
    evaluator.release();
    child.kill('SIGKILL');
  }
}

/** Whether the process keeps a descriptor or 100 bytes of each of many cases. */
async function keeps(pid: number, send: () => Promise<unknown>): Promise<boolean> {
  const look = async (): Promise<readonly [descriptors: number, bytes: number]> => {
    const [, kib] = /^RssAnon:\s*(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
    return [(await readdir(`/proc/${pid}/fd`)).length, 1024 * Number(kib)];
  };
  await send();
  const before = await look();
  for (let sent = 0; sent < LEAKING_CASES; sent += 1) await send();
  const after = await look();
  return after[0] - before[0] > LEAKING_CASES / 2 || after[1] - before[1] > 100 * LEAKING_CASES;
}

async function endedWithin(child: ChildProcess, ms: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  return Promise.race([once(child, 'exit').then(() => true), setTimeout(ms, false)]);
}

async function replayed(command: string, finding: Finding): Promise<string> {
  const { target, stop } = await started(command);
  try {
    const result = await calibrate({ target, newTaskId });
    if (result.kind !== 'calibrated') return result.kind;
    const json = findingFiles(finding).get(`${finding.id}.json`);
    const seen = await replay(readFinding(String(json)), result.target, result.calibration);
    return seen.because === undefined ? seen.verdict : `${seen.verdict} (${seen.because})`;
  } catch (error) {
    return String(error instanceof Error && error.name);
  } finally {
    await stop();
  }
}
