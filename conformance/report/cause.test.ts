import t from 'tap';
import { catalogue } from '../catalogue/index.ts';
import { type MismatchKind, mismatch } from '../judge/mismatch.ts';
import type { Disposition } from '../judge/oracle.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, closes, silent } from '../scenario/steps.ts';
import { causeOf, judgesOf } from './cause.ts';

function cause(
  kinds: readonly MismatchKind[],
  accept: Scenario['accept'],
  disposition: Disposition = 'answered',
): string {
  const scenario: Scenario = {
    ...{ id: 'a/b', clause: 'M5', level: 'MUST', requirement: 'It is so.', steps: [] },
    accept,
  };
  const mismatches = kinds.map((kind) => mismatch(kind, 'a value'));
  return causeOf(scenario, { verdict: 'fail', disposition, expected: [], observed: '', mismatches });
}

const ACCEPTS = [answers({ statuses: [200] })];
const REFUSES = [closes(), answers({ statuses: [400] }), silent()];

t.test('what an answer lacks does not depend on the clause', async (t) => {
  t.equal(cause(['task_id missing'], ACCEPTS), "the answer's task_id is missing");
  t.equal(cause(['message wrong type'], ACCEPTS), "the answer's message has the wrong type");
  t.equal(cause(['status unreadable'], ACCEPTS), "the answer's status is unreadable");
  t.equal(cause(['frame type'], ACCEPTS), "the answer's frame type is wrong");
  t.equal(
    cause(['stored created_at'], [closes()], 'stored'),
    "a stored task's created_at is wrong or missing",
  );
});

t.test('how the target treats the input does', async (t) => {
  t.equal(cause(['no answer'], ACCEPTS, 'closed'), 'no answer comes back (M5)');
  t.equal(cause(['rejected'], ACCEPTS, 'rejected'), 'the target rejects what it must accept (M5)');
  t.equal(
    cause(['answered', 'accepted', 'answered'], REFUSES),
    'the target accepts what it must refuse (M5)',
  );
  t.equal(
    cause(['answered', 'answered'], [closes(), silent()]),
    'the target answers what it must not answer (M5)',
  );
  t.equal(cause(['died'], ACCEPTS, 'died'), 'the target dies, or stops answering (M5)');
});

t.test('every kind of mismatch has a cause in words', async (t) => {
  const kinds: readonly MismatchKind[] = [
    ...([
      'no answer',
      'answered',
      'accepted',
      'rejected',
      'partial frame',
      'bytes after the answer',
    ] as const),
    ...(['number of frames', 'frame type', 'not a response', 'late', 'kept open', 'closed'] as const),
    ...(['died', 'gone', 'growth', 'file touched', 'file escaped', 'task file missing'] as const),
    ...(['task file unreadable', 'task file permissions', 'data not kept', 'result file missing'] as const),
    ...(['result file content', 'stored status', 'status wrong value', 'message missing'] as const),
  ];
  for (const kind of kinds) t.notMatch(cause([kind], ACCEPTS), /undefined|not permitted/, kind);
});

t.test('an answer to a message that is never answered is one cause for all clauses', async (t) => {
  const scenario: Scenario = {
    ...{ id: 'a/b', clause: 'R5', level: 'MUST', requirement: 'It is so.', steps: [] },
    accept: [closes(), silent()],
  };
  const answered = { verdict: 'fail', disposition: 'answered', expected: [], observed: '' } as const;
  const failure = { ...answered, mismatches: [mismatch('answered', 'it answered')] };
  t.equal(causeOf(scenario, failure, 3), 'the target answers a STATUS_UPDATE');
  t.equal(causeOf(scenario, failure, 4), 'the target answers a SEND_RESULTS');
  t.equal(causeOf(scenario, failure, 5), 'the target answers what it must not answer (R5)');
});

t.test('growth names the resource', async (t) => {
  const failure = { verdict: 'fail', disposition: 'answered', expected: [], observed: '' } as const;
  const causes = catalogue
    .filter(({ maxGrowth }) => maxGrowth !== undefined)
    .map((scenario) => causeOf(scenario, { ...failure, mismatches: [mismatch('growth', 'it grew')] }));
  for (const resource of ['memory', 'file descriptors', 'threads'])
    t.ok(
      causes.some((cause) =>
        cause.startsWith(`the target's process takes too many resources: ${resource} (`),
      ),
    );
});

t.test('a status that is neither 200 nor 400 is a fault of the answer', async (t) => {
  const either = [answers({ statuses: [200, 400] })];
  t.equal(cause(['status wrong value'], either), "the answer's status is wrong");
});

t.test('where a close or an answer is permitted, the mismatch of the answer decides', async (t) => {
  const accept = [closes(), answers({ statuses: [400] })];
  t.equal(cause(['answered', 'task_id wrong value'], accept, 'rejected'), "the answer's task_id is wrong");
  t.equal(cause(['kept open', 'no answer'], accept, 'silent'), 'the target keeps the connection open (M5)');
});

t.test('every scenario that judges a part of the answer exists', async (t) => {
  const ids = new Set(catalogue.map(({ id }) => id));
  const causes = [
    ...["the answer's status is wrong", "the answer's task_id is missing", "the answer's message is wrong"],
    ...["the answer's frame type is wrong", 'the answer is no SubmitResponse', 'the answer is late'],
    ...['no answer comes back (M5)', 'a task is not stored', 'a stored task is readable for others'],
    ...[
      'a result file is missing',
      'the target answers a STATUS_UPDATE',
      'the target answers a SEND_RESULTS',
    ],
  ];
  for (const cause of causes) {
    const judges = judgesOf(cause);
    t.ok(judges.length > 0 && judges.every((id) => ids.has(id)), cause);
  }
  t.strictSame(judgesOf('the target closes the connection (T5)'), []);
});
