/** Opens a store and the role that works on it, for the commands that act on one. */

import { stat } from 'node:fs/promises';
import { printable } from '../../conformance/util/printable.ts';
import { type DialBack, dial, Receiver, Store, type StoreOptions } from '../../reference/index.ts';
import { systemClock } from '../core/clock.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';

/** The store in a directory; what is missing of it is made. Throws UsageError for what is no directory. */
export async function openStore(dir: string, options?: StoreOptions): Promise<Store> {
  const there = await stat(dir).catch(() => undefined);
  if (there !== undefined && !there.isDirectory()) {
    throw new UsageError(`--dir ${printable(dir)} is a file; it has to be a directory`);
  }
  return Store.open(dir, options);
}

/** The store in a directory that has to be there: an empty store is no answer to a mistyped name. */
export async function openExistingStore(dir: string): Promise<Store> {
  if ((await stat(dir).catch(() => undefined)) === undefined) {
    throw new UsageError(`--dir ${printable(dir)} does not exist`);
  }
  return openStore(dir);
}

/** The receiving side of a store; submitters are told at the address that they gave. */
export async function openReceiver(dir: string, context: Context, timeoutMs: number): Promise<Receiver> {
  const store = await openExistingStore(dir);
  return new Receiver({ store, clock: systemClock(), dialBack: dialBack(timeoutMs, context.interrupted) });
}

/** Connects to a submitter. */
export function dialBack(timeoutMs: number, signal?: AbortSignal): DialBack {
  return (address) => dial({ ...address, timeoutMs, ...(signal && { signal }) });
}
