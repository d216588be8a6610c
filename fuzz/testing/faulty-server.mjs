/**
 * A server with independent faults, each with a name: `node faulty-server.mjs PORT [NAME …]`. Without a name it conforms. It
 * serves one frame on each connection. With FAULTS_LOG, the name of each fault that a frame reaches is added to that file.
 */

import { appendFileSync } from 'node:fs';
import { createServer } from 'node:net';

const FIELDS = ['task_id', 'task_description', 'from_addr', 'to_addr'];
const CAP = 16 * 1024 * 1024;
const DESCRIPTION_CAP = 16_384;

const [port, ...names] = process.argv.slice(2);

function frameOf(value) {
  const body = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(1, 0);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

const answer = (socket, task_id, status = 200) => socket.end(frameOf({ task_id, status, message: 'seen' }));

function readNumber(text) {
  return new Array(Number(/1e[45]\d\d/.exec(text)?.[0].replace('1e', '-')));
}

function readEscape() {
  return undefined.charAt(0);
}

function skipNested(text, at) {
  return text[at] === undefined ? 0 : 1 + skipNested(text, at) + at;
}

function readName(name) {
  throw new SyntaxError(`no field ${name}`);
}

function readAgain(fields) {
  throw new TypeError(`a field stands twice: ${Object.keys(fields ?? {})}`);
}

function typeOf(type) {
  return Buffer.alloc(4).writeInt32BE(type, 0);
}

function spin() {
  for (;;);
}

/** Of each fault: when a frame reaches it, and what it does then. */
const FAULTS = {
  'crash-number': [({ text }) => /(?:^|[[:,])1e[45]\d\d/.test(text), ({ text }) => readNumber(text)],
  'crash-escape': [({ text }) => text.includes('\\\\"'), () => readEscape()],
  'crash-nesting': [({ text }) => text.includes('[[[[[[[['), ({ text }) => skipNested(text, 0)],
  'crash-name': [
    ({ text }) => /"TASK_ID"/i.test(text) && !text.includes('"task_id"'),
    ({ text }) => readName(text),
  ],
  'crash-type': [({ type }) => type > 0x7fffffff, ({ type }) => typeOf(type)],
  'abort-byte': [({ payload }) => payload.includes(0xff), () => process.abort()],
  'exit-empty': [({ type, payload }) => type === 4 && payload.length === 0, () => process.exit(3)],
  'crash-repeat': [({ text }) => text.split('"task_id"').length > 2, ({ fields }) => readAgain(fields)],
  'spin-nul': [({ text }) => text.includes('\\u0000'), spin],
  'waits-for-more': [({ type, text }) => type === 3 && text.includes('EXPIRED'), () => {}],
  'answers-updates': [
    ({ type, text }) => type === 3 && text.includes('['),
    (_, socket) => answer(socket, 'a'),
  ],
  'accepts-numbers': [
    ({ fields }) => fields !== undefined && typeof fields.to_addr === 'number',
    ({ fields }, socket) => answer(socket, fields.task_id),
  ],
  'accepts-long': [
    ({ fields }) => Buffer.byteLength(fields?.task_description ?? '') > DESCRIPTION_CAP,
    ({ fields }, socket) => answer(socket, fields.task_id),
  ],
  'status-of-array': [
    ({ type, text }) => type === 1 && text.startsWith('['),
    (_, socket) => answer(socket, 'a', 500),
  ],
  'other-id': [
    ({ request }) => request?.from_addr === '' && request.to_addr !== '',
    (_, socket) => answer(socket, 'another'),
  ],
};

const faults = names.map((name) => [name, ...FAULTS[name]]);

function objectIn(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function serveFrame(frame, socket) {
  for (const [name, isReached, happens] of faults) {
    if (!isReached(frame)) continue;
    if (process.env.FAULTS_LOG) appendFileSync(process.env.FAULTS_LOG, `${name}\n`);
    happens(frame, socket);
    return;
  }
  const { request } = frame;
  if (request === undefined) socket.end();
  else
    answer(
      socket,
      request.task_id,
      Buffer.byteLength(request.task_description) > DESCRIPTION_CAP ? 400 : 200,
    );
}

createServer({ allowHalfOpen: true }, (socket) => {
  let bytes = Buffer.alloc(0);
  let isServed = false;
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  socket.on('data', (chunk) => {
    if (isServed) return;
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < 8) return;
    const length = bytes.readUInt32BE(4);
    if (length <= CAP && bytes.length < 8 + length) return;
    isServed = true;
    if (length > CAP) {
      socket.end();
      return;
    }
    const type = bytes.readUInt32BE(0);
    const payload = bytes.subarray(8, 8 + length);
    const text = payload.toString('utf8');
    const fields = type === 1 ? objectIn(text) : undefined;
    const values = fields && FIELDS.map((name) => fields[name] ?? '');
    const isLegal = values?.every((value) => typeof value === 'string') && Buffer.from(text).equals(payload);
    const request = isLegal ? Object.fromEntries(FIELDS.map((name, at) => [name, values[at]])) : undefined;
    serveFrame({ type, payload, text, fields, request }, socket);
  });
}).listen(Number(port), '127.0.0.1');
