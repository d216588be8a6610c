/** A node for tests: a server with both roles on its own store. */
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

/** Dials, and waits for the peer to close after each message. So the peer has processed a delivered message. */
export const dialAndAwaitClose: DialBack = async (address) => {
  const client = await dial(address);
  const options = { closeWaitMs: 600_000 };
  return {
    sendStatusUpdate: (update) => client.sendStatusUpdate(update, options),
    sendResults: (message) => client.sendResults(message, options),
    close: () => client.close(),
  };
};

/** Starts a node with its own clock. `name` is the name of its directory inside that of the test. */
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
  /** Submits a task to another node, which sends results and updates to this one. */
  const submit = (to: { readonly address: typeof address }, taskDescription = 'count to ten') =>
    submitter.submit({ taskDescription, to: to.address, fromAddr: formatAddress(address) });
  return { ...time, path, store, receiver, submitter, submit, server, address, records };
}
