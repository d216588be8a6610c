// A conforming client with the events of Node.js, for tests that plant faults in it.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const { CONFORM_HOST, CONFORM_PORT, CONFORM_ACTION, CONFORM_MESSAGE, CONFORM_TIMEOUT_MS } = process.env;
const MAX_PAYLOAD = 16 * 1024 * 1024;
const TYPES = { submit: 1, update: 3, results: 4 };
const LIMITS = { task_description: 16384, justification: 4096, result_text: 1024 * 1024, filename: 256 };
const EXTENSIONS =
  /\.(md|txt|rtf|docx|pdf|pptx|pth|pt|onnx|h5|pb|ckpt|safetensors|bin|csv|parquet|xlsx?|jpe?g|png|svg|gif|webp)$/i;

function finish(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0));
}

function makeId() {
  const hex = randomBytes(16).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

// Integers of 64 bits do not fit a number, so the times are kept as text.
function parse(text) {
  return JSON.parse(text.replace(/("time_[a-z]+_ms": *)(-?\d+)/g, '$1"$2"'));
}

function stringify(message) {
  return JSON.stringify(message).replace(/("time_[a-z]+_ms":)"(-?\d+)"/g, '$1$2');
}

function refusal(message) {
  for (const [name, limit] of Object.entries(LIMITS))
    if (Buffer.byteLength(message[name] ?? '', 'utf8') > limit)
      return `${name} is longer than ${limit} bytes`;
  if (Buffer.from(message.file_data ?? '', 'base64').length > 15 * 1024 * 1024)
    return 'the file is too large';
  if (message.filename !== undefined && !EXTENSIONS.test(message.filename))
    return 'the extension is not allowed';
  return undefined;
}

function frameOf(type, payload) {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

// The outcome of an answer, or an error.
function outcomeOf(type, payload, taskId) {
  if (type !== 1 && type !== 2) throw new Error(`a frame of type ${type}`);
  const answer = JSON.parse(payload.toString('utf8'));
  const message = answer.message ?? '';
  if (answer.task_id !== taskId) throw new Error('the answer is for another task');
  if (typeof message !== 'string') throw new Error('the message is no text');
  if (answer.status === 200) return { outcome: 'accepted', task_id: taskId, message };
  if (answer.status === 400) return { outcome: 'rejected', task_id: taskId, message };
  throw new Error(`status ${answer.status}`);
}

const message = parse(readFileSync(CONFORM_MESSAGE, 'utf8'));
const taskId = CONFORM_ACTION === 'submit' ? makeId() : message.task_id;
const payload = Buffer.from(stringify({ task_id: taskId, ...message }), 'utf8');
const refused = payload.length > MAX_PAYLOAD ? 'the message is too large' : refusal(message);

if (refused !== undefined) finish({ outcome: 'refused', message: refused });
else send(frameOf(TYPES[CONFORM_ACTION], payload));

function send(frame) {
  const socket = connect({ host: CONFORM_HOST, port: Number(CONFORM_PORT) });
  let isDone = false;
  const done = (line) => {
    if (isDone) return;
    isDone = true;
    socket.destroy();
    finish(line);
  };
  const fail = (text) => done({ outcome: 'error', message: text });
  const timer = setTimeout(() => fail('timeout'), Number(CONFORM_TIMEOUT_MS));
  socket.on('error', (error) => fail(error.message));

  if (CONFORM_ACTION !== 'submit') {
    const sent = () => done({ outcome: 'sent', task_id: taskId });
    socket.write(frame, () => {
      clearTimeout(timer);
      setTimeout(sent, 200);
    });
    socket.on('end', () => (socket.writableLength === 0 ? sent() : fail('closed by the server')));
    socket.resume();
    return;
  }

  const chunks = [];
  let received = 0;
  socket.write(frame);
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    if (received < 8) return;
    const start = Buffer.concat(chunks.length > 8 ? chunks.slice(0, 8) : chunks);
    const length = start.readUInt32BE(4);
    if (length > MAX_PAYLOAD) return fail('the answer is too large');
    if (received < 8 + length) return;
    const bytes = Buffer.concat(chunks);
    try {
      done(outcomeOf(bytes.readUInt32BE(0), bytes.subarray(8, 8 + length), taskId));
    } catch (error) {
      fail(error.message);
    }
  });
  socket.on('end', () => fail('closed by the server'));
}
