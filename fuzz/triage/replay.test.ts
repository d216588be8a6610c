import t from 'tap';
import { calibrate } from '../target/calibration.ts';
import { ALIVE, serve } from '../testing/servers.ts';
import { REPORTED_SYMPTOM } from './fatal-symptom.ts';
import { readFinding, type SavedFinding } from './finding-files.ts';
import { isReplayable, replay } from './replay.ts';

/** Sends a frame that gets no answer. `more` are other fields of the file. */
const findingWith = (more: object = {}): SavedFinding =>
  readFinding(
    JSON.stringify({
      id: 'answers-submits-only-00000000',
      invariant: 'answers-submits-only',
      symptom: 'answers-submits-only U1: a frame of type 3 was answered',
      case: {
        arrangement: 'at-once',
        connections: [[{ do: 'frame', type: 3, declared: 'exact', payload: '' }]],
      },
      ...more,
    }),
  );

const FINDING = findingWith();

t.test(
  'a case that breaks nothing proves a fix only if it always failed, on a target like this one',
  async (t) => {
    const server = await serve();
    t.teardown(server.close);
    const result = await calibrate({ target: { address: server.address } });
    if (result.kind !== 'calibrated') throw new Error(result.kind);
    const verdictOf = async (more: object): Promise<string> =>
      (await replay(findingWith(more), result.target, result.calibration)).verdict;
    const alike = { closes_after_a_frame: true, serves_several: false };
    const all = [
      { failed: 3, plays: 3, target: alike },
      { failed: 2, plays: 3, target: alike },
      { failed: 1, plays: 1, target: alike },
      { failed: 3, plays: 3, target: { ...alike, serves_several: true } },
      { failed: 3, plays: 3, target: { ...alike, closes_after_a_frame: false } },
    ];
    const verdicts = await Promise.all(all.map(verdictOf));
    t.strictSame(verdicts, ['fixed', 'unknown', 'unknown', 'unknown', 'unknown']);
  },
);

t.test('a target that does not start again is lost, also for the soak of a leak', async (t) => {
  const server = await serve();
  t.teardown(server.close);
  const restart = async (): Promise<void> => {
    throw new Error('it does not start');
  };
  const result = await calibrate({ target: { address: server.address, restart } });
  if (result.kind !== 'calibrated') throw new Error(result.kind);
  const leak = findingWith({
    invariant: 'frees-resources',
    symptom: 'frees-resources F5: the number of descriptors',
  });
  await t.rejects(replay(leak, result.target, result.calibration), { name: 'TargetLostError' });
});

t.test('a report in the output of a process cannot be replayed without the process', (t) => {
  const reported = findingWith({ invariant: 'survives', symptom: REPORTED_SYMPTOM });
  const address = { host: '127.0.0.1', port: 1 };
  t.notOk(isReplayable(reported, { address }));
  t.ok(isReplayable(FINDING, { address }));
  t.end();
});

/** What a replay says of a server that dies at its frame number `last`, and how many frames the server got. */
async function replayOn(last: number): Promise<{ readonly outcome: string; readonly frames: number }> {
  let frames = 0;
  const server = await serve(() => {
    frames += 1;
    if (frames === last) server.close();
    return undefined;
  });
  try {
    const result = await calibrate({ target: { address: server.address, recoveryMs: 1 } });
    if (result.kind !== 'calibrated') return { outcome: result.kind, frames };
    const { verdict } = await replay(FINDING, result.target, result.calibration);
    return { outcome: verdict === 'fixed' && frames >= last ? 'fixed, but it died' : verdict, frames };
  } catch (error) {
    return { outcome: String(error instanceof Error && error.name), frames };
  } finally {
    server.close();
  }
}

t.test('a finding is not fixed on a target that dies, whenever it dies', async (t) => {
  const { outcome, frames } = await replayOn(Number.POSITIVE_INFINITY);
  t.equal(outcome, 'fixed');
  const places = Array.from({ length: frames }, (_, index) => index + 1);
  const outcomes = (await Promise.all(places.map(replayOn))).map((one) => one.outcome);
  t.notOk(outcomes.includes('fixed, but it died'), outcomes.join(' '));
  for (const kind of ['unreachable', 'TargetLostError']) t.ok(outcomes.includes(kind), kind);
});

/** Three updates of one task. */
const HISTORY = findingWith({
  invariant: 'survives',
  symptom: 'survives T3: does not react to a legal SUBMIT',
  history: 'messages',
  failed: 3,
  plays: 3,
  case: {
    arrangement: 'in-turn',
    connections: ['ACCEPTED', 'EXECUTING', 'COMPLETED'].map((status) => [
      { do: 'frame', type: 3, declared: 'exact', payload: `{"task_id":"a","status":"${status}"}` },
    ]),
  },
});

/** The verdict on a server that hangs after this number of updates since its start. */
async function replayHistory(most: number, canRestart: boolean): Promise<string> {
  let updates = 0;
  const server = await serve(({ type }) => {
    if (type === 3) updates += 1;
    return updates === most ? 'handled' : undefined;
  });
  const restart = async (): Promise<void> => {
    updates = 0;
  };
  try {
    const target = { address: server.address, life: ALIVE, ...(canRestart && { restart }) };
    const result = await calibrate({ target, deadlineMs: 300 });
    if (result.kind !== 'calibrated') return result.kind;
    updates = canRestart ? 2 : 0;
    const { verdict, failed } = await replay(HISTORY, result.target, result.calibration);
    return `${verdict} ${failed}`;
  } finally {
    server.close();
  }
}

t.test(
  'a history is replayed on a target that was just started, and proves nothing on another',
  async (t) => {
    t.equal(await replayHistory(3, true), 'fails 3');
    t.equal(await replayHistory(Number.POSITIVE_INFINITY, true), 'fixed 0');
    t.equal(await replayHistory(Number.POSITIVE_INFINITY, false), 'unknown 0');
  },
);
