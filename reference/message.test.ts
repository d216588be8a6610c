import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import {
  submitRequest,
  submitResponse,
  taskResult,
  taskResultMessage,
  taskStatusUpdate,
} from '../fuzz/arbitraries.ts';
import { ProtocolError } from './errors.ts';
import { encodeFrame, type Frame } from './frame.ts';
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
import { TYPE_RESULT, TYPE_SEND_RESULTS, TYPE_STATUS_UPDATE, TYPE_SUBMIT } from './protocol.ts';
import { marshalTaskFile, unmarshalTaskFile } from './task-file.ts';
import { toValidUtf8 } from './utf8.ts';

interface EncodeVector {
  readonly name: string;
  readonly message: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly frame_hex: string;
}

interface DecodeVector {
  readonly name: string;
  readonly message: string;
  readonly payload?: string;
  readonly payload_hex?: string;
  readonly ok: boolean;
  readonly decoded?: Readonly<Record<string, unknown>>;
}

/** Vectors hold integers beyond 2^53, which JSON.parse would round: they come as {"int64": "decimal"}. */
function vectors<V>(file: string): readonly V[] {
  const text = readFileSync(new URL(`../fixtures/vectors/${file}`, import.meta.url), 'utf8');
  return JSON.parse(text.replace(/"(status|time_\w+)": (-?\d{16,})/g, '"$1": {"int64": "$2"}'));
}

/** The value of a vector under our property names. */
function fromVector(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      const property = name
        .replace(/_base64$/, '')
        .replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
      if (property === 'fileData') return [property, new Uint8Array(Buffer.from(String(field), 'base64'))];
      return [property, fieldFromVector(field)];
    }),
  );
}

function fieldFromVector(field: unknown): unknown {
  if (typeof field !== 'object' || field === null) return field;
  if ('int64' in field) return BigInt(String(field.int64));
  // The nearest that a JavaScript string comes to a byte that is no UTF-8 is a lone surrogate.
  if ('utf8_hex' in field) {
    return toValidUtf8(Buffer.from(String(field.utf8_hex), 'hex'))
      .toString()
      .replaceAll('\ufffd', '\ud800');
  }
  return field;
}

interface Codec {
  readonly type: number;
  readonly marshal: (value: never) => Frame;
  readonly unmarshal: (frame: Frame) => object;
}

const CODECS: Readonly<Record<string, Codec>> = {
  SubmitRequest: { type: TYPE_SUBMIT, marshal: marshalSubmitRequest, unmarshal: unmarshalSubmitRequest },
  SubmitResponse: { type: TYPE_SUBMIT, marshal: marshalSubmitResponse, unmarshal: unmarshalSubmitResponse },
  TaskResult: { type: TYPE_RESULT, marshal: marshalTaskResult, unmarshal: unmarshalTaskResult },
  TaskStatusUpdate: {
    type: TYPE_STATUS_UPDATE,
    marshal: marshalTaskStatusUpdate,
    unmarshal: unmarshalTaskStatusUpdate,
  },
  TaskResultMessage: {
    type: TYPE_SEND_RESULTS,
    marshal: marshalTaskResultMessage,
    unmarshal: unmarshalTaskResultMessage,
  },
  // No frame carries a task file, but its vectors are decided by the same rules.
  TaskFile: {
    type: 0,
    marshal: (value) => ({ type: 0, payload: marshalTaskFile(value) }),
    unmarshal: (frame) => unmarshalTaskFile(frame.payload),
  },
};

function codecOf(vector: { readonly message: string }): Codec {
  const codec = CODECS[vector.message];
  if (codec === undefined) throw new Error(`no codec for ${vector.message}`);
  return codec;
}

/** The ProtocolError code with which `action` throws, or undefined when it returns. */
function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

t.test('encodes every vector byte for byte (M12)', (t) => {
  for (const vector of vectors<EncodeVector>('encode.json')) {
    const frame = codecOf(vector).marshal(fromVector(vector.value) as never);
    t.equal(Buffer.from(encodeFrame(frame)).toString('hex'), vector.frame_hex, vector.name);
  }
  t.end();
});

t.test(
  'decides every vector as the deployed implementation, and decodes the same values (M1 to M11)',
  (t) => {
    for (const vector of vectors<DecodeVector>('decode.json')) {
      const payload = Buffer.from(
        vector.payload_hex ?? vector.payload ?? '',
        vector.payload_hex === undefined ? 'utf8' : 'hex',
      );
      const { type, unmarshal } = codecOf(vector);
      if (vector.decoded === undefined) {
        t.match(
          codeOf(() => unmarshal({ type, payload })),
          /^malformed-(json|field)$/,
          vector.name,
        );
      } else {
        const decoded = unmarshal({ type, payload });
        t.doesNotThrow(() => deepStrictEqual(decoded, fromVector(vector.decoded ?? {})), vector.name);
      }
    }
    t.end();
  },
);

t.test('decoding gives back what was encoded', (t) => {
  const values: Readonly<Record<string, fc.Arbitrary<object>>> = {
    SubmitRequest: submitRequest(),
    SubmitResponse: submitResponse(),
    TaskResult: taskResult(),
    TaskStatusUpdate: taskStatusUpdate(),
    TaskResultMessage: taskResultMessage(),
  };
  for (const [message, value] of Object.entries(values)) {
    const { marshal, unmarshal } = codecOf({ message });
    fc.assert(
      fc.property(value, (original) => deepStrictEqual(unmarshal(marshal(original as never)), original)),
    );
  }
  t.end();
});

t.test('a frame of another type is refused, whatever is in it (F6, S1)', (t) => {
  const payload = Buffer.from('{}');
  for (const [message, { type, unmarshal }] of Object.entries(CODECS)) {
    if (message === 'TaskFile') continue;
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

t.test('8 MiB of file data survive', (t) => {
  const fileData = new Uint8Array(8 * 1024 * 1024).map((_, index) => index ^ (index >> 9));
  const message = { taskId: 't', resultType: 'file', filename: 'a.bin', fileData, completedAt: '' };
  const decoded = unmarshalTaskResultMessage(marshalTaskResultMessage(message));
  t.equal(Buffer.compare(decoded.fileData ?? new Uint8Array(0), fileData), 0);
  t.end();
});
