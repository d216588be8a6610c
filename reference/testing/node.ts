/** A node that plays both roles behind one server, on a store of its own. */
import { join } from 'node:path';
import type { Test } from 'tap';
import { dial } from '../net/client.ts';
import { formatAddress } from '../protocol/address.ts';
import type { DialBack } from '../roles/outbox.ts';
import { Receiver, type ReceiverOptions } from '../roles/receiver.ts';
import { Submitter } from '../roles/submitter.ts';
import { Store } from '../store/store.ts';
import { HOST, recordingLogger, startServer } from './loopback.ts';
import { manualClock } from './store.ts';

/** Waits for the peer to close however long that takes, so that it has dealt with a message once it is delivered. */
export const dialAndAwaitClose: DialBack = async (address) => {
  const client = await dial(address);
  const patience = { closeWaitMs: 600_000 };
  return {
    sendStatusUpdate: (update) => client.sendStatusUpdate(update, patience),
    sendResults: (message) => client.sendResults(message, patience),
    close: () => client.close(),
  };
};

/** Two nodes do not share a clock unless the test says so. `name` is that of the directory below the test's own. */
export async function startNode(t: Test, name: string, options: Partial<ReceiverOptions> = {}) {
  const path = join(t.testdirName, name);
  const time = manualClock();
  const { logger, records } = recordingLogger();
  const store = await Store.open(path, { logger });
  const common = { store, clock: time.clock, logger };
  const receiver = new Receiver({ ...common, dialBack: dialAndAwaitClose, ...options });
  const submitter = new Submitter(common);
  const handlers = {
    submit: receiver.submit,
    statusUpdate: submitter.statusUpdate,
    results: submitter.results,
  };
  const { server, port } = await startServer(t, handlers, { logger });
  const address = { host: HOST, port };
  /** Submits to another node; results and updates come back to this one. */
  const submit = (to: { readonly address: typeof address }, taskDescription = 'count to ten') =>
    submitter.submit({ taskDescription, to: to.address, fromAddr: formatAddress(address) });
  return { ...time, path, store, receiver, submitter, submit, server, address, records };
}
