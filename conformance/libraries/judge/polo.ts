/**
 * Rewards. Either reading of the penalties is right, if all rewards follow the same one (P6). So the reading of the library is
 * found first, from all answers, and each answer is judged by it.
 */

import type { PoloTimes } from '../cases/case.ts';
import { type Answer, isObject } from '../pipe/interface.ts';
import { type Cause, type Finding, fail, pass, shownValue, WRONG_SHAPE } from './finding.ts';

export const READINGS = ['documented', 'proportional'] as const;
export type Reading = (typeof READINGS)[number];

/** The documented names of the parts (P7). In an answer, what is not finite is null. */
export const PARTS = [
  'base',
  'cpu_bonus',
  'cpu_minutes',
  'idle_factor',
  'staged_factor',
  'efficiency_multiplier',
  'raw_reward',
  'final_reward',
] as const;
type Parts = Readonly<Record<(typeof PARTS)[number], number>>;

/** An answer with the times that it is about. */
export interface PoloAnswer {
  readonly times: PoloTimes;
  readonly answer: Answer;
}

/** Parts that follow from the cpu time. What they are when that is negative is free (P4): a library may take it as none. */
const OF_CPU: ReadonlySet<string> = new Set(['cpu_minutes', 'cpu_bonus', 'raw_reward']);

const TOLERANCE = 1e-9;

/** The penalty of a share of the scale (P2, P3); no time is a bonus (P4). */
function penaltyOf(ms: number, scaleMs: number, reading: Reading): number {
  const share = Math.max(0, ms / scaleMs);
  return reading === 'documented' ? Math.min(share, 0.3) : 0.3 * Math.min(share, 1);
}

/** The parts of a reward, with a reading for each of the two penalties. */
function partsOf({ cpu, idle, staged }: PoloTimes, forIdle: Reading, forStaged: Reading = forIdle): Parts {
  const cpu_minutes = cpu / 60_000;
  const cpu_bonus = Math.log2(1 + cpu_minutes);
  const idle_factor = penaltyOf(idle, 60_000, forIdle);
  const staged_factor = penaltyOf(staged, 600_000, forStaged);
  const efficiency_multiplier = Math.max(0.4, 1 - idle_factor - staged_factor);
  const raw_reward = (1 + cpu_bonus) * efficiency_multiplier;
  const final_reward = Math.max(1, Math.floor(raw_reward + 0.5));
  return {
    base: 1,
    cpu_bonus,
    cpu_minutes,
    idle_factor,
    staged_factor,
    efficiency_multiplier,
    raw_reward,
    final_reward,
  };
}

/** The reading that explains most answers; undefined if none of them shows which one it is. */
export function readingOf(answers: readonly PoloAnswer[]): Reading | undefined {
  const counts = { documented: 0, proportional: 0 };
  for (const { times, answer } of answers) {
    const [documented, proportional] = READINGS.map((reading) => isBy(times, answer, reading));
    if (documented && !proportional) counts.documented += 1;
    if (proportional && !documented) counts.proportional += 1;
  }
  if (counts.documented + counts.proportional === 0) return undefined;
  return counts.documented >= counts.proportional ? 'documented' : 'proportional';
}

function isBy(times: PoloTimes, answer: Answer, forIdle: Reading, forStaged: Reading = forIdle): boolean {
  const found = foundIn(answer);
  return found !== undefined && differing(found, partsOf(times, forIdle, forStaged)) === undefined;
}

/** Parts that the library leaves out are judged elsewhere, but for the reward itself. */
function foundIn(answer: Answer): Partial<Record<string, unknown>> | undefined {
  if (answer.kind !== 'value' || !isObject(answer.value)) return undefined;
  return typeof answer.value['final_reward'] === 'number' ? answer.value : undefined;
}

function differing(found: Partial<Record<string, unknown>>, wanted: Parts): keyof Parts | undefined {
  return PARTS.find((name) => {
    const got = found[name];
    if (got === undefined) return false;
    if (wanted.cpu_minutes < 0 && OF_CPU.has(name)) return false;
    if (typeof got !== 'number') return true;
    if (name !== 'final_reward') return !(Math.abs(got - wanted[name]) <= TOLERANCE);
    // At a half, the last bit of the logarithm decides.
    const isHalf = Math.abs((wanted.raw_reward % 1) - 0.5) < TOLERANCE;
    return got !== wanted.final_reward && !(isHalf && got === wanted.final_reward - 1);
  });
}

/** Judges one reward by the reading of the library. */
export function judgePolo(times: PoloTimes, answer: Answer, reading: Reading | undefined): Finding {
  const wanted = partsOf(times, reading ?? 'documented');
  const found = foundIn(answer);
  const shown = `final_reward ${wanted.final_reward}`;
  if (found === undefined)
    return fail(shownValue(answer.kind === 'value' ? answer.value : answer), shown, WRONG_SHAPE);
  const name = differing(found, wanted);
  if (name === undefined || (reading === undefined && isBy(times, answer, 'proportional')))
    return pass(reading === undefined ? 'as in both readings' : `by the ${reading} reading`);
  const facts = `of ${times.cpu} ms cpu, ${times.idle} ms idle, ${times.staged} ms staged`;
  return fail(
    `${name} ${shownValue(found[name])} ${facts}`,
    `${name} ${wanted[name]} by the ${reading ?? 'documented'} reading`,
    poloCause(times, answer, name),
  );
}

const MIXED: Cause = {
  cause: 'the rewards mix the two readings of the penalties (P6)',
  likely: 'idle and staged time follow different formulas; use those of P2 for both, or those of P3 for both',
};

/** Whether all rewards follow one reading (P6). What fits neither is judged elsewhere. */
export function judgeReading(answers: readonly PoloAnswer[]): Finding {
  const reading = readingOf(answers);
  for (const { times, answer } of answers) {
    const finding = judgePolo(times, answer, reading);
    if (finding.verdict === 'fail' && finding.cause === MIXED.cause) return finding;
  }
  return pass(reading === undefined ? 'no reward shows the reading' : `the ${reading} reading`);
}

function poloCause(times: PoloTimes, answer: Answer, name: keyof Parts): Cause {
  const mixed = READINGS.some((forIdle) =>
    READINGS.some((forStaged) => isBy(times, answer, forIdle, forStaged)),
  );
  if (mixed) return MIXED;
  if (times.idle < 0 || times.staged < 0)
    return { cause: 'a negative time is a bonus or a penalty (P4)', likely: 'a negative time counts as 0' };
  if (name === 'final_reward')
    return {
      cause: 'a reward is rounded otherwise (P1)',
      likely: 'round half up, and only at the end; functions of the platform may round half to even',
    };
  return {
    cause: `${name} of a reward fits neither reading (P1)`,
    likely:
      'compare the formula with P1 to P3: cpu minutes with their fraction, log2, the factor at least 0.4',
  };
}

/** Whether the answer names every part (P7). */
export function missingParts(answer: Answer): readonly string[] {
  if (answer.kind !== 'value' || !isObject(answer.value)) return PARTS;
  const { value } = answer;
  return PARTS.filter((name) => value[name] === undefined);
}

/** Whether the answer holds the reward, and nothing that could be a part of it. */
export function isOnlyReward(answer: Answer): boolean {
  if (answer.kind !== 'value' || !isObject(answer.value)) return false;
  return Object.keys(answer.value).join() === 'final_reward';
}
