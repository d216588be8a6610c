/**
 * An adapter for the reference implementation: reads requests from standard input, and writes answers to standard output.
 * `conform library` without --exec judges it. In a project of your own, import from 'tasksubmit-conform'.
 */

import { createInterface } from 'node:readline';
import {
  ALLOWED_RESULT_EXTENSIONS,
  calculateTimeCpu,
  calculateTimeIdle,
  calculateTimeStaged,
  encodeFrame,
  FORBIDDEN_RESULT_EXTENSIONS,
  type Frame,
  FrameDecoder,
  generateTaskId,
  type Instant,
  isAcceptedStalled,
  isExpiredForAccept,
  isExpiredInQueue,
  marshalSubmitRequest,
  marshalSubmitResponse,
  marshalTaskFile,
  marshalTaskResult,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  newTaskFile,
  ProtocolError,
  parseTime,
  poloScoreRewardDetailed,
  type TaskFile,
  timeSinceCreation,
  timeSinceStaged,
  typeName,
  unmarshalSubmitRequest,
  unmarshalSubmitResponse,
  unmarshalTaskFile,
  unmarshalTaskResult,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
  ValidationError,
  validateSubmitRequest,
  validateTaskResultMessage,
  validateTaskStatusUpdate,
} from '../../reference/index.ts';

type Fields = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: a request may hold anything, and the kit sends what the schema says.
type Args = any;

interface Message {
  readonly type: number;
  readonly marshal: (value: Args) => Frame;
  readonly unmarshal: (frame: Frame) => unknown;
}

const MESSAGES: Record<string, Message> = {
  SubmitRequest: { type: 1, marshal: marshalSubmitRequest, unmarshal: unmarshalSubmitRequest },
  SubmitResponse: { type: 1, marshal: marshalSubmitResponse, unmarshal: unmarshalSubmitResponse },
  TaskResult: { type: 2, marshal: marshalTaskResult, unmarshal: unmarshalTaskResult },
  TaskStatusUpdate: { type: 3, marshal: marshalTaskStatusUpdate, unmarshal: unmarshalTaskStatusUpdate },
  TaskResultMessage: { type: 4, marshal: marshalTaskResultMessage, unmarshal: unmarshalTaskResultMessage },
};

const VALIDATORS: Record<string, (value: Args) => void> = {
  SubmitRequest: validateSubmitRequest,
  TaskStatusUpdate: validateTaskStatusUpdate,
  TaskResultMessage: validateTaskResultMessage,
};

const REQUIRED = {
  SubmitRequest: ['task_id', 'task_description', 'from_addr', 'to_addr'],
  SubmitResponse: ['task_id', 'message'],
  TaskResult: ['task_description', 'status', 'timestamp'],
  TaskStatusUpdate: ['task_id', 'status', 'justification'],
  TaskResultMessage: ['task_id', 'result_type', 'completed_at'],
  TaskFile: ['task_id', 'task_description', 'created_at', 'status', 'status_justification', 'from', 'to'],
} as Record<string, readonly string[]>;

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A value of a request, with the names and types of the reference. A missing field is its zero value. */
function fromPipe(
  message: string,
  value: Fields,
  repeat?: { field: string; text: string; count: number },
): Args {
  const zero =
    message === 'TaskResult' ? { result: null } : message === 'SubmitResponse' ? { status: 0 } : {};
  const required = (REQUIRED[message] ?? []).map((name) => [name, '']);
  const given: Fields = { ...Object.fromEntries(required), ...zero, ...value };
  if (repeat) {
    const text = repeat.text.repeat(repeat.count);
    given[repeat.field] = repeat.field === 'file_data' ? Buffer.from(text) : text;
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, field]) => [camel(name), fromMark(name, field)]),
  );
}

function fromMark(name: string, field: unknown): unknown {
  if (name === 'result') return field;
  if (name === 'file_data' && typeof field === 'string') return Buffer.from(field, 'base64');
  if (typeof field !== 'object' || field === null || Buffer.isBuffer(field)) return field;
  if ('int64' in field) return BigInt(String(field.int64));
  // A string of JavaScript cannot hold bytes that are not UTF-8.
  if ('utf8_hex' in field) return Buffer.from(String(field.utf8_hex), 'hex').toString();
  return field;
}

/** A value of the reference as an answer has it. */
function toPipe(value: unknown): Fields {
  return Object.fromEntries(
    Object.entries(value as Fields).map(([name, field]) => [snake(name), toMark(name, field)]),
  );
}

