/**
 * `conform encode`: writes the frame of a message. Options and JSON both become members of one JSON object, which the
 * reference decodes and encodes again: the frame is canonical (M12), and an object that no decoder accepts is refused.
 */

import { basename } from 'node:path';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { printable } from '../../conformance/util/printable.ts';
import { command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import type { FieldRow, MessageRow } from '../dissect/table.ts';
import { readInput } from '../options/input.ts';

/** An option for each field that has one: all but `file_data`. The table of messages decides which fields a message has. */
const FIELD_OPTIONS = {
  'task-id': field('submit, response, update, results'),
  'task-description': field('submit, result'),
  'from-addr': field('submit'),
  'to-addr': field('submit'),
  status: field('response: 200 or 400; result: success or error; update: such as ACCEPTED'),
  message: field('response'),
  result: field('result: any JSON'),
  error: field('result'),
  timestamp: field('result: RFC 3339'),
  justification: field('update'),
  'result-type': field('results: text or file'),
  'result-text': field('results'),
  filename: field('results; default: the name of --file'),
  'completed-at': field('results: RFC 3339'),
  'time-idle-ms': field('results'),
  'time-staged-ms': field('results'),
  'time-cpu-ms': field('results'),
} as const;

export const encodeCommand = command({
  usage: 'encode <kind>',
  describe: 'Write the canonical frame of a message, from options or JSON',
  printsResult: true,
  exits: { success: 'the frame was written', failed: 'the message is not valid, and was not written' },
  positionals: {
    kind: {
      choices: ['submit', 'response', 'result', 'update', 'results'],
      demandOption: true,
      describe: 'SubmitRequest, SubmitResponse, TaskResult, TaskStatusUpdate or TaskResultMessage',
    },
  },
  options: {
    ...FIELD_OPTIONS,
    fields: {
      type: 'string',
      requiresArg: true,
      describe:
        'The fields as a JSON object, a file with one, or - for standard input; options replace its fields',
    },
    file: { type: 'string', requiresArg: true, describe: 'results: file that becomes the result' },
    hex: { type: 'boolean', default: false, describe: 'Write hex digits on one line instead of bytes' },
  },
  examples: [
    ["$0 encode submit --task-id a --task-description 'Say hello' > frame.bin", 'from options'],
    ['$0 encode response --fields \'{"task_id":"a","status":200,"message":"ok"}\' --hex', 'from JSON'],
    ['$0 encode results --task-id a --file report.pdf | $0 decode', 'with a file'],
  ],
  run: async (options, context) => {
    if (context.isTerminal && !options.hex) {
      throw new UsageError('a frame is binary data; add --hex, or redirect the output to a file or a pipe');
    }
    const { MESSAGES } = await import('../dissect/table.ts');
    const row = MESSAGES.find(({ word }) => word === options.kind);
    if (row === undefined) throw new UsageError(`no message ${printable(options.kind)}`);
    const members = {
      ...(await fromJson(options.fields, row)),
      ...(await fromFile(options.file, row)),
      ...fromOptions(options, row),
    };
    return writeFrame(row, members, options.hex, context);
  },
});

function field(messages: string) {
  return { type: 'string', requiresArg: true, describe: messages, group: 'Fields:' } as const;
}

/** JSON text by the name of its field. */
type Members = Readonly<Record<string, string>>;

async function writeFrame(
  row: MessageRow,
  members: Members,
  hex: boolean,
  context: Context,
): Promise<ExitStatus> {
  const [{ encodeFrame, ProtocolError }, { dissect, violationsOf }] = await Promise.all([
    import('../../reference/index.ts'),
    import('../dissect/dissect.ts'),
  ]);
  const refuse = (clause: string, text: string): ExitStatus => {
    context.err(`conform: refused, ${clause}: ${printable(text)}\n`);
    return EXIT.failed;
  };
  const json = Object.entries(members).map(([name, text]) => `"${name}":${text}`);
  try {
    const bytes = encodeFrame(row.decode(Buffer.from(`{${json.join(',')}}`)).toFrame());
    const [violation] = Array.from(dissect(bytes)).flatMap(({ parts }) => violationsOf(parts));
    if (violation !== undefined) return refuse(violation.clause, violation.text);
    context.out(hex ? `${Buffer.from(bytes).toString('hex')}\n` : bytes);
    return EXIT.success;
  } catch (error) {
    if (error instanceof ProtocolError) return refuse(error.clause, error.message);
    throw error;
  }
}

function fromOptions(options: Readonly<Record<string, unknown>>, row: MessageRow): Members {
  const members: Record<string, string> = {};
  for (const option of Object.keys(FIELD_OPTIONS)) {
    const value = options[option];
    if (typeof value !== 'string') continue;
    const field = row.fields.find(({ name }) => name === option.replaceAll('-', '_'));
    if (field === undefined) throw new UsageError(`--${option}: a ${row.name} has no such field`);
    members[field.name] = optionJson(option, field, value);
  }
  return members;
}

function optionJson(option: string, { kind }: FieldRow, value: string): string {
  if (kind === 'string') return JSON.stringify(value);
  if (kind === 'integer' ? /^-?\d{1,19}$/.test(value) : isJson(value)) return value;
  throw new UsageError(
    `--${option} ${printable(value, 60)} is not ${kind === 'integer' ? 'a whole number' : 'JSON'}`,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function fromFile(file: string | undefined, row: MessageRow): Promise<Members> {
  if (file === undefined) return {};
  if (!row.fields.some(({ kind }) => kind === 'base64'))
    throw new UsageError(`--file: a ${row.name} carries no file`);
  const data = await readInput(file, 'a file');
  return {
    result_type: '"file"',
    filename: JSON.stringify(basename(file)),
    file_data: `"${data.toString('base64')}"`,
  };
}

/** From an object with the names of the wire, each one once. */
async function fromJson(json: string | undefined, row: MessageRow): Promise<Members> {
  if (json === undefined) return {};
  const payload = json.trimStart().startsWith('{') ? Buffer.from(json) : await readInput(json, 'JSON');
  const { members } = await import('../dissect/members.ts');
  const taken: Record<string, string> = {};
  const walk = members(payload);
  let step = walk.next();
  for (; !step.done; step = walk.next()) {
    const { name, start, end } = step.value;
    const shown = printable(name, 40);
    if (!row.fields.some((field) => field.name === name)) {
      throw new UsageError(
        `--fields: a ${row.name} has no field ${shown}; it has ${row.fields.map(({ name }) => name).join(', ')}`,
      );
    }
    if (name in taken) throw new UsageError(`--fields: the field ${shown} is given twice`);
    taken[name] = payload.toString('utf8', start, end);
  }
  if (step.value.kind === 'malformed') throw new UsageError(`--fields: ${step.value.error.message}`);
  if (step.value.kind === 'other') throw new UsageError('--fields: a message is a JSON object');
  return taken;
}
