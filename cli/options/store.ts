/** Opens a store, and the role that works on it, with the clock of the system. */

import { readdir, stat } from 'node:fs/promises';
import { printablePath } from '../../conformance/util/printable.ts';
import {
  type Clock,
  type DialBack,
  dial,
  fromUnixMs,
  Receiver,
  Store,
  type StoreOptions,
} from '../../reference/index.ts';
import type { Context } from '../core/context.ts';
import { codeOf } from '../core/errors.ts';
import { checkOutputFolder, why } from '../core/output-files.ts';
import { wrong } from './options.ts';

/** The time of day. With `scale` a clock that is right at `beginMs`, and runs that many times as fast from then on. */
export function systemClock(scale = 1, beginMs = Date.now()): Clock {
  return () => fromUnixMs(beginMs + Math.round((Date.now() - beginMs) * scale));
}

/** The store in a directory, whose missing parts are created. Throws UsageError when it is not a directory. */
export async function openStore(dir: string, options?: StoreOptions): Promise<Store> {
  const there = await stat(dir).catch(() => undefined);
  if (there !== undefined && !there.isDirectory())
    throw wrong('--dir', `${printablePath(dir)} is a file, and must be a directory`);
  await checkOutputFolder('--dir', dir);
  return Store.open(dir, options);
}

/** What a store has at least. */
const FOLDERS = ['received', 'submitted'];

/**
 * The store in an existing directory. Throws UsageError when it is missing, as it is when the name is misspelt, and when it is
 * no store, which opening would make it.
 */
export async function openExistingStore(dir: string): Promise<Store> {
  const names = await readdir(dir).catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'ENOENT') throw wrong('--dir', `${printablePath(dir)} does not exist`);
    if (code === 'ENOTDIR') throw wrong('--dir', `${printablePath(dir)} is a file, and must be a directory`);
    throw wrong('--dir', `${printablePath(dir)} cannot be read (${why(code)})`);
  });
  if (!FOLDERS.some((name) => names.includes(name)))
    throw wrong(
      '--dir',
      `${printablePath(dir)} is no task store: it has no folder ${FOLDERS.join(' and no ')}`,
    );
  return openStore(dir);
}

/** The receiver of a store. It notifies a submitter at the address that the submitter gave. */
export async function openReceiver(dir: string, context: Context, timeoutMs: number): Promise<Receiver> {
  const store = await openExistingStore(dir);
  return new Receiver({ store, clock: systemClock(), dialBack: dialBack(timeoutMs, context.interrupted) });
}

/** Connects to a submitter within `timeoutMs`, and sends it a message within as long again. `signal` ends both. */
export function dialBack(timeoutMs: number, signal?: AbortSignal): DialBack {
  const call = { timeoutMs, ...(signal && { signal }) };
  return async (address) => {
    const client = await dial({ ...address, ...call });
    return {
      sendStatusUpdate: (update) => client.sendStatusUpdate(update, call),
      sendResults: (message) => client.sendResults(message, call),
      close: () => client.close(),
    };
  };
}
