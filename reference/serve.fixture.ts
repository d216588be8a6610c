/** Program: a server that stores tasks and accepts each right away, until it is killed: `serve.fixture.ts <store>`. */
import { Receiver } from './receiver.ts';
import { Server } from './server.ts';
import { Store } from './store.ts';
import { fromUnixMs } from './time.ts';

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
