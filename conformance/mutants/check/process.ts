/**
 * A mutant in a process of its own, because some faults show only in the memory, files or threads of a process. This
 * file is both sides: the call that starts the process, and the program, which serves until its parent disconnects.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../util/package-file.ts';
import { mutants } from '../index.ts';
import type { EnvironmentOptions } from '../server/environment.ts';
import { type Running, serveWith } from '../server/server.ts';

const ROLE = 'mutant';
/** Tests start the built program, too: compiling it in every process would take longer than the scenarios. */
const PROGRAM = packageFile('dist/conformance/mutants/check/process.js');

/** The environment of a child process. It has no NODE_OPTIONS, through which tap would load its compiler in the child. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  return environment;
}

/** Starts the mutant with this name. Its `close` kills the process, which loses what it has not written. */
export async function forkMutant(name: string, options: EnvironmentOptions, port: number): Promise<Running> {
  const child = fork(fileURLToPath(PROGRAM), [ROLE, name, JSON.stringify(options), String(port)], {
    env: childEnvironment(),
    execArgv: [],
  });
  const [listening] = (await once(child, 'message')) as [number];
  return {
    address: { host: '127.0.0.1', port: listening },
    ...(child.pid !== undefined && { pid: child.pid }),
    close: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const [role, name, options, port] = process.argv.slice(2);
if (role === ROLE && options !== undefined) {
  const mutant = mutants.find((other) => other.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant named ${name}`);
  const { address } = await serveWith(mutant.breaks, JSON.parse(options) as EnvironmentOptions, Number(port));
  process.on('disconnect', () => process.exit());
  process.send?.(address.port);
}
