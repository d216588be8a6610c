import t from 'tap';
import { validateSubmitRequest, validateTaskResultMessage, validateTaskStatusUpdate } from './validation.ts';

const KIB = 1024;

/** Strings of exactly `bytes` bytes of UTF-8, with characters of one, two and four bytes. */
function stringsOf(bytes: number): readonly string[] {
  return ['a'.repeat(bytes), '\u00e9'.repeat(bytes / 2), '\u{1f600}'.repeat(bytes / 4)];
}

t.test('a description has at most 16 KiB of UTF-8 (S5)', (t) => {
  const request = { taskId: 'id', fromAddr: '', toAddr: '' };
  for (const taskDescription of ['', ...stringsOf(16 * KIB)]) {
    t.doesNotThrow(() => validateSubmitRequest({ ...request, taskDescription }));
  }
  for (const taskDescription of stringsOf(16 * KIB).map((text) => `${text}a`)) {
    t.throws(() => validateSubmitRequest({ ...request, taskDescription }), {
      name: 'ValidationError',
      code: 'description-too-long',
      clause: 'S5',
    });
  }
  const surrogates = '\ud800'.repeat(16 * KIB);
  t.throws(() => validateSubmitRequest({ ...request, taskDescription: surrogates.slice(0, 5462) }), {
    code: 'description-too-long',
  });
  t.doesNotThrow(() => validateSubmitRequest({ ...request, taskDescription: surrogates.slice(0, 5461) }));
  t.end();
});

t.test('a justification has at most 4 KiB of UTF-8 (U4)', (t) => {
  const update = { taskId: 'id', status: 'DECLINED' };
  for (const justification of ['', ...stringsOf(4 * KIB)]) {
    t.doesNotThrow(() => validateTaskStatusUpdate({ ...update, justification }));
    if (justification === '') continue;
    t.throws(() => validateTaskStatusUpdate({ ...update, justification: `${justification}a` }), {
      code: 'justification-too-long',
      clause: 'U4',
    });
  }
  t.end();
});

t.test('the three bounds of a result are inclusive and checked in order (R2)', (t) => {
  const message = { taskId: 'id', resultType: 'file', completedAt: '' };
  const file = new Uint8Array(15 * KIB * KIB + 1);
  const over = { resultText: 'a'.repeat(KIB * KIB + 1), filename: 'a'.repeat(257), fileData: file };
  t.doesNotThrow(() => validateTaskResultMessage(message));
  for (const [index, filename] of stringsOf(256).entries()) {
    const resultText = stringsOf(KIB * KIB)[index] ?? '';
    t.doesNotThrow(() =>
      validateTaskResultMessage({ ...message, resultText, filename, fileData: file.subarray(1) }),
    );
  }
  const refused = (fields: object, code: string) =>
    t.throws(() => validateTaskResultMessage({ ...message, ...fields }), { code, clause: 'R2' });
  refused(over, 'result-text-too-long');
  refused({ filename: over.filename, fileData: file }, 'filename-too-long');
  refused({ fileData: file }, 'file-too-large');
  t.end();
});
