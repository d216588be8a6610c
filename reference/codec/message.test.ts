import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { TYPE_RESULT, TYPE_SEND_RESULTS, TYPE_STATUS_UPDATE, TYPE_SUBMIT } from '../protocol/constants.ts';
import { ProtocolError } from '../protocol/errors.ts';
import {
  submitRequest,
  submitResponse,
  taskResult,
  taskResultMessage,
  taskStatusUpdate,
} from '../testing/arbitraries.ts';
import type { Frame } from './frame.ts';
import {
  marshalSubmitRequest,
  marshalSubmitResponse,
  marshalTaskResult,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  unmarshalSubmitRequest,
  unmarshalSubmitResponse,
  unmarshalTaskResult,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from './message.ts';

interface Codec {
  readonly type: number;
  readonly marshal: (value: never) => Frame;
  readonly unmarshal: (frame: Frame) => object;
  readonly values: fc.Arbitrary<object>;
}

const CODECS: Readonly<Record<string, Codec>> = {
  SubmitRequest: {
    type: TYPE_SUBMIT,
    marshal: marshalSubmitRequest,
    unmarshal: unmarshalSubmitRequest,
    values: submitRequest,
  },
  SubmitResponse: {
    type: TYPE_SUBMIT,
    marshal: marshalSubmitResponse,
    unmarshal: unmarshalSubmitResponse,
    values: submitResponse,
  },
  TaskResult: {
    type: TYPE_RESULT,
    marshal: marshalTaskResult,
    unmarshal: unmarshalTaskResult,
    values: taskResult,
  },
  TaskStatusUpdate: {
    type: TYPE_STATUS_UPDATE,
    marshal: marshalTaskStatusUpdate,
    unmarshal: unmarshalTaskStatusUpdate,
    values: taskStatusUpdate,
  },
  TaskResultMessage: {
    type: TYPE_SEND_RESULTS,
    marshal: marshalTaskResultMessage,
    unmarshal: unmarshalTaskResultMessage,
    values: taskResultMessage,
  },
};

/** The code of the ProtocolError that `action` throws; undefined when it returns. */
function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

t.test('decoding gives back what was encoded', (t) => {
  for (const { marshal, unmarshal, values } of Object.values(CODECS)) {
    fc.assert(
      fc.property(values, (original) => deepStrictEqual(unmarshal(marshal(original as never)), original)),
    );
  }
  t.end();
});

t.test('a frame of another type is refused, also with a legal payload (F6, S1)', (t) => {
  const payload = Buffer.from('{}');
  for (const [message, { type, unmarshal }] of Object.entries(CODECS)) {
    const accepted = message === 'SubmitResponse' ? [TYPE_SUBMIT, TYPE_RESULT] : [type];
    for (const other of [0, 1, 2, 3, 4, 5, 0x101]) {
      const expected = accepted.includes(other) ? undefined : 'unexpected-type';
      t.equal(
        codeOf(() => unmarshal({ type: other, payload })),
        expected,
        `${message} in a frame of type ${other}`,
      );
    }
  }
  t.end();
});

t.test('8 MiB of file data are encoded and decoded without change', (t) => {
  const fileData = new Uint8Array(8 * 1024 * 1024).map((_, index) => index ^ (index >> 9));
  const message = { taskId: 't', resultType: 'file', filename: 'a.bin', fileData, completedAt: '' };
  const decoded = unmarshalTaskResultMessage(marshalTaskResultMessage(message));
  t.equal(Buffer.compare(decoded.fileData ?? new Uint8Array(0), fileData), 0);
  t.end();
});
