/**
 * `conform encode`: a message → the bytes of its frame. Flags and JSON both become members of one JSON object, which the
 * reference decodes and encodes again: what comes out is canonical (M12), and what no decoder would take is refused.
 */

import { basename } from 'node:path';
import type { Argv } from 'yargs';
import { printable } from '../../conformance/util/printable.ts';
import type { Command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import type { FieldRow, MessageRow } from '../dissect/table.ts';
import { readInput } from '../options/input.ts';

interface EncodeOptions {
  kind: string;
  json: string | undefined;
  file: string | undefined;
  hex: boolean;
}

/** Every field that a flag can set: all but `file_data`. */
const FLAGS = {
  'task-id': 'submit, response, update, results',
  'task-description': 'submit, result',
  'from-addr': 'submit',
  'to-addr': 'submit',
  status: 'response: 200 or 400; result: success or error; update: such as ACCEPTED',
  message: 'response',
  result: 'result: any JSON',
  error: 'result',
  timestamp: 'result: RFC 3339',
  justification: 'update',
  'result-type': 'results: text or file',
  'result-text': 'results',
  filename: 'results; the name of --file unless given',
  'completed-at': 'results: RFC 3339',
  'time-idle-ms': 'results',
  'time-staged-ms': 'results',
  'time-cpu-ms': 'results',
} as const;

export const encodeCommand: Command<EncodeOptions> = {
  command: 'encode <kind>',
  describe: 'Write the canonical frame of a message, from flags or JSON, to standard output',
  builder: (yargs: Argv) => {
    // Read by name, in fromFlags: which of them a message has is the table's to say.
    for (const [flag, describe] of Object.entries(FLAGS)) {
      yargs.option(flag, { type: 'string', requiresArg: true, describe, group: 'Fields:' });
    }
    return yargs
      .positional('kind', {
        choices: ['submit', 'response', 'result', 'update', 'results'],
        demandOption: true,
        describe: 'SubmitRequest, SubmitResponse, TaskResult, TaskStatusUpdate or TaskResultMessage',
      })
      .option('json', {
        type: 'string',
        requiresArg: true,
        describe:
          'The fields as a JSON object, a file with one, or - for standard input; flags replace its fields',
      })
      .option('file', { type: 'string', requiresArg: true, describe: 'results: a file as the result' })
      .option('hex', { type: 'boolean', default: false, describe: 'As hex on one line' })
      .example("$0 encode submit --task-id a --task-description 'Say hello' > frame.bin", 'from flags')
      .example('$0 encode response --json \'{"task_id":"a","status":200,"message":"ok"}\' --hex', 'from JSON')
      .example('$0 encode results --task-id a --file report.pdf | $0 decode', 'with a file');
  },
  run: async (options, context) => {
    if (context.isTerminal && !options.hex) {
      throw new UsageError(
        'a frame is binary and would garble the terminal; add --hex, or send it to a file or a pipe',
      );
    }
    const { MESSAGES } = await import('../dissect/table.ts');
    const row = MESSAGES.find(({ word }) => word === options.kind);
    if (row === undefined) throw new UsageError(`no message ${printable(options.kind)}`);
    const members = {
      ...(await fromJson(options.json, row)),
      ...(await fromFile(options.file, row)),
      ...fromFlags(options, row),
    };
    return writeFrame(row, members, options.hex, context);
  },
};

/** JSON text by the name of its field. */
type Members = Readonly<Record<string, string>>;

async function writeFrame(
  row: MessageRow,
  members: Members,
  hex: boolean,
  context: Context,
): Promise<number> {
  const [{ encodeFrame, ProtocolError }, { dissect, violationsOf }] = await Promise.all([
    import('../../reference/index.ts'),
    import('../dissect/dissect.ts'),
  ]);
  const refuse = (clause: string, text: string): number => {
    context.err(`conform: refused, ${clause}: ${printable(text)}\n`);
    return 1;
  };
  const json = Object.entries(members).map(([name, text]) => `"${name}":${text}`);
  try {
    const bytes = encodeFrame(row.decode(Buffer.from(`{${json.join(',')}}`)).toFrame());
    const [violation] = Array.from(dissect(bytes)).flatMap(({ parts }) => violationsOf(parts));
    if (violation !== undefined) return refuse(violation.clause, violation.text);
    context.out(hex ? `${Buffer.from(bytes).toString('hex')}\n` : bytes);
    return 0;
  } catch (error) {
    if (error instanceof ProtocolError) return refuse(error.clause, error.message);
    throw error;
  }
}

function fromFlags(options: Readonly<Record<string, unknown>>, row: MessageRow): Members {
  const members: Record<string, string> = {};
  for (const flag of Object.keys(FLAGS)) {
    const value = options[flag];
    if (typeof value !== 'string') continue;
    const field = row.fields.find(({ name }) => name === flag.replaceAll('-', '_'));
    if (field === undefined) throw new UsageError(`--${flag}: a ${row.name} has no such field`);
    members[field.name] = flagJson(flag, field, value);
  }
  return members;
}

function flagJson(flag: string, { kind }: FieldRow, value: string): string {
  if (kind === 'string') return JSON.stringify(value);
  if (kind === 'integer' ? /^-?\d{1,19}$/.test(value) : isJson(value)) return value;
  throw new UsageError(
    `--${flag} ${printable(value, 60)} is no ${kind === 'integer' ? 'whole number' : 'JSON'}`,
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
        `--json: a ${row.name} has no field ${shown}; it has ${row.fields.map(({ name }) => name).join(', ')}`,
      );
    }
    if (name in taken) throw new UsageError(`--json: ${shown} stands there twice`);
    taken[name] = payload.toString('utf8', start, end);
  }
  if (step.value.kind === 'malformed') throw new UsageError(`--json: ${step.value.error.message}`);
  if (step.value.kind === 'other') throw new UsageError('--json: a message is a JSON object');
  return taken;
}
