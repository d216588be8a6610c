/**
 * A mutant or a variant in processes of its own, because some faults show only in the memory, files or threads of a process,
 * and because a server that uses the CPU would stop the kit. This file is both sides: the calls that start a process, and the
 * program, which serves until its parent disconnects or, for a single connection, until that has ended.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../util/package-file.ts';
import { mutants, variants } from '../index.ts';
import { type EnvironmentOptions, openEnvironment } from '../server/environment.ts';
import { serveThrough } from '../server/gateway.ts';
import type { Mutant, Served } from '../server/mutant.ts';
import { type Running, serveAlone, serveWith } from '../server/server.ts';

const ROLES = { server: 'conform-server', connection: 'conform-connection' };
/** Tests start the built program, too: compiling it in every process would take longer than the scenarios. */
const PROGRAM = fileURLToPath(packageFile('dist/conformance/mutants/check/process.js'));

/** The environment of a child process. It has no NODE_OPTIONS, through which tap would load its compiler in the child. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  return environment;
}

/** Starts a mutant or a variant, with its store in the folder. `port` 0, the default, selects a free port. */
export async function serve(served: Served, options: EnvironmentOptions, port = 0): Promise<Running> {
  return served.process === undefined
    ? await serveHere(served, options, port)
    : await serveApart(served.name, options, port);
}

async function serveHere(
  { name, does, process: kind, gateway }: Served,
  options: EnvironmentOptions,
  port: number,
): Promise<Running> {
  if (kind === 'one-a-connection') return await serveEachApart(name, options, port);
  if (gateway === undefined) return await serveWith(does, options, port);
  return await serveThrough(gateway, await serveWith(does, options), port);
}

/** Starts a mutant or a variant, by its name, in a process of its own. */
export async function serveApart(name: string, options: EnvironmentOptions, port = 0): Promise<Running> {
  const child = start('server', name, options, port);
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

/** Starts a process for each connection. */
async function serveEachApart(name: string, options: EnvironmentOptions, port: number): Promise<Running> {
  // The kit reads the store before the first process opens it.
  await openEnvironment(options, { repeat: () => {}, crash: () => {} });
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    const child = start('connection', name, options);
    // A socket that arrives before the child listens for it could be reset while nothing handles the error.
    child.once('message', () => child.send('connection', socket));
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    address: { host: '127.0.0.1', port: address.port },
    close: async () => void server.close(),
  };
}

function start(role: keyof typeof ROLES, name: string, options: EnvironmentOptions, port = 0): ChildProcess {
  const args = [ROLES[role], name, JSON.stringify(options), String(port)];
  return fork(PROGRAM, args, { env: childEnvironment(), execArgv: [] });
}

/** The `server` option of a judgement for a mutant. */
export function servedBy({ name, breaks, ownProcess = false }: Mutant): Served {
  return { name, does: breaks, ...(ownProcess && { process: 'own' }) };
}

const [role, wanted, options = '{}', port] = process.argv.slice(2);
if (role === ROLES.server || role === ROLES.connection) {
  const served = [...mutants.map(servedBy), ...variants].find(({ name }) => name === wanted);
  if (served === undefined) throw new Error(`there is no mutant and no variant named ${wanted}`);
  process.on('disconnect', () => process.exit());
  if (role === ROLES.server) {
    const { address } = await serveHere(served, JSON.parse(options), Number(port));
    process.send?.(address.port);
  } else {
    const socket = await new Promise<Socket>((resolve) => {
      process.once('message', (_, sent: Socket) => resolve(sent.on('error', () => {})));
      process.send?.('ready');
    });
    socket.allowHalfOpen = true;
    await serveAlone(served.does, JSON.parse(options), socket);
    process.disconnect();
  }
}