function toMark(name: string, field: unknown): unknown {
  if (name === 'result') return field;
  if (typeof field === 'bigint') return { int64: String(field) };
  return field instanceof Uint8Array ? Buffer.from(field).toString('base64') : field;
}

const bytesOf = (text: string) => Buffer.from(text, 'base64');
const taskOf = ({ task }: Args): TaskFile => fromPipe('TaskFile', task);
const nowOf = ({ now }: Args): Instant => parseTime(now);

const CALCULATE = { idle: calculateTimeIdle, staged: calculateTimeStaged, cpu: calculateTimeCpu } as const;
const SINCE = { creation: timeSinceCreation, staged: timeSinceStaged } as const;

const OPS: Record<string, (args: Args) => unknown> = {
  encode: ({ message, value, repeat }) => {
    const { marshal } = MESSAGES[message] ?? unknown(message);
    const frame = encodeFrame(marshal(fromPipe(message, value, repeat)));
    return { frame_hex: Buffer.from(frame).toString('hex') };
  },
  decode: ({ message, payload_base64 }) => {
    const { type, unmarshal } = MESSAGES[message] ?? unknown(message);
    return toPipe(unmarshal({ type, payload: bytesOf(payload_base64) }));
  },
  read_frames: readFrames,
  type_name: ({ type }) => typeName(type),
  validate: ({ message, value, repeat }) => {
    try {
      (VALIDATORS[message] ?? unknown(message))(fromPipe(message, value, repeat));
      return { valid: true };
    } catch (error) {
      if (error instanceof ValidationError) return { valid: false };
      throw error;
    }
  },
  marshal_task_file: (args) => ({ text: Buffer.from(marshalTaskFile(taskOf(args))).toString() }),
  unmarshal_task_file: ({ text_base64 }) => toPipe(unmarshalTaskFile(bytesOf(text_base64))),
  new_task_file: (args) => toPipe(newTaskFile(fromPipe('', args), nowOf(args))),
  parse_time: ({ text }) => {
    const { seconds, nanosecond } = parseTime(text);
    return { unix_ms: seconds * 1000 + Math.floor(nanosecond / 1e6), nanosecond };
  },
  expiry: (args) => {
    const [task, now] = [taskOf(args), nowOf(args)];
    return {
      accept: isExpiredForAccept(task, now),
      queue: isExpiredInQueue(task, now),
      stalled: isAcceptedStalled(task, now),
    };
  },
  calculate: (args) => toPipe(CALCULATE[args.what as keyof typeof CALCULATE](taskOf(args), nowOf(args))),
  since: (args) => ({ ms: SINCE[args.what as keyof typeof SINCE](taskOf(args), nowOf(args)) }),
  polo: ({ time_idle_ms: timeIdleMs, time_staged_ms: timeStagedMs, time_cpu_ms: timeCpuMs }) =>
    toPipe(poloScoreRewardDetailed({ timeIdleMs, timeStagedMs, timeCpuMs })),
  generate_task_id: ({ count }) => ({ ids: Array.from({ length: count }, () => generateTaskId()) }),
  extension: ({ filename }) => {
    const dot = String(filename).lastIndexOf('.');
    const extension = dot < 0 ? '' : String(filename).slice(dot).toLowerCase();
    return {
      allowed: ALLOWED_RESULT_EXTENSIONS.has(extension),
      forbidden: FORBIDDEN_RESULT_EXTENSIONS.has(extension),
    };
  },
};

function readFrames({ chunks_base64, eof }: Args): unknown {
  const frames: unknown[] = [];
  const decoder = new FrameDecoder();
  try {
    for (const chunk of chunks_base64) {
      decoder.push(bytesOf(chunk));
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
        frames.push({ type: frame.type, payload_base64: Buffer.from(frame.payload).toString('base64') });
    }
    if (eof) decoder.end();
    return { frames };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { frames, error: error.code === 'frame-too-large' ? 'too-large' : 'truncated' };
  }
}

function unknown(message: string): never {
  throw new TypeError(`no message is named ${message}`);
}

function answer({ id, op, args }: { id: number; op: string; args: Args }): unknown {
  if (op === 'hello') {
    const ops = Object.keys(OPS);
    return {
      id,
      ok: true,
      value: { name: 'reference', version: '1', language: 'TypeScript', ops, clock: true },
    };
  }
  const run = OPS[op];
  if (run === undefined) return { id, unsupported: true };
  try {
    return { id, ok: true, value: run(args) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { id, ok: false, error: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
