/** Program `peers-program.ts`: a server that accepts every task and stores none, until its parent disconnects. */
import { Server } from '../net/server.ts';

const server = new Server(() => true, { maxConnections: 4096 });
const { port } = await server.listenAndServe({ port: 0 });
process.on('disconnect', () => server.close({ graceMs: 0 }));
process.send?.(port);
