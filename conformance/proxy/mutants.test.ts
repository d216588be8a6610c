/** The proxy between a broken client or a broken server and an honest peer: the fault is named, on the right side. */

import t, { type Test } from 'tap';
import { Deadline } from '../clients/run/deadline.ts';
import { clientOf, type Parts } from '../mutants/clients/client.ts';
import { clientMutants } from '../mutants/clients/index.ts';
import { mutants } from '../mutants/index.ts';
import type { Replacement } from '../mutants/server/pipeline.ts';
import { serveWith } from '../mutants/server/server.ts';
import type { Finding } from '../traffic/conversation.ts';
import { ConversationJudge } from '../traffic/judge.ts';
import { startProxy } from './proxy.ts';

const ID = '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163';
const SUBMIT = { task_description: 'hello', from_addr: '0:0000.0000.0001', to_addr: '0:0000.0000.0002' };
const UPDATE = { task_id: ID, status: 'ACCEPTED', justification: '' };
const FILE = {
  ...{ task_id: ID, result_type: 'file', filename: 'a.txt', file_data: '+/8=' },
  ...{ completed_at: '2025-06-01T12:00:00Z', time_idle_ms: 1, time_staged_ms: 2, time_cpu_ms: 3 },
};

type Action = 'submit' | 'update' | 'results';
type Case = readonly [name: string, action: Action, message: object, findings: readonly string[]];

const CLIENTS: readonly Case[] = [
  ['little-endian-header', 'submit', SUBMIT, ['sender F1 MUST']],
  ['length-with-header', 'submit', SUBMIT, ['sender F1 MUST']],
  ['encodes-twice', 'submit', SUBMIT, ['sender M6 MUST']],
  ['upper-case-id', 'submit', SUBMIT, ['sender S10 SHOULD']],
  ['status-in-lower-case', 'update', UPDATE, ['sender L1 MUST']],
  ['base64-for-urls', 'results', FILE, ['sender M10 MUST']],
  ['any-extension', 'results', { ...FILE, filename: 'a.py' }, ['sender R4 MUST']],
  ['line-break-after-frame', 'update', UPDATE, ['sender T2 SHOULD']],
];

const SERVERS: readonly Case[] = [
  ['unanswered', 'submit', SUBMIT, ['receiver S1 MUST']],
  ['answered-twice', 'submit', SUBMIT, ['receiver S1 MUST']],
  ['answer-of-type-2', 'submit', SUBMIT, ['receiver S1 SHOULD']],
  ['answer-little-endian', 'submit', SUBMIT, ['receiver S1 MUST']],
  ['status-201', 'submit', SUBMIT, ['receiver S2 MUST']],
  ['id-own', 'submit', SUBMIT, ['receiver S3 MUST']],
  ['message-missing', 'submit', SUBMIT, ['receiver S4 MUST']],
  ['updates-acknowledged', 'update', UPDATE, ['receiver U1 MUST']],
  ['results-acknowledged', 'results', FILE, ['receiver R1 MUST']],
];

/** The findings when a client sends one message to a server, as "side clause level". */
async function findingsOf(
  t: Test,
  { client = {}, server = () => ({}) }: { client?: Partial<Parts>; server?: Replacement },
  action: Action,
  message: object,
): Promise<readonly string[]> {
  const running = await serveWith(server, { folder: t.testdir() });
  t.teardown(running.close);
  const findings: Finding[] = [];
  let isClosed = (): void => {};
  const closed = new Promise<void>((resolve) => {
    isClosed = resolve;
  });
  const proxy = await startProxy({
    listen: { host: '127.0.0.1', port: 0 },
    target: running.address,
    opened: () => {
      const judge = new ConversationJudge();
      return {
        event: (event) => {
          for (const noted of judge.push(event)) if (noted.kind === 'finding') findings.push(noted.finding);
        },
        failed: () => {},
        closed: isClosed,
      };
    },
  });
  t.teardown(() => proxy.stop());
  const play = { action, message: {}, server: { name: 'none', describe: '', steps: [] } };
  const deadline = new Deadline(10_000);
  await clientOf(client)({
    ...{ ...proxy.address, play, message: JSON.stringify(message) },
    ...{ timeoutMs: 2000, deadline, signal: new AbortController().signal },
  });
  deadline.release();
  await closed;
  return findings.map(({ side, clause, level }) => `${side} ${clause} ${level}`);
}

t.test('honest sides', async (t) => {
  for (const [action, message] of [
    ['submit', SUBMIT],
    ['update', UPDATE],
    ['results', FILE],
  ] as const)
    await t.test(action, async (t) => t.strictSame(await findingsOf(t, {}, action, message), []));
});

t.test('broken clients', async (t) => {
  for (const [name, action, message, expected] of CLIENTS)
    await t.test(name, async (t) => {
      const mutant = clientMutants.find((one) => one.name === name);
      t.ok(mutant);
      t.strictSame(await findingsOf(t, { client: mutant?.breaks ?? {} }, action, message), expected);
    });
});

t.test('broken servers', async (t) => {
  for (const [name, action, message, expected] of SERVERS)
    await t.test(name, async (t) => {
      const mutant = mutants.find((one) => one.name === name);
      t.ok(mutant);
      t.strictSame(
        await findingsOf(t, { server: mutant?.breaks ?? (() => ({})) }, action, message),
        expected,
      );
    });
});
