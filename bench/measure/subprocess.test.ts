import t from 'tap';
import { measureRow } from '../codec/row.ts';
import { runSubprocesses } from './subprocess.ts';

const ROW = new URL('../codec/row.ts', import.meta.url).href;

t.test('a row is measured once in each process', async (t) => {
  const rows = await measureRow({ direction: 'decode', message: 'SubmitRequest', bytes: 100 }, 2, undefined);
  t.equal(rows.length, 2);
  for (const { frameBytes, ns, samplesNs, jsonNs, copyNs, allocated } of rows) {
    t.equal(frameBytes, 240);
    for (const time of [ns, jsonNs, copyNs]) t.ok(time > 0);
    t.ok(Math.min(...samplesNs) <= ns && ns <= Math.max(...samplesNs));
    t.ok(allocated === null || allocated > 240);
  }
});

t.test('a measurement that fails says why', async (t) => {
  await t.rejects(
    runSubprocesses(1, ROW, ['encode', 'no message', '1'], {}),
    /there is no message no message/,
  );
});

t.test('whoever waits for it may end it', async (t) => {
  const controller = new AbortController();
  const args = ['encode', 'SubmitRequest', '100'];
  const measured = runSubprocesses(1000, ROW, args, { signal: controller.signal });
  controller.abort();
  await t.rejects(measured, { name: 'AbortError' });
});
