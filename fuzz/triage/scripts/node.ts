/** The reproducer for Node.js. */

import { dataOf, USAGE } from './data.ts';
import type { Plan } from './plan.ts';

export function nodeProgram(plan: Plan): string {
  return [
    ...plan.about.map((line) => `// ${line}`),
    `// Needs Node.js 18. ${USAGE('node', `${plan.id}.mjs`)}`,
    `const PLAN = JSON.parse(String.raw\`${dataOf(plan)}\`);`,
    PROGRAM,
  ].join('\n');
}

const PROGRAM = String.raw`
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const [host, port, seconds = '5'] = process.argv.slice(2);
const end = (status, words) => {
  console.log(words);
  process.exit(status);
};
if (port === undefined) end(2, 'usage: HOST PORT [SECONDS]');
if (PLAN.check === 'none') end(2, 'cannot tell: ' + PLAN.reason);
const DEADLINE_MS = 1000 * Number(seconds);
/** For anything where nothing is due, and for more after an answer. At first longer, to see whether the target closes. */
let quietMs = 1000;
/** On one connection: one frame at the cap, and some more. A target that sends without end is not followed any longer. */
const MOST_BYTES = 16 * 1024 * 1024 + 64 * 1024;
/** The sending may take this many deadlines, and what comes back after it. */
const SEND_FACTOR = 10;
const LISTEN_FACTOR = 2;
/** A process that dies may accept connections meanwhile. */
const SETTLE_MS = 2500;

/** The complete frames in the bytes, and the number of bytes after them. */
function framesIn(bytes) {
  const frames = [];
  let at = 0;
  while (at + 8 <= bytes.length && at + 8 + bytes.readUInt32BE(at + 4) <= bytes.length) {
    const next = at + 8 + bytes.readUInt32BE(at + 4);
    frames.push({ type: bytes.readUInt32BE(at), payload: bytes.subarray(at + 8, next) });
    at = next;
  }
  return { frames, rest: bytes.length - at };
}

/** Performs the steps, waits for the reaction, and ends the connection by a reset if the target did not close it. */
function exchange(steps, isDue) {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, noDelay: true, allowHalfOpen: true });
    let buffer = Buffer.alloc(64 * 1024);
    let length = 0;
    /** Where the frame begins that is not complete yet. */
    let next = 0;
    let sentAt;
    let isOver = false;
    let timer;
    const finish = (how) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      if (socket.connecting || how === 'closed') socket.destroy();
      else socket.resetAndDestroy();
      resolve({ how, received: buffer.subarray(0, length) });
    };
    const listen = () => {
      clearTimeout(timer);
      while (next + 8 <= length && next + 8 + buffer.readUInt32BE(next + 4) <= length) next += 8 + buffer.readUInt32BE(next + 4);
      // The rest of an answer that has begun is due as well.
      const isAwaited = next < length || (isDue && length === 0);
      const leftMs = sentAt + LISTEN_FACTOR * DEADLINE_MS - Date.now();
      timer = setTimeout(finish, Math.max(0, Math.min(isAwaited ? DEADLINE_MS : quietMs, leftMs)), isAwaited ? 'hung' : 'open');
    };
    timer = setTimeout(finish, DEADLINE_MS, 'refused');
    socket.on('error', () => finish(socket.pending && sentAt === undefined ? 'refused' : 'closed'));
    socket.on('end', () => finish('closed'));
    socket.on('data', (chunk) => {
      if (isOver) return;
      if (length + chunk.length > MOST_BYTES) return finish('flood');
      if (length + chunk.length > buffer.length) {
        const room = Buffer.alloc(2 * (length + chunk.length));
        buffer.copy(room, 0, 0, length);
        buffer = room;
      }
      buffer.set(chunk, length);
      length += chunk.length;
      if (sentAt !== undefined) listen();
    });
    socket.on('connect', async () => {
      clearTimeout(timer);
      timer = setTimeout(finish, SEND_FACTOR * DEADLINE_MS, isDue ? 'hung' : 'open');
      for (const step of steps) {
        if (isOver) return;
        if (step.pauseMs !== undefined) await pause(step.pauseMs);
        else if (step.end === 'fin') socket.end();
        else if (step.end === 'reset') return finish('reset');
        else {
          const bytes = Buffer.from(step.send, 'hex');
          const size = step.segment ?? (bytes.length || 1);
          for (let at = 0; at < bytes.length && !isOver; at += size)
            await new Promise((sent) => socket.write(bytes.subarray(at, at + size), () => setImmediate(sent)));
        }
      }
      if (isOver) return;
      sentAt = Date.now();
      listen();
    });
  });
}

function readAnswer({ type, payload }) {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const { task_id, status, message } = isObject ? value : {};
    const isLegal =
      (type === 1 || type === 2) && typeof task_id === 'string' && (status === 200 || status === 400) && typeof message === 'string';
    return { task_id, status, isLegal };
  } catch {
    return { isLegal: false };
  }
}

/** The reaction to a legal SUBMIT: a status, or how the connection ended. */
async function probe() {
  const fields = { task_id: randomUUID(), task_description: 'probe', from_addr: '0:0000.0000.0001', to_addr: '0:0000.0000.0002' };
  const payload = Buffer.from(JSON.stringify(fields));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(1, 0);
  head.writeUInt32BE(payload.length, 4);
  const { how, received } = await exchange([{ send: Buffer.concat([head, payload]).toString('hex') }], true);
  const [frame] = framesIn(received).frames;
  return { how, health: frame === undefined ? how : 'status ' + readAnswer(frame).status };
}

/** What is wrong on a connection; undefined if nothing is. */
function faultOf({ submits, ids, isStrict, steps }, { how, received }) {
  const { frames, rest } = framesIn(received);
  const answers = frames.map(readAnswer);
  switch (PLAN.check) {
    case 'reacts':
      return how === 'hung' ? 'no reaction within ' + seconds + ' s' : undefined;
    case 'answers-legally':
      if (how === 'flood') return 'more came back than one frame can hold';
      return rest > 0 || answers.some(({ isLegal }) => !isLegal) ? 'what came back is no legal SubmitResponse' : undefined;
    case 'accepts-legal-only':
      return answers[0]?.status === 200 && (submits === 1 || answers.length === submits) ? 'a SUBMIT that is not legal got 200' : undefined;
    case 'answers-submits-only':
      return answers.length > submits ? answers.length + ' answers to ' + submits + ' SUBMIT frames' : undefined;
    case 'answers-own-id': {
      const sent = steps.map(({ send = '' }) => send).join('');
      const isOwn = ({ task_id }) => {
        const hex = Buffer.from(JSON.stringify(String(task_id)).slice(1, -1)).toString('hex');
        return ids === undefined || ids.includes(hex) || sent.includes('22' + hex + '22');
      };
      return answers.some((one) => (isStrict || one.status === 200) && !isOwn(one)) ? 'the answer has the id of another task' : undefined;
    }
  }
}

const show = (bytes) => JSON.stringify(bytes.subarray(0, 300).toString('latin1')).replace(/[^ -~]/g, (unit) => '\\x' + unit.charCodeAt(0).toString(16).padStart(2, '0'));

const usual = await probe();
if (!usual.health.startsWith('status')) end(2, 'cannot tell: before the case, a legal SUBMIT is not answered (' + usual.health + ')');
const closes = usual.how === 'closed';
quietMs = 200;
for (let tries = 0; tries < PLAN.tries; tries += 1) {
  const run = async (connection) => {
    const isDue = connection.owes === 'always' || (connection.owes === 'if-closes' && closes);
    const reply = await exchange(connection.steps, isDue);
    console.log(reply.how + ', ' + reply.received.length + ' bytes came back ' + show(reply.received));
    return faultOf(connection, reply);
  };
  const faults = [];
  if (PLAN.isAtOnce) faults.push(...(await Promise.all(PLAN.connections.map(run))));
  else for (const connection of PLAN.connections) faults.push(await run(connection));
  const fault = faults.find((one) => one !== undefined);
  if (fault !== undefined) end(1, 'the fault is there: ' + fault);
  const until = Date.now() + (PLAN.check === 'survives' ? SETTLE_MS : 0);
  do {
    const { health } = await probe();
    if (health !== usual.health) {
      if (PLAN.check === 'survives') end(1, 'the fault is there: after the case, a legal SUBMIT meets "' + health + '", before "' + usual.health + '"');
      end(2, 'cannot tell: after the case, a legal SUBMIT is not answered as before (' + health + ')');
    }
    await pause(100);
  } while (Date.now() < until);
}
if (PLAN.doubt !== '') end(2, 'cannot tell: the fault did not show, but ' + PLAN.doubt);
end(0, 'the fault is not there');
`;
