/** The dissector for Wireshark: its tables against docs/protocol.md, and what tshark shows of the golden frames. */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ConnectionPackets, captureHeader } from '../../conformance/capture/capture-writer.ts';
import { readFixture, vectorFile } from '../../conformance/vectors/load.ts';
import { filesOf } from './formats.ts';
import { selectVectors } from './select.ts';
import {
  DOCUMENTED_EXTENSIONS,
  DOCUMENTED_MESSAGES,
  DOCUMENTED_STATES,
  DOCUMENTED_TYPES,
  type DocumentedField,
} from './testing/protocol-tables.ts';

const SCRIPT = 'docs/wireshark/tasksubmit.lua';
const LUA = readFileSync(SCRIPT, 'utf8');

t.test('its tables are those of docs/protocol.md', (t) => {
  const between = (from: string, to: string): string => LUA.split(from)[1]?.split(to)[0] ?? '';
  const types = [...between('local TYPES = {', '\n').matchAll(/\[(\d)\] = "(\w+)"/g)];
  t.strictSame(
    types.map(([, number, name]) => [Number(number), name]),
    DOCUMENTED_TYPES.map(({ number, name }) => [number, name]),
  );
  const messages = [...between('local MESSAGES = {', '\n}\n').matchAll(/^ {2}(\w+) = \{(.*?)^ {2}\}/gms)];
  t.strictSame(new Map(messages.map(([, name, rows]) => [name, fieldsIn(rows ?? '')])), DOCUMENTED_MESSAGES);
  t.ok(DOCUMENTED_MESSAGES.size === 5 && DOCUMENTED_TYPES.length === 4, 'the tables were found');
  const words = (from: string): string[] => between(from, ':gmatch').match(/\.?\b[A-Za-z0-9]{2,}\b/g) ?? [];
  t.strictSame(words('for state in').sort(), [...DOCUMENTED_STATES].sort());
  t.strictSame(words('for extension in'), DOCUMENTED_EXTENSIONS);
  t.end();
});

function fieldsIn(rows: string): DocumentedField[] {
  const ROW = /\{ "(\w+)", "(string|integer|base64|any)"(?:, (\d+), "(\w+)")? \}/g;
  return [...rows.matchAll(ROW)].map(([, name = '', kind, bytes, clause = '']) => ({
    name,
    kind: kind as DocumentedField['kind'],
    ...(bytes !== undefined && { bound: { bytes: Number(bytes), clause } }),
  }));
}

const skip = spawnSync('tshark', ['--version']).error ? 'there is no tshark' : false;

/** A row for each packet that the filter selects: the fields, each with all of its values. */
function tshark(file: string, filter: string, fields: readonly string[]): string[][] {
  const out = execFileSync(
    'tshark',
    [
      ...['-X', `lua_script:${SCRIPT}`, '-r', file, '-2', '-Y', filter, '-T', 'fields'],
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, TZ: 'UTC' } },
  );
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

t.test('tshark shows every golden frame', { skip }, (t) => {
  const dir = t.testdir();
  const file = join(dir, 'golden.pcapng');
  const [golden] = filesOf('pcapng', selectVectors({ only: ['golden-*'], levels: undefined })).files;
  writeFileSync(file, golden?.content() ?? '');
  const { vectors } = vectorFile('golden/index');
  const shown = tshark(file, 'tasksubmit', [
    ...['tcp.stream', 'tasksubmit.type', 'tasksubmit.length', 'tasksubmit.message', 'tasksubmit.status'],
    ...['tasksubmit.task_id', 'tasksubmit.illegal', '_ws.lua.error'],
  ]);
  t.strictSame(
    shown.map(([stream]) => Number(stream)),
    vectors.map((_, at) => at),
    'one packet of each connection',
  );
  for (const [at, vector] of vectors.entries()) {
    const [, type, length, message, status = '', id, illegal = '', error] = shown[at] ?? [];
    const bytes = readFixture(`golden/${vector.file}`);
    t.equal(type, String(bytes.readUInt32BE(0)), `${vector.id}: type`);
    t.equal(length, bytes.length < 8 ? '' : String(bytes.readUInt32BE(4)), `${vector.id}: length`);
    t.equal(error, '', `${vector.id}: no error in the script`);
    if (vector.valid) {
      t.strictSame([message, illegal], [vector.message, ''], vector.id);
      t.strictSame(
        [status, id],
        [String(vector.value['status'] ?? ''), vector.value['task_id'] ?? ''],
        vector.id,
      );
    } else t.ok(illegal.split(',').includes(vector.clause), `${vector.id}: ${illegal}`);
  }
  const refused = tshark(file, 'tasksubmit.illegal', ['tcp.stream']);
  t.strictSame(
    refused.map(([stream]) => vectors[Number(stream)]?.valid),
    vectors.filter(({ valid }) => !valid).map(() => false),
    'a filter finds the refused ones',
  );
  t.end();
});

t.test('tshark joins segments, an exchange, and the messages of a task, on any port', { skip }, (t) => {
  const file = join(t.testdir(), 'life.pcapng');
  const [submit, response, update] = ['submit-request', 'submit-response', 'task-status-update'].map((name) =>
    readFixture(`golden/${name}.bin`),
  ) as [Buffer, Buffer, Buffer];
  const connection = (client: number, port: number) =>
    new ConnectionPackets({ host: '::1', port: client }, { host: '::1', port });
  const [first, second] = [connection(50_001, 1003), connection(50_002, 7003)];
  const blocks = [
    captureHeader(),
    first.open(0),
    ...[0, 3, 9, 100].map((from, nth, all) =>
      first.data('client', submit.subarray(from, all[nth + 1]), 1 + nth),
    ),
    first.data('server', response, 250),
    second.open(300),
    second.data('client', Buffer.concat([update, update]), 301),
  ];
  writeFileSync(file, Buffer.concat(blocks));
  const rows = tshark(file, 'tasksubmit.task_id == "3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163"', [
    ...['frame.number', 'tasksubmit.message', 'tasksubmit.response_in', 'tasksubmit.response_to'],
    ...['tasksubmit.response_time', 'tasksubmit.previous'],
  ]);
  t.strictSame(rows, [
    ['7', 'SubmitRequest', '8', '', '', ''],
    ['8', 'SubmitResponse', '', '7', '0.246000000', '7'],
    ['12', 'TaskStatusUpdate,TaskStatusUpdate', '', '', '', '8,8'],
  ]);
  t.end();
});
