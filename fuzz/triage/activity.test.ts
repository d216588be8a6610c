import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { observeProcess } from '../../conformance/observers/process.ts';
import { activityDuring, activityOf, withActivity } from './activity.ts';

/** A process that has written a line and then does this. */
async function running(t: Test, script: string): Promise<number> {
  const child = spawn('/bin/sh', ['-c', `echo ready; ${script}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

const address = { host: '127.0.0.1', port: 1 };

t.test(
  'a loop computes, and a sleep waits',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  async (t) => {
    const [loop, sleep] = await Promise.all([
      running(t, 'while :; do :; done'),
      running(t, 'exec sleep 1000'),
    ]);
    t.equal(await activityOf(observeProcess(() => loop)), 'computes');
    t.equal(await activityOf(observeProcess(() => sleep)), 'waits');
    t.equal(
      await activityDuring(
        observeProcess(() => loop),
        () => setTimeout(1000),
      ),
      'computes',
      'while something is done',
    );
    t.equal(
      await activityDuring(
        observeProcess(() => sleep),
        () => setTimeout(300),
      ),
      'waits',
    );
    t.equal(await activityOf(undefined), undefined);

    let ended = 'still running';
    const { target, activityAtEnd } = withActivity({
      address,
      process: observeProcess(() => loop),
      describeEnd: async () => ({ ended, lines: [] }),
    });
    await target.describeEnd?.();
    t.equal(activityAtEnd(), 'computes');
    ended = 'exit status 1';
    await target.describeEnd?.();
    t.equal(activityAtEnd(), undefined, 'a process that has ended does nothing');
    ended = 'still running';
    await target.describeEnd?.('answers');
    t.equal(activityAtEnd(), undefined, 'only that of a hang matters');
  },
);

t.test('a target whose end the kit does not see stays as it is', async (t) => {
  const target = { address };
  t.equal(withActivity(target).target, target);
  t.equal(withActivity(target).activityAtEnd(), undefined);
});
