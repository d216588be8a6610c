/** Several parts in one run: one status, one report each, one file of known failures, one selection. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type JudgedEvent, JudgedRecorder, type Requirement } from '../../conformance/index.ts';
import type { JudgeOptions } from '../options/judge.ts';
import { judgeParts, type Part } from './parts.ts';

/** Ids that exist, so that a file of known failures can name them. */
const IDS = {
  server: ['frame/legal', 'frame/coalesced'],
  client: ['client-reading/accepted', 'client-reading/rejected'],
  library: ['library-extensions/md-upper-case'],
} as const;

type Kind = keyof typeof IDS;

function scenario(id: string): Requirement {
  return { id, clause: 'T1', level: 'MUST', requirement: 'A sentence.' };
}

/** A part whose named scenarios fail; `opened` has the parts that were opened. */
function part(kind: Kind, failing: readonly string[] = [], opened: Kind[] = []): Part {
  const catalogue = IDS[kind].map(scenario);
  return {
    catalogue,
    open: async () => {
      opened.push(kind);
      return {
        provenance: { name: `my-${kind}`, replay: '', ...(kind !== 'server' && { command: kind }) },
        judge: async function* ({ provenance, isSelected }) {
          const recorder = new JudgedRecorder({ ...provenance, name: `my-${kind}` });
          const selected = catalogue.filter(isSelected);
          const events: JudgedEvent[] = [
            { kind: 'plan', about: [], planned: selected.map(({ id }) => id), controls: [] },
            ...selected.map((one) => resultOf(one, failing.includes(one.id))),
            { kind: 'end', because: 'complete' },
          ];
          for (const event of events) yield* recorder.take(event);
        },
        close: async () => {},
      };
    },
  };
}

function resultOf(one: Requirement, fails: boolean): JudgedEvent {
  const facts = { scenario: one, onlyAsControl: false, observed: 'x', behaviour: 'x', durationMs: 1 };
  const failure = { expected: ['y'], mismatches: ['it is x'], cause: 'x', failedPlays: 1 };
  return {
    kind: 'result',
    judged: {
      ...{ ...facts, attempts: 1 },
      verdict: fails ? { verdict: 'fail', ...failure } : { verdict: 'pass', accepted: 'x' },
    },
  };
}

const DEFAULTS: Partial<JudgeOptions> = {
  ...{ dryRun: false, trace: false, all: false, updateKnownFailures: false, strict: false },
  ...{ retries: 0, bail: false },
};

async function judge(
  parts: readonly Part[],
  options: Partial<JudgeOptions> = {},
): Promise<{ readonly status: number; readonly out: string }> {
  let out = '';
  const context = {
    out: (data: string | Uint8Array) => {
      out += String(data);
    },
    err: () => {},
    isTerminal: false,
    interrupted: new AbortController().signal,
  };
  const status = await judgeParts(parts, { ...DEFAULTS, ...options } as JudgeOptions, context);
  return { status, out };
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
  await judge(parts, { knownFailures, updateKnownFailures: true });
  t.equal(
    await readFile(knownFailures, 'utf8'),
    `# mine\nsubmit/status  # elsewhere\n${server}  # it is x\n${client}  # it is x\n${other}  # it is x\n`,
  );
});
