/**
 * Tells a fault of the target from other causes of the same observation: a policy that rejects tasks (S7), and a proxy that
 * does not pass the end of a stream on. Evidence and verdict in, verdict out; sends a control where the evidence is open.
 */

import type { Observation } from '../judge/observe.ts';
import { isRejection, type Skipped, statusOf, type Verdict } from '../judge/oracle.ts';
import { type Bytes, concat, repeat, SUBMIT, size } from '../scenario/bytes.ts';
import { frame, submitPayload } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Preflight } from './preflight/preflight.ts';
import type { Probes } from './preflight/probes.ts';

export interface Evidence {
  readonly scenario: Scenario;
  readonly observation: Observation;
  /** The task ids that were sent. */
  readonly idOf: (slot: number) => string;
  /** The answer to the ordinary SUBMIT after the attempt. */
  readonly alive: Observation;
  readonly preflight: Extract<Preflight, { reached: true }>;
  /** Whether nothing, such as a proxy, stands between the kit and the target. */
  readonly isDirect: boolean;
  readonly probes: Probes;
}

/** From this size on, a policy may reject a frame for its size. */
const LARGE_BYTES = 4096;

const NO_FIN =
  'no close of the target is ever seen, not even after the kit has ended its side; a proxy may not pass the end of a stream (FIN) on ' +
  '(nginx: proxy_half_close on; socat: -t 60; haproxy: option abortonclose)';

/** The verdict, unless another cause explains it. */
export async function explain(verdict: Verdict, evidence: Evidence): Promise<Verdict> {
  if (verdict.verdict !== 'fail' && verdict.verdict !== 'pass') return verdict;
  const { scenario, alive, preflight, isDirect, probes } = evidence;
  const isRejected = isByRejection(verdict, evidence);
  if (isRejected && preflight.profile.policy === 'accepts' && statusOf(alive) === 400)
    return byPolicy('the target now rejects an ordinary SUBMIT too, by policy (S7)');
  if (verdict.verdict === 'pass') return verdict;
  const control = isRejected ? policyControlOf(scenario) : undefined;
  if (control && (await probes.statusFor(control)) === 400)
    return byPolicy('the target rejects every SUBMIT of this size or kind, by policy (S7)');
  // Whether many peers at once are served is judged elsewhere (T3). A proxy may let only a few of them wait.
  const awaitsAnswers = scenario.accept.every(({ kind }) => kind === 'answers');
  if (scenario.maxGrowth && awaitsAnswers && verdict.disposition === 'silent')
    return { verdict: 'inconclusive', reason: 'not every peer was answered, so nothing was measured' };
  const awaitsClose =
    verdict.disposition === 'silent' && scenario.accept.some(({ kind }) => kind === 'closes');
  if (awaitsClose && !isDirect && !(await probes.passesFin()))
    return { verdict: 'inconclusive', disposition: 'silent', reason: NO_FIN };
  return verdict;
}

/** Whether the verdict rests on a 400: a failure where acceptance was expected, or a pass because the fault was refused. */
function isByRejection(
  verdict: Extract<Verdict, { verdict: 'pass' | 'fail' }>,
  { scenario, observation, idOf }: Evidence,
): boolean {
  if (verdict.verdict === 'fail') return isRejection(scenario, observation, idOf);
  return verdict.disposition === 'rejected' && scenario.control !== undefined;
}

function byPolicy(reason: string): Skipped {
  return { verdict: 'skipped', lacks: 'acceptance', reason };
}

/** A legal SUBMIT that a policy treats like the scenario's; undefined if that is an ordinary one. */
function policyControlOf({ policyControl, steps }: Scenario): Bytes | undefined {
  if (policyControl !== undefined) return policyControl;
  const sent = steps.reduce((sum, step) => sum + (step.do === 'send' ? size(step.bytes) : 0), 0);
  return sent < LARGE_BYTES ? undefined : frame(SUBMIT, concat(submitPayload(), repeat(' ', sent)));
}
