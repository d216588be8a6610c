/**
 * The embedded reference server: both roles on one store, in a worker thread, so that the work of the kit does not delay its
 * answers. The thread runs this file too.
 */

import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Address, Receiver, Server, Store, Submitter, Sweeper } from '../../reference/index.ts';
import { systemClock } from '../options/store.ts';

export interface EmbeddedOptions {
  /** The directory of its store. */
  readonly dir: string;
  /** The start of its clock, in milliseconds since the epoch. */
  readonly beginMs: number;
  /** Factor by which its clock runs faster than ours. */
  readonly timeScale: number;
}

export interface Embedded {
  readonly address: Address;
  /** Resolves when the thread has ended. Rejects with the error that ended it, if there was one. */
  readonly close: () => Promise<void>;
}

/** The time between two sweeps, by the server's clock (L4). */
const SWEEP_MS = 10_000;

/** Resolves when it listens, on a free port of the loopback interface. Rejects with the error that ended the thread. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const thread = new Worker(new URL(import.meta.url), { workerData: options });
  const [address] = (await once(thread, 'message')) as [Address];
  // A later error is reported by close().
  const ended = once(thread, 'exit');
  ended.catch(() => {});
  const close = async (): Promise<void> => {
    thread.postMessage('close');
    await ended;
  };
  return { address, close };
}

async function serve({ dir, beginMs, timeScale }: EmbeddedOptions): Promise<void> {
  const store = await Store.open(dir);
  const clock = systemClock(timeScale, beginMs);
  const receiver = new Receiver({ store, clock });
  const submitter = new Submitter({ store, clock });
  const intervalMs = Math.round(SWEEP_MS / timeScale);
  const intervals = { acceptIntervalMs: intervalMs, stallIntervalMs: intervalMs, headIntervalMs: intervalMs };
  const sweeper = new Sweeper({ clock, receiver, submitter, ...intervals });
  const { statusUpdate, results } = submitter;
  const server = new Server({ submit: receiver.submit, statusUpdate, results });
  parentPort?.once('message', async () => {
    await server.close({ graceMs: 0 });
    await sweeper.stop();
    process.exit();
  });
  parentPort?.postMessage(await server.listenAndServe({ port: 0 }));
}

if (!isMainThread) await serve(workerData as EmbeddedOptions);
