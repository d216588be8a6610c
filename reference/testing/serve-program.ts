/** Program `serve-program.ts <store>`: a server that stores every task and accepts it at once, until it is killed. */

import { Server } from '../net/server.ts';
import { fromUnixMs } from '../protocol/time.ts';
import { Receiver } from '../roles/receiver.ts';
import { Store } from '../store/store.ts';

const [path = ''] = process.argv.slice(2);
const store = await Store.open(path);
const receiver = new Receiver({ store, clock: () => fromUnixMs(Date.now()) });
const server = new Server(async (request, peer) => {
  const decision = await receiver.submit(request, peer);
  void receiver.accept(request.taskId);
  return decision;
});
const { port } = await server.listenAndServe({ port: 0 });
process.send?.(port);
