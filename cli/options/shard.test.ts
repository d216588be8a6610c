import t from 'tap';
import { UsageError } from '../core/errors.ts';
import { parseShard } from './shard.ts';

const slurm = (id: string, min: string, max: string, count: string, step?: string) => ({
  SLURM_ARRAY_TASK_ID: id,
  SLURM_ARRAY_TASK_MIN: min,
  SLURM_ARRAY_TASK_MAX: max,
  SLURM_ARRAY_TASK_COUNT: count,
  ...(step !== undefined && { SLURM_ARRAY_TASK_STEP: step }),
});

const PARTS: readonly (readonly [string, Readonly<Record<string, string>>, number, number])[] = [
  ['Kubernetes, first', { JOB_COMPLETION_INDEX: '0', CONFORM_SHARDS: '8' }, 1, 8],
  ['Kubernetes, last', { JOB_COMPLETION_INDEX: '7', CONFORM_SHARDS: '8' }, 8, 8],
  ['Slurm from 0', slurm('0', '0', '7', '8', '1'), 1, 8],
  ['Slurm from 1', slurm('8', '1', '8', '8', '1'), 8, 8],
  ['Slurm by ten', slurm('30', '10', '80', '8', '10'), 3, 8],
  ['Slurm without a step', slurm('2', '0', '7', '8'), 3, 8],
  ['one task of Slurm again', { ...slurm('3', '3', '3', '1', '1'), CONFORM_SHARDS: '8' }, 4, 8],
  ['GitLab, first', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '5' }, 1, 5],
  ['GitLab, last', { CI_NODE_INDEX: '5', CI_NODE_TOTAL: '5' }, 5, 5],
  ['CircleCI, first', { CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '4' }, 1, 4],
  ['CircleCI, last', { CIRCLE_NODE_INDEX: '3', CIRCLE_NODE_TOTAL: '4' }, 4, 4],
  ['Buildkite', { BUILDKITE_PARALLEL_JOB: '1', BUILDKITE_PARALLEL_JOB_COUNT: '3' }, 2, 3],
  ['a workflow of GitHub', { CONFORM_SHARD_INDEX: '0', CONFORM_SHARDS: '20' }, 1, 20],
  ['one part of one', { CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '1' }, 1, 1],
  [
    'the own variables take precedence',
    {
      CONFORM_SHARD_INDEX: '2',
      CONFORM_SHARDS: '3',
      CIRCLE_NODE_INDEX: '0',
      CIRCLE_NODE_TOTAL: '1',
      CI_NODE_INDEX: '9',
    },
    3,
    3,
  ],
  [
    'an empty variable is not set',
    { CI_NODE_INDEX: '', JOB_COMPLETION_INDEX: '1', CONFORM_SHARDS: '2' },
    2,
    2,
  ],
];

const REFUSED: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  [
    'no engine',
    {},
    'the environment names no part: none of JOB_COMPLETION_INDEX (Kubernetes), SLURM_ARRAY_TASK_ID (Slurm), CI_NODE_INDEX (GitLab), CIRCLE_NODE_INDEX (CircleCI), BUILDKITE_PARALLEL_JOB (Buildkite) is set; set CONFORM_SHARD_INDEX, from 0, and CONFORM_SHARDS, or give --shard 2/5',
  ],
  [
    'Kubernetes gives no total',
    { JOB_COMPLETION_INDEX: '3' },
    'JOB_COMPLETION_INDEX is "3" (Kubernetes), and CONFORM_SHARDS, the number of parts, is not set',
  ],
  [
    'an index without a total',
    { CONFORM_SHARD_INDEX: '3' },
    'CONFORM_SHARD_INDEX is "3" (your workflow), and CONFORM_SHARDS, the number of parts, is not set',
  ],
  [
    'GitLab counts from 1',
    { CI_NODE_INDEX: '0', CI_NODE_TOTAL: '5' },
    'CI_NODE_INDEX is "0", and has to be a whole number from 1 to 5, because CI_NODE_TOTAL is 5',
  ],
  [
    'CircleCI counts from 0',
    { CIRCLE_NODE_INDEX: '4', CIRCLE_NODE_TOTAL: '4' },
    'CIRCLE_NODE_INDEX is "4", and has to be a whole number from 0 to 3, because CIRCLE_NODE_TOTAL is 4',
  ],
  [
    'an index that is no number',
    { JOB_COMPLETION_INDEX: 'x\n1', CONFORM_SHARDS: '2' },
    'JOB_COMPLETION_INDEX is "x\\n1", and has to be a whole number from 0 to 1, because CONFORM_SHARDS is 2',
  ],
  [
    'a total that is no number',
    { BUILDKITE_PARALLEL_JOB: '1', BUILDKITE_PARALLEL_JOB_COUNT: '1e3' },
    'BUILDKITE_PARALLEL_JOB_COUNT is "1e3", and has to be a whole number from 1 to 999999',
  ],
  [
    'a total of none',
    { JOB_COMPLETION_INDEX: '0', CONFORM_SHARDS: '0' },
    'CONFORM_SHARDS is "0", and has to be a whole number from 1 to 999999',
  ],
  [
    'two engines',
    { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '5', ...slurm('0', '0', '7', '8') },
    'SLURM_ARRAY_TASK_ID (Slurm) and CI_NODE_INDEX (GitLab) are set, and only one can name the part; set CONFORM_SHARD_INDEX, from 0, and CONFORM_SHARDS, or give --shard 2/5',
  ],
  [
    'an array with gaps',
    slurm('7', '1', '7', '3', '1'),
    'the array of Slurm has gaps: 3 tasks from 1 to 7 by 1; submit --array=0-2, or set CONFORM_SHARDS to count the parts from 0',
  ],
  [
    'a task without the bounds of its array',
    { SLURM_ARRAY_TASK_ID: '3' },
    'SLURM_ARRAY_TASK_ID is "3" (Slurm), and neither SLURM_ARRAY_TASK_MIN nor CONFORM_SHARDS, the number of parts, is set',
  ],
  [
    'a task outside of its array',
    slurm('9', '0', '7', '8'),
    'SLURM_ARRAY_TASK_MAX is "7", and has to be a whole number 9 or more',
  ],
];

t.test('each engine names the part of its process', async (t) => {
  for (const [name, env, index, of] of PARTS) t.strictSame(parseShard('auto', env), { index, of }, name);
});

t.test('what names no part is refused in one line', async (t) => {
  for (const [name, env, message] of REFUSED)
    t.throws(
      () => parseShard('auto', env),
      { constructor: UsageError, message: `--shard auto: ${message}`, option: '--shard' },
      name,
    );
});

t.test('a part of the command line does not depend on the environment', async (t) => {
  t.strictSame(parseShard('3/100000', { CI_NODE_INDEX: '1' }), { index: 3, of: 100_000 });
});
