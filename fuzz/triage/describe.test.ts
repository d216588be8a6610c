import t from 'tap';
import { readSent } from '../case/sent.ts';
import { type Execution, readExecution } from '../execute/execute.ts';
import { describeExecutions } from './describe.ts';

function executed(payload: string, ending: 'fin' | 'hung'): Execution {
  const sent = readSent([{ do: 'bytes', bytes: Buffer.from(`\0\0\0\x01\0\0\0\x02${payload}`, 'latin1') }]);
  return readExecution(sent, { received: Buffer.alloc(0), ending, afterMs: 1 });
}

const HEADER = '\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x02';

t.test('one connection has no number', async (t) => {
  t.strictSame(describeExecutions([executed('{}', 'fin')], { closes: true }), [
    `sent 10 bytes: ${HEADER}{}`,
    'nothing came back',
    'the target closed the connection',
  ]);
});

t.test('the connection that breaks the invariant is first, and says so', async (t) => {
  const lines = describeExecutions(
    [executed('[]', 'fin'), executed('{}', 'hung'), executed('""', 'fin')],
    { closes: true },
    'reacts',
  );
  t.equal(lines[0], `connection 2 of 3, which shows it: sent 10 bytes: ${HEADER}{}`);
  t.equal(lines[3], `connection 1 of 3: sent 10 bytes: ${HEADER}[]`);
  t.equal(lines[6], `connection 3 of 3: sent 10 bytes: ${HEADER}""`);
  t.equal(lines.length, 9);
});

t.test('without such a connection, they are in their order', async (t) => {
  const lines = describeExecutions([executed('[]', 'fin'), executed('{}', 'fin')], { closes: true }, 'idles');
  t.match(lines[0], /^connection 1 of 2: sent/);
  t.match(lines[3], /^connection 2 of 2: sent/);
});
