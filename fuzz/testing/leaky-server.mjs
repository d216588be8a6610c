/**
 * A server that closes on malformed frames and serves on, in a process of its own: node leaky-server.mjs PORT FAULT. The fault
 * is what it keeps of each malformed SUBMIT: 'descriptor', 'spin' (uses the CPU from the first one on), or none. Writes its
 * port when it listens.
 */

import { openSync } from 'node:fs';
import { createServer } from 'node:net';

const [, , port, fault] = process.argv;
const kept = [];

function keep() {
  if (fault === 'descriptor') kept.push(openSync('/dev/null'));
  if (fault === 'spin' && kept.length === 0) {
    const spin = () => {
      const until = performance.now() + 5;
      while (performance.now() < until);
      setImmediate(spin);
    };
    kept.push(setImmediate(spin));
  }
}

function frameOf(message) {
  const payload = Buffer.from(JSON.stringify(message));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(1);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function serve(type, payload, socket) {
  if (type !== 1) return void socket.end();
  try {
    const request = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    const fields = ['task_id', 'task_description', 'from_addr', 'to_addr'].map((name) => request[name] ?? '');
    if (
      typeof request !== 'object' ||
      Array.isArray(request) ||
      !fields.every((value) => typeof value === 'string')
    )
      throw new TypeError();
    const status = Buffer.byteLength(fields[1]) > 16_384 ? 400 : 200;
    socket.end(frameOf({ task_id: fields[0], status, message: 'seen' }));
  } catch {
    keep();
    socket.end();
  }
}

const server = createServer({ allowHalfOpen: true }, (socket) => {
  let bytes = Buffer.alloc(0);
  let isServed = false;
  socket.on('error', () => {}).on('end', () => socket.end());
  socket.on('data', (chunk) => {
    if (isServed) return;
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < 8) return;
    const length = bytes.readUInt32BE(4);
    if (length <= 2 ** 24 && bytes.length < 8 + length) return;
    isServed = true;
    if (length > 2 ** 24) socket.end();
    else serve(bytes.readUInt32BE(0), bytes.subarray(8, 8 + length), socket);
  });
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
