import t from 'tap';
import { answering, response } from '../../conformance/testing/answering.ts';
import { listen } from '../../conformance/testing/loopback.ts';
import { SubmitClient } from './submit-client.ts';

t.test('an answer that is too large is not kept', async (t) => {
  const target = await answering(() => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(1, 0);
    header.writeUInt32BE(16 * 1024 * 1024, 4);
    return Buffer.concat([header, Buffer.alloc(1024 * 1024, ' ')]);
  });
  t.teardown(target.close);
  const client = new SubmitClient(target.address, { keepOpen: false, timeoutMs: 10_000 });
  await t.rejects(client.submit(), { message: 'the answer is too large to be measured' });
});

t.test('answers that nothing asked for are not kept', async (t) => {
  const payload = Buffer.from(JSON.stringify({ task_id: '', status: 200, message: '' }));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(1, 0);
  header.writeUInt32BE(payload.length, 4);
  const answer = Buffer.concat([header, payload]);
  const { address, close } = await listen((socket) => {
    socket.write(Buffer.concat(Array<Buffer>(20_000).fill(answer)));
  });
  t.teardown(close);
  const client = new SubmitClient(address, { keepOpen: true, timeoutMs: 10_000 });
  const submissions = async (): Promise<void> => {
    for (let sent = 0; sent < 20_000; sent += 1) await client.submit();
  };
  await t.rejects(submissions(), { message: 'the answer is too large to be measured' });
});

t.test('the status of an answer', async (t) => {
  for (const status of [200, 400]) {
    const target = await answering((chunk) => response(chunk, status));
    t.teardown(target.close);
    const client = new SubmitClient(target.address, { keepOpen: false, timeoutMs: 10_000 });
    t.equal(await client.submit(), status);
  }
});

t.test('an answer that comes byte by byte, and never ends, is late', async (t) => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(1, 0);
  header.writeUInt32BE(1000, 4);
  const { address, close } = await listen((socket) => {
    socket.write(header);
    const timer = setInterval(() => socket.write(' '), 5);
    socket.on('close', () => clearInterval(timer));
  });
  t.teardown(close);
  const client = new SubmitClient(address, { keepOpen: false, timeoutMs: 100 });
  await t.rejects(client.submit(), { message: 'no answer in time' });
});
