/** `conform proxy`: a good and a faulty server, reports, a recording, and a signal. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CapturedStreams } from '../../../conformance/capture/captured-streams.ts';
import { closedPort, listen } from '../../../conformance/testing/loopback.ts';
import { answer, submit } from '../../../conformance/testing/traffic.ts';
import { formatAddress } from '../../../reference/protocol/address.ts';
import { conformHere, start } from '../../testing/process.ts';

const SENDS = `const net = require('node:net');
  const { CONFORM_HOST: host, CONFORM_PORT: port } = process.env;
  net.connect({ host, port }).on('data', () => process.exit(0)).write(Buffer.from('${submit().toString('hex')}', 'hex'));`;
const CLIENT = `${process.execPath} -e "${SENDS.replaceAll(/\s+/g, ' ')}"`;

async function server(t: Test, reply: Buffer): Promise<string> {
  const { address, close } = await listen((socket) => void socket.once('data', () => socket.end(reply)));
  t.teardown(close);
  return formatAddress(address);
}

/** The arguments of a proxy that fails when a side breaks a MUST. */
const gate = (target: string): readonly string[] => [
  'proxy',
  '--listen',
  '0',
  '--target',
  target,
  '--fail-on',
  'must',
];

t.test('a gate: the side that breaks a MUST is named, and the status is 1', async (t) => {
  const target = await server(t, answer({ status: 201 }));
  const folder = join(t.testdir(), 'kept');
  const { status, out } = await conformHere(...gate(target), '--record', folder, '--while', CLIENT);
  t.equal(status, 1, out);
  t.match(out, /#1 → .* SUBMIT, \d+ bytes: task_id "3b9f/);
  t.match(out, /#1 ! the receiver \(receiver\/status, S2, MUST\): the answer's status is 201/);
  t.match(out, /FAIL +receiver\/status/);
  t.notMatch(out, /FAIL +sender/);
  t.strictSame(readdirSync(folder), ['connection-000001.jsonl', 'traffic.pcapng']);
  const streams = new CapturedStreams();
  const kept = [...streams.push(readFileSync(join(folder, 'traffic.pcapng'))), ...streams.end()];
  t.strictSame(kept.find(({ isClient }) => isClient)?.bytes, submit());
  const lines = readFileSync(join(folder, 'connection-000001.jsonl'), 'utf8').trim().split('\n');
  t.match(JSON.parse(lines[1] ?? ''), { kind: 'sent', hex: submit().toString('hex') });
});

t.test('a report for a program, and no fault', async (t) => {
  const target = await server(t, answer());
  const { status, out, err } = await conformHere(...gate(target), '--reporter', 'json', '--while', CLIENT);
  t.equal(status, 0, err);
  t.match(JSON.parse(out), { summary: { exitStatus: 0, verdict: 'conforms' } });
  t.match(err, /#1 ← .* status 200/);
});

t.test('a report that cannot be written is no success', { skip: !existsSync('/dev/full') }, async (t) => {
  const target = await server(t, answer());
  const full = ['--reporter', 'junit=/dev/full', '--while', CLIENT];
  const { status, err } = await conformHere(...gate(target), ...full);
  t.equal(status, 4);
  t.match(err, /cannot write \/dev\/full \(ENOSPC.*\n(.*\n)*conform: a report is incomplete or missing/);
});

t.test('a signal ends the process with a complete report', async (t) => {
  const target = await server(t, answer());
  const child = start('proxy', '--listen', '0', '--target', target, '--quiet');
  let shown = '';
  const port = await new Promise<number>((resolve) => {
    child.stdout?.on('data', (text) => {
      shown += text;
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(shown)?.[1];
      if (found) resolve(Number(found));
    });
  });
  await new Promise((resolve) => net.connect(port, '127.0.0.1').on('data', resolve).write(submit()));
  child.kill('SIGTERM');
  const { status, out } = await child.ended;
  t.equal(status, 0);
  t.match(out, /1 connection, 1 request, 1 answer/);
  t.match(out, /conforms: \d+ of 41/);
});

t.test('nothing passed, the target is gone, the command fails', async (t) => {
  const target = formatAddress(await closedPort());
  const idle = await conformHere(...gate(target), '--quiet', '--while', 'true');
  t.equal(idle.status, 4, idle.out);
  const failed = await conformHere('proxy', '--listen', '0', '--target', target, '--while', 'exit 3');
  t.equal(failed.status, 1);
  t.match(failed.err, /ended with status 3/);
  t.equal((await conformHere('proxy', '--listen', 'x', '--target', target)).status, 2);
  t.equal((await conformHere('proxy', '--listen', '0', '--target', '192.0.2.1:1003')).status, 2);
});
