/**
 * A target for tests: node scripted-server.mjs PORT SCRIPT HOOK MARKER. It connects to the port HOOK when the moment of its
 * script has come. `never`: at its start, and never listens. `dies-N`: answers, ends at connection N, and follows `never` when
 * the file MARKER shows that it was started before. `stubborn`: answers, and at SIGTERM, which it ignores.
 */

import { existsSync, writeFileSync } from 'node:fs';
import net from 'node:net';

const [, , port, script = '', hook, marker = ''] = process.argv;
const announce = () => net.connect(Number(hook), '127.0.0.1').on('error', () => {});
const [name, count = '0'] = script.split('-');
const isSecond = name === 'dies' && existsSync(marker);
if (name === 'stubborn') process.on('SIGTERM', announce);
if (name === 'never' || isSecond) {
  announce();
  setInterval(() => {}, 60_000);
} else {
  if (name === 'dies') writeFileSync(marker, '');
  let connections = 0;
  net
    .createServer({ allowHalfOpen: true }, (socket) => {
      connections += 1;
      if (connections === Number(count)) process.exit(1);
      let bytes = Buffer.alloc(0);
      socket.on('error', () => {}).on('end', () => socket.end());
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.length < 8 || bytes.length < 8 + bytes.readUInt32BE(4)) return;
        socket.end(answerTo(bytes.readUInt32BE(0), bytes.subarray(8)));
      });
    })
    .listen(Number(port), '127.0.0.1');
}

function answerTo(type, payload) {
  if (type !== 1) return undefined;
  try {
    const { task_id } = JSON.parse(payload.toString());
    const body = Buffer.from(JSON.stringify({ task_id, status: 200, message: 'seen' }));
    const head = Buffer.alloc(8);
    head.writeUInt32BE(1, 0);
    head.writeUInt32BE(body.length, 4);
    return Buffer.concat([head, body]);
  } catch {
    return undefined;
  }
}
