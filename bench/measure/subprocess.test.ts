import t from 'tap';
import { measureRow } from '../codec/row.ts';
import { runSubprocess } from './subprocess.ts';

const ROW = new URL('../codec/row.ts', import.meta.url).href;

t.test('a row is measured once in a process', async (t) => {
  const row = { direction: 'decode', message: 'SubmitRequest', bytes: 100 } as const;
  const rows = await measureRow(row, { rounds: 1 });
  t.equal(rows.length, 1);
  for (const { frameBytes, ns, samplesNs, jsonNs, copyNs, allocatedBytes } of rows) {
    t.equal(frameBytes, 240);
    for (const time of [ns, jsonNs, copyNs]) t.ok(time > 0);
    t.ok(Math.min(...samplesNs) <= ns && ns <= Math.max(...samplesNs));
    t.ok(allocatedBytes === null || allocatedBytes > 240);
  }
});

t.test('a measurement that fails gives the reason', async (t) => {
  await t.rejects(runSubprocess(ROW, ['encode', 'no message', '1'], {}), /there is no message no message/);
});

t.test('the signal ends a measurement', async (t) => {
  const controller = new AbortController();
  const args = ['encode', 'SubmitRequest', '100'];
  const measured = runSubprocess(ROW, args, { signal: controller.signal });
  controller.abort();
  await t.rejects(measured, { name: 'AbortError' });
});
