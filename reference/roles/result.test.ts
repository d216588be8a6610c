import fc from 'fast-check';
import t from 'tap';
import { outcomeOf, type Result, resultMessage, resultOf } from './result.ts';

const task = { taskId: 'a', completedAt: '2026-01-01T00:00:00Z', timeIdleMs: 1, timeCpuMs: 3 };

t.test('a message contains the result and the times that are set (R7)', (t) => {
  t.strictSame(resultMessage(task, { kind: 'text', text: 'ten' }), {
    ...task,
    resultType: 'text',
    resultText: 'ten',
  });
  const data = Buffer.from('a,b');
  t.strictSame(resultMessage({ taskId: 'a' }, { kind: 'file', filename: 'a.csv', data }), {
    taskId: 'a',
    resultType: 'file',
    filename: 'a.csv',
    fileData: data,
    completedAt: '',
  });
  t.end();
});

t.test('the result of a message is the result that was sent', (t) => {
  const result: fc.Arbitrary<Result> = fc.oneof(
    fc.record({ kind: fc.constant('text' as const), text: fc.string({ unit: 'binary' }) }),
    fc.record({
      kind: fc.constant('file' as const),
      filename: fc
        .stringMatching(/^[a-z]{1,8}\.(txt|csv|png)$/)
        .filter((name) => !/^(con|prn|aux|nul)\./.test(name)),
      data: fc.uint8Array({ minLength: 1 }),
    }),
  );
  fc.assert(
    fc.property(result, (result) => {
      const read = resultOf(resultMessage(task, result));
      if (read.kind === 'text') return result.kind === 'text' && read.text === result.text;
      return result.kind === 'file' && read.filename === result.filename && read.data === result.data;
    }),
  );
  t.end();
});

t.test('a message without file data is a text (R6)', (t) => {
  for (const resultType of ['file', 'text', '', 'other']) {
    const result = resultOf({
      taskId: 'a',
      completedAt: '',
      resultType,
      resultText: 'ten',
      filename: 'a.js',
    });
    t.strictSame(outcomeOf(result), { resultType: 'text', results: 'ten' });
  }
  t.end();
});
