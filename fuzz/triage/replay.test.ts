import t from 'tap';
import { calibrate } from '../target/calibration.ts';
import { serve } from '../testing/servers.ts';
import { readFinding } from './finding-files.ts';
import { replay } from './replay.ts';

/** Sends a frame that gets no answer. */
const FINDING = readFinding(
  JSON.stringify({
    id: 'answers-submits-only-00000000',
    invariant: 'answers-submits-only',
    symptom: 'answers-submits-only U1: a frame of type 3 was answered',
    case: {
      arrangement: 'at-once',
      connections: [[{ do: 'frame', type: 3, declared: 'exact', payload: '' }]],
    },
  }),
);
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

/** Those of the calibration, and of the attempts. At the end, how many probes are sent depends on the time. */
const PLACES = 40;

t.test('a finding is not fixed on a target that dies, whenever it dies', async (t) => {
  const { outcome, frames } = await replayOn(Number.POSITIVE_INFINITY);
  t.equal(outcome, 'fixed');
  const places = Array.from({ length: Math.min(frames, PLACES) }, (_, index) => index + 1);
  const outcomes = (await Promise.all(places.map(replayOn))).map((one) => one.outcome);
  t.notOk(outcomes.includes('fixed, but it died'), outcomes.join(' '));
  for (const kind of ['unreachable', 'TargetLostError']) t.ok(outcomes.includes(kind), kind);
});
