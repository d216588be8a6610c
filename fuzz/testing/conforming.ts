/**
 * Measures whether campaigns accuse conforming servers. Campaigns run at the same time, each against a conforming variant in a
 * process of its own, so that they are also under load. Any finding is a false one.
 *
 *     npm run fuzz:conforming -- [--seconds N] [--seed N] [--busy N] [--variants A,B]
 *
 * Default: one minute. `--busy` processes keep the machine busy meanwhile. Prints a line for each variant, with its findings below,
 * and ends with status 1 if there are any.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveApart } from '../../conformance/mutants/check/process.ts';
import { observeProcess } from '../../conformance/observers/process.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { campaign } from '../campaign/campaign.ts';
import type { CampaignEvent } from '../campaign/types.ts';
import { INVARIANTS, isDifference } from '../oracle/invariants.ts';
import type { Finding } from '../triage/finding.ts';

/** One that answers after 200 ms, and four that use freedoms of the wire, of the answer and of the store. */
const DEFAULT_VARIANTS = [
  'latency-200',
  'keeps-open',
  'answers-in-segments',
  'rejects-malformed-aloud',
  'tasks-in-memory',
];

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    busy: { type: 'string', default: '0' },
    variants: { type: 'string', default: DEFAULT_VARIANTS.join(',') },
  },
});

type End = Extract<CampaignEvent, { readonly kind: 'end' }>;

const busy = Array.from({ length: Number(values.busy) }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
try {
  const names = values.variants.split(',');
  const accused = await Promise.all(names.map(accusationsOf));
  if (accused.some((findings) => findings > 0)) process.exitCode = 1;
} finally {
  for (const child of busy) child.kill('SIGKILL');
}

/** The number of false findings of a campaign against the variant. Prints them. */
async function accusationsOf(name: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'conform-conforming-'));
  const { address, pid, close } = await serveApart(name, { folder });
  const findings: Finding[] = [];
  let end: End | undefined;
  try {
    const target = { address, ...(pid !== undefined && { process: observeProcess(() => pid) }) };
    const seed = Number(values.seed);
    for await (const event of campaign({ target, newTaskId, seed, timeMs: 1000 * Number(values.seconds) })) {
      if (event.kind === 'finding') findings.push(event.finding);
      if (event.kind === 'end') end = event;
    }
  } finally {
    await close();
    await rm(folder, { recursive: true, force: true });
  }
  const accusations = findings.filter(({ invariant }) => !isDifference(invariant));
  const lines = accusations.map(
    ({ id, invariant, detail }) => `  ${id}: ${INVARIANTS[invariant].requirement} ${detail}`,
  );
  const cases = end?.progress.stats.cases ?? 0;
  process.stdout.write(
    [`${name}: ${accusations.length} findings, ${cases} cases, ended by ${end?.because}`, ...lines, ''].join(
      '\n',
    ),
  );
  return accusations.length;
}
