/**
 * `--shard auto`: which part this process executes, from the variables that an engine sets which starts many processes. An
 * engine that gives no index, or no total, gets it from the variables of the kit, which its manifest sets.
 */

import type { Shard } from '../../conformance/report/record.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { UsageError } from '../core/errors.ts';
import { wrong } from './options.ts';

type Env = Readonly<Record<string, string | undefined>>;

interface Engine {
  readonly name: string;
  /** The variable with the index of this process. The engine is there if it is set. */
  readonly index: string;
  /** The least index. */
  readonly first: 0 | 1;
  /** The variable with the number of processes. */
  readonly total: string;
}

/** The total that a manifest sets where its engine gives none. */
const OWN_TOTAL = 'CONFORM_SHARDS';

/** What a workflow sets where its engine gives neither. It takes precedence over what any engine sets. */
const OWN: Engine = {
  name: 'your workflow',
  index: 'CONFORM_SHARD_INDEX',
  first: 0,
  total: OWN_TOTAL,
};

const SLURM = 'SLURM_ARRAY_TASK_ID';

const ENGINES: readonly Engine[] = [
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', first: 0, total: OWN_TOTAL },
  { name: 'Slurm', index: SLURM, first: 0, total: OWN_TOTAL },
  { name: 'GitLab', index: 'CI_NODE_INDEX', first: 1, total: 'CI_NODE_TOTAL' },
  { name: 'CircleCI', index: 'CIRCLE_NODE_INDEX', first: 0, total: 'CIRCLE_NODE_TOTAL' },
  {
    name: 'Buildkite',
    index: 'BUILDKITE_PARALLEL_JOB',
    first: 0,
    total: 'BUILDKITE_PARALLEL_JOB_COUNT',
  },
];

/** `most`: the most parts, inclusive. A variable that is empty is not set. Throws UsageError. */
export function shardOfEnvironment(env: Env, most: number): Shard {
  const present = ENGINES.filter(({ index }) => isSet(env, index));
  const engines = isSet(env, OWN.index) ? [OWN] : present;
  const [engine, ...others] = engines;
  const remedy = `set ${OWN.index}, from 0, and ${OWN.total}, or give --shard 2/5`;
  if (engine === undefined) {
    const names = ENGINES.map(({ name, index }) => `${index} (${name})`).join(', ');
    throw refusal(`the environment names no part: none of ${names} is set; ${remedy}`);
  }
  if (others.length > 0) {
    const names = engines.map(({ name, index }) => `${index} (${name})`).join(' and ');
    throw refusal(`${names} are set, and only one can name the part; ${remedy}`);
  }
  // An array of Slurm may begin anywhere. With a total of its own, the part does not depend on which tasks are submitted.
  if (engine.index === SLURM && !isSet(env, OWN_TOTAL)) return shardOfArray(env, most);
  const { index, first, total } = engine;
  if (!isSet(env, total))
    throw refusal(
      `${index} is ${shown(env, index)} (${engine.name}), and ${total}, the number of parts, is not set`,
    );
  const of = wholeIn(env, total, 1, most);
  return { index: wholeIn(env, index, first, of - 1 + first, total) + 1 - first, of };
}

/** The place of a task in an array such as 0-7, 1-8 or 0-70:10. */
function shardOfArray(env: Env, most: number): Shard {
  const missing = ['MIN', 'MAX', 'COUNT'].find((name) => !isSet(env, `SLURM_ARRAY_TASK_${name}`));
  if (missing !== undefined)
    throw refusal(
      `${SLURM} is ${shown(env, SLURM)} (Slurm), and neither SLURM_ARRAY_TASK_${missing} nor ${OWN_TOTAL}, the number of parts, is set`,
    );
  const id = wholeIn(env, SLURM, 0, Number.MAX_SAFE_INTEGER);
  const from = wholeIn(env, 'SLURM_ARRAY_TASK_MIN', 0, id);
  const to = wholeIn(env, 'SLURM_ARRAY_TASK_MAX', id, Number.MAX_SAFE_INTEGER);
  const of = wholeIn(env, 'SLURM_ARRAY_TASK_COUNT', 1, most);
  const step = isSet(env, 'SLURM_ARRAY_TASK_STEP')
    ? wholeIn(env, 'SLURM_ARRAY_TASK_STEP', 1, Number.MAX_SAFE_INTEGER)
    : 1;
  const place = (id - from) / step;
  if ((to - from) / step !== of - 1 || !Number.isInteger(place))
    throw refusal(
      `the array of Slurm has gaps: ${of} tasks from ${from} to ${to} by ${step}; submit --array=0-${of - 1}, or set ${OWN_TOTAL} to count the parts from 0`,
    );
  return { index: place + 1, of };
}

/** `bound`: the variable from which the upper bound follows. */
function wholeIn(env: Env, name: string, lowest: number, most: number, bound?: string): number {
  const text = env[name] ?? '';
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= lowest && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `${lowest} or more` : `from ${lowest} to ${most}`;
  const because = bound === undefined ? '' : `, because ${bound} is ${env[bound]}`;
  throw refusal(`${name} is ${shown(env, name)}, and has to be a whole number ${range}${because}`);
}

function isSet(env: Env, name: string): boolean {
  return env[name] !== undefined && env[name] !== '';
}

function shown(env: Env, name: string): string {
  return printable(JSON.stringify(env[name]), 40);
}

function refusal(why: string): UsageError {
  return wrong('--shard', `auto: ${why}`);
}
