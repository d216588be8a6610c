/**
 * A server in JavaScript. A frame of type 99 ends it by an exception that is not caught, and one of type 98 after half a second,
 * in which it serves on. With a second argument, exceptions are logged, and it goes on.
 */

import { createServer } from 'node:net';

if (process.argv[3] !== undefined)
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack}\n`);
  });

createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (frame) => {
    if (frame.readUInt32BE(0) === 99) throw new Error('type 99');
    if (frame.readUInt32BE(0) === 98) setTimeout(() => process.exit(1), 500);
    const { task_id } = JSON.parse(frame.subarray(8).toString());
    const body = Buffer.from(JSON.stringify({ task_id, status: 200, message: 'accepted' }));
    const header = Buffer.alloc(8);
    header.writeUInt32BE(1, 0);
    header.writeUInt32BE(body.length, 4);
    socket.end(Buffer.concat([header, body]));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
