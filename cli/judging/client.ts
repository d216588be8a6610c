/** The client that a run judges, as a part: a command, the client of the reference, or one that a person starts. */

import { availableParallelism } from 'node:os';
import type { ClientDriver, ClientScenario } from '../../conformance/index.ts';
import { temporaryFolder } from '../../conformance/util/folders.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { checkPort } from '../options/address.ts';
import { checkBetween, MAX_JOBS } from '../options/options.ts';
import { identityOf, type OpenPart, type Part } from './part.ts';

/** What a command line says about the client. */
export interface ClientOptions {
  /** The command that starts it. Default: the client of the reference. */
  readonly exec: string | undefined;
  readonly port?: number | undefined;
  /** Whether a person starts it. Default false. */
  readonly wait?: boolean | undefined;
  /** How many run at a time. */
  readonly jobs?: number | undefined;
  readonly slow: boolean;
  readonly retries: number;
}

/** Clients of the reference at a time. They need little of the processor; most wait for the kit's server. */
const EMBEDDED_JOBS = 16;

/** Throws UsageError. */
export function clientPart(options: ClientOptions, catalogue: readonly ClientScenario[]): Part {
  const { exec, wait = false, slow, retries } = options;
  const port = options.port === undefined ? undefined : checkPort(options.port, '--port');
  if (wait && port === undefined)
    throw new UsageError('--wait needs --port, so that your client can find the kit');
  if (options.jobs !== undefined) checkBetween(options.jobs, '--jobs', 1, MAX_JOBS);
  const isStarted = exec !== undefined;
  return {
    catalogue,
    identity: identityOf('client', exec ?? (wait ? `--wait ${port}` : ''), isStarted),
    isStarted,
    open: async (context): Promise<OpenPart> => {
      const { JudgedRecorder, judgeClients } = await import('../../conformance/index.ts');
      const driver = wait
        ? await byHand(context)
        : exec === undefined
          ? await embedded()
          : await started(exec, context);
      const usual = port === undefined ? driver.jobs : 1;
      const jobs = port === undefined ? (options.jobs ?? usual) : 1;
      const name = exec ?? (wait ? 'started by hand' : 'of the reference');
      return {
        provenance: { name, command: 'client', replay: replayOf(exec, wait, port) },
        judge: async function* ({ provenance, ...run }) {
          const recorder = new JudgedRecorder({ ...provenance, name });
          const events = judgeClients({
            ...{ ...run, catalogue, driver: driver.start, jobs, port, slow, retries, isByHand: wait },
            onNote: noteTo(context),
          });
          for await (const event of events) yield* recorder.take(event);
        },
        close: driver.close,
      };
    },
  };
}

interface Driver {
  readonly start: ClientDriver;
  /** How many clients run at a time, unless an option says so. */
  readonly jobs: number;
  readonly close: () => Promise<void>;
}

async function started(command: string, context: Context): Promise<Driver> {
  const { commandDriver } = await import('../../conformance/index.ts');
  const folder = await temporaryFolder();
  const { start, close } = commandDriver(command, folder.path);
  return {
    start,
    jobs: 2 * availableParallelism(),
    close: async () => {
      const left = await close();
      if (left.length > 0) noteTo(context)(`the client left processes, which were ended: ${left.join(', ')}`);
      await folder.remove();
    },
  };
}

async function embedded(): Promise<Driver> {
  const { startEmbeddedClient } = await import('../target/embedded-client.ts');
  return { ...(await startEmbeddedClient()), jobs: EMBEDDED_JOBS };
}

async function byHand(context: Context): Promise<Driver> {
  const { handDriver } = await import('./by-hand.ts');
  return { start: handDriver(context), jobs: 1, close: async () => {} };
}

function noteTo({ err }: Context): (text: string) => void {
  return (text) => err(`conform: ${text}\n`);
}

function replayOf(exec: string | undefined, wait: boolean, port: number | undefined): string {
  return [
    ...(exec === undefined ? [] : [`--exec ${quoted(exec)}`]),
    ...(port === undefined ? [] : [`--port ${port}`]),
    ...(wait ? ['--wait'] : []),
  ].join(' ');
}
