import t from 'tap';
import { NO_COLORS } from '../../conformance/index.ts';
import { newStats } from '../../fuzz/campaign/stats.ts';
import type { Finding, Progress } from '../../fuzz/index.ts';
import { endLines, findingLines, outcomeLine } from './lines.ts';

const finding: Finding = {
  ...{
    id: 'survives-00000001',
    invariant: 'survives',
    clause: 'T3',
    detail: 'died',
    symptom: 's',
    failed: 3,
  },
  ...{ attempts: 3, isMinimal: true, distinguishing: ['a value \\u0000'], origin: { lane: 'given' } },
  value: { arrangement: 'at-once', connections: [[{ do: 'bytes', bytes: Buffer.from('abc') }]] },
  ...{ mutations: [], originalBytes: 90, transcript: ['sent 3 bytes'], wire: [], target: {} },
  cause: 'AddressSanitizer FPE in parse',
  where: [{ connection: 1, from: 0, to: 3, what: '3 bytes that are no frame: abc' }],
  said: { ended: 'exit status 1', lines: Array.from({ length: 100 }, (_, index) => `line ${index}`) },
};

t.test(
  'a finding says its cause, where it is in the input, how steady it is, and all that the target said',
  async (t) => {
    const lines = findingLines(finding, NO_COLORS, 'conform replay x');
    for (const line of [
      'FINDING survives-00000001 (clause T3, 3/3)',
      '  cause:     AddressSanitizer FPE in parse',
      '  input:     3 bytes, from 90',
      '  where:     bytes 0–2: 3 bytes that are no frame: abc',
      '  ended:     exit status 1',
      '  said:      line 0',
      '             line 99',
      '  again:     conform replay x',
    ])
      t.ok(lines.includes(line), line);
  },
);

t.test('a death of which no case is known says so', async (t) => {
  const { cause: _, where: __, said: ___, ...rest } = finding;
  const lines = findingLines({ ...rest, isUnpinned: true }, NO_COLORS, '').join('\n');
  t.match(lines, /input: {5}the connection that was in flight$/m);
  t.notMatch(lines, /cause:|where:|said:|ended:|again:/);
});

t.test('each outcome of an investigation is one line', async (t) => {
  const { id } = finding;
  t.equal(outcomeLine({ outcome: 'confirmed', finding }), `confirmed as ${id}`);
  const flaky = { ...finding, failed: 2 };
  t.equal(outcomeLine({ outcome: 'confirmed', finding: flaky }), `confirmed as ${id}, flaky 2/3`);
  t.equal(outcomeLine({ outcome: 'known', id }), `confirmed as ${id}, which is known`);
  t.match(outcomeLine({ outcome: 'unconfirmed' }), /^not confirmed: the case did not show it again$/);
  t.match(
    outcomeLine({ outcome: 'unconfirmed', finding }),
    /^not confirmed: .*; recorded as survives-0{7}1$/,
  );
  t.match(outcomeLine({ outcome: 'ended' }), /^not confirmed: .*ended early$/);
});

t.test('numbers have the plural of their nouns', async (t) => {
  const once = new Map([['signature', finding.value]]);
  const stats = { ...newStats(), cases: 1, baseCases: 1, skipped: 1, signatures: { a: 1 } };
  const progress = {
    ...{ stats, elapsedMs: 1000, corpus: once, findings: [finding], edges: 1, restarts: 1 },
    occurrences: { [finding.id]: 1 },
  } as unknown as Progress;
  const lines = endLines({ because: 'runs', progress }, 1).join('\n');
  t.match(lines, /, 1 occurrence\n/);
  t.match(lines, /base lane: 1 case, /);
  t.match(lines, /\n1 case, .*, 1 signature, 1 edge, 1 finding, .*target restarted 1 time, /);
  t.notMatch(lines, /\b1 \w+s\b(?!\/)/);
});
