/**
 * A mutant in a process of its own, for what shows in the memory of a process alone. This file is both sides: the
 * program, which serves until its parent is gone, and the call that starts it.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../util/package-file.ts';
import { mutants } from '../index.ts';
import { type Running, serveWith } from '../server/server.ts';

const ROLE = 'mutant';
/** The built program, also for tests: to compile it again in each process takes longer than the trial. */
const PROGRAM = packageFile('dist/conformance/mutants/check/process.js');

/** Starts the mutant of that name. */
export async function forkMutant(name: string, folder: string): Promise<Running> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(fileURLToPath(PROGRAM), [ROLE, name, folder], { env, execArgv: [] });
  const [port] = (await once(child, 'message')) as [number];
  return {
    address: { host: '127.0.0.1', port },
    ...(child.pid !== undefined && { pid: child.pid }),
    close: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

const [role, name, folder] = process.argv.slice(2);
if (role === ROLE && folder !== undefined) {
  const mutant = mutants.find((other) => other.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  const { address } = await serveWith(mutant.breaks, { folder, keepsTasks: false });
  process.on('disconnect', () => process.exit());
  process.send?.(address.port);
}
