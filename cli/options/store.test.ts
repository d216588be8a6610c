import t from 'tap';
import { listen } from '../../conformance/testing/loopback.ts';
import { dialBack } from './store.ts';

t.test('the time limit and the signal hold for each message to a submitter', async (t) => {
  const silent = await listen(() => {});
  t.teardown(silent.close);
  // More than the system takes of a message that the peer does not read.
  const large = 'x'.repeat(11 * 1024 * 1024);
  type Connection = Awaited<ReturnType<ReturnType<typeof dialBack>>>;
  const messages = {
    update: (client: Connection) =>
      client.sendStatusUpdate({ taskId: 'a', status: large, justification: '' }),
    results: (client: Connection) =>
      client.sendResults({
        ...{ taskId: large, resultType: 'text', resultText: 'done' },
        completedAt: '2026-01-02T03:04:05Z',
      }),
  };
  for (const [name, send] of Object.entries(messages)) {
    // On a busy machine the connection may take as long.
    await t.rejects(dialBack(70)(silent.address).then(send), { code: 'timeout', message: /\b70 ms/ }, name);
    const controller = new AbortController();
    const aborted = await dialBack(600_000, controller.signal)(silent.address);
    const sending = send(aborted);
    controller.abort();
    await t.rejects(sending, { code: 'aborted' }, name);
    aborted.close();
  }
});
