import t from 'tap';
import type { ProcessLook } from '../../conformance/observers/observer.ts';
import { type Case, encodeActions } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import { readExecution } from '../execute/execute.ts';
import type { EvaluatedCase } from '../oracle/evaluator.ts';
import { frameOf } from '../testing/servers.ts';
import { type Resource, soak } from './soak.ts';

const caseOf = (type: number, text: string): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: { kind: 'exact' }, payload: Buffer.from(text) }]],
});
const MALFORMED = Array.from({ length: 12 }, (_, n) => caseOf(1, `{"task_id":${n}`));
const LEAKING = caseOf(1, '{"leak');
const LEGAL = caseOf(1, '{"task_id":"a"}');
const RESULT = caseOf(4, '{"task_id":"a"}');
const CASES = [...MALFORMED, LEAKING, LEGAL, RESULT, caseOf(77, '{}')];

/** What a server keeps of one more frame. */
type Keeps = (look: { -readonly [part in keyof ProcessLook]: number }, sent: string, count: number) => void;

/** Soaks a server that exists in this test only. */
async function soaked(resource: Resource, keeps: Keeps, later?: Keeps) {
  const look = {
    memoryBytes: 0,
    anonymousBytes: 5e6,
    quarantineBytes: 0,
    descriptors: 20,
    threads: 4,
    cpuMs: 0,
    runnableMs: 0,
  };
  let count = 0;
  let looks = 0;
  const run = async ({ connections: [actions = []] }: Case): Promise<EvaluatedCase> => {
    count += 1;
    keeps(look, encodeActions(actions).toString('latin1'), count);
    const sent = readSent(actions);
    const isLegal = sent.frames[0]?.type === 1 && sent.bytes.includes('}');
    const received = isLegal ? frameOf('{"task_id":"a","status":200,"message":"m"}') : Buffer.alloc(0);
    const executions = [readExecution(sent, { received, ending: 'fin', afterMs: 1 })];
    const signature = `type ${sent.frames[0]?.type} → ${isLegal ? '200' : 'closed'}`;
    return { executions, signatures: [signature], breaches: [], isRefused: false, foreignMarkers: [] };
  };
  return soak(resource, CASES, {
    run,
    look: async () => {
      looks += 1;
      later?.(look, '', looks);
      return { ...look };
    },
    jobs: 4,
    usualMs: 1,
    closesWithinMs: 1000,
    isOver: () => count > 80_000,
  });
}

const isMalformed = (sent: string): boolean => sent.charCodeAt(3) === 1 && !sent.includes('}');

t.test('a class that leaves a descriptor or memory is named, with a case of it', async (t) => {
  const descriptors = await soaked('descriptors', (look, sent) => {
    if (isMalformed(sent)) look.descriptors += 1;
  });
  t.match(descriptors, { name: 'type 1 → closed', perThousand: 1000, lowerPerThousand: 1000 });
  const memory = await soaked('memory', (look, sent) => {
    if (isMalformed(sent)) look.anonymousBytes += 272;
  });
  t.match(memory, { name: 'type 1 → closed', perThousand: 272_000 });
});

t.test('one case among many of its class is found by bisection', async (t) => {
  const leak = await soaked('descriptors', (look, sent) => {
    if (sent.includes('leak')) look.descriptors += 1;
  });
  t.equal(leak?.value, LEAKING);
});

const QUARANTINE = 8e6;

t.test('a leak is found in addition to freed memory that a sanitizer keeps', async (t) => {
  let leaked = 0;
  let freed = 0;
  const leak = await soaked('memory', (look, sent) => {
    if (isMalformed(sent)) leaked += 272;
    freed = Math.min(QUARANTINE, freed + 900);
    look.quarantineBytes = QUARANTINE;
    look.anonymousBytes = 5e6 + freed + leaked;
  });
  t.match(leak, { name: 'type 1 → closed', perThousand: 272_000 });
});

t.test('what no leak is', async (t) => {
  const step = (n: number): number => (n % 700 === 0 ? 4096 * 50 : 0);
  const fine: Readonly<Record<string, [Resource, Keeps, Keeps?]>> = {
    'a heap that grows until it is collected': [
      'memory',
      (look, _, count) => {
        look.anonymousBytes = 5e6 + 900 * (count % 30_000);
      },
    ],
    'a heap that grows with each connection': [
      'memory',
      (look) => {
        look.anonymousBytes += 3000;
      },
    ],
    'pages that appear now and then': [
      'memory',
      (look, _, count) => {
        look.anonymousBytes += step(count);
      },
    ],
    'accepted tasks and results in memory': [
      'memory',
      (look, sent) => {
        if (!isMalformed(sent) && sent.charCodeAt(3) !== 77) look.anonymousBytes += 500;
      },
    ],
    'a cache of refused input': [
      'memory',
      (look, sent) => {
        if (isMalformed(sent)) look.anonymousBytes = Math.min(5.5e6, look.anonymousBytes + 400);
      },
    ],
    'freed memory that a sanitizer keeps': [
      'memory',
      (look, sent) => {
        look.quarantineBytes = QUARANTINE;
        look.anonymousBytes = Math.min(
          5e6 + QUARANTINE,
          look.anonymousBytes + (isMalformed(sent) ? 900 : 300),
        );
      },
    ],
    'connections that are closed a second later': [
      'descriptors',
      (look, sent) => {
        if (isMalformed(sent)) look.descriptors += 1;
      },
      (look, _, looks) => {
        if (looks > 40) look.descriptors = 20;
      },
    ],
    'a pool of threads': [
      'threads',
      (look, _, count) => {
        look.threads = Math.min(40, 4 + count);
      },
    ],
  };
  for (const [what, [resource, keeps, later]] of Object.entries(fine))
    t.equal(await soaked(resource, keeps, later), undefined, what);
});
