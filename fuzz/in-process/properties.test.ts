import t from 'tap';
import { type Frame, FrameDecoder } from '../../reference/index.ts';
import {
  type Codec,
  findBrokenProperty,
  type MessageCodec,
  type PropertyId,
  REFERENCE,
} from './properties.ts';

const TASK = '"task_id":"a","from_addr":"b","to_addr":"c"';

function stream(type: number, payload: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

const LEGAL = stream(1, `{${TASK},"task_description":"d"}`);
const AT_FAULT = stream(1, `{${TASK},"task_description":1}`);

/** The reference with one function for a SUBMIT replaced. */
function withRequest(change: (kind: MessageCodec) => Partial<MessageCodec>): Codec {
  const kinds = REFERENCE.kinds.map((kind) =>
    kind.name === 'SubmitRequest' ? { ...kind, ...change(kind) } : kind,
  );
  return { ...REFERENCE, kinds };
}

/** A decoder that drops a header which does not come in one chunk. */
function forgetful(): FrameDecoder {
  const decoder = new FrameDecoder();
  const push = decoder.push.bind(decoder);
  decoder.push = (chunk) => push(chunk.byteLength < 8 ? new Uint8Array() : chunk);
  return decoder;
}

const BREAKERS: readonly (readonly [property: PropertyId, bytes: Buffer, codec: Codec])[] = [
  ['segments-alike', LEGAL, { ...REFERENCE, decoder: forgetful }],
  ['frames-alike', LEGAL, { ...REFERENCE, encodeFrame: ({ payload }: Frame) => payload }],
  [
    'throws-documented',
    LEGAL,
    withRequest(() => ({
      unmarshal: () => {
        throw new RangeError('out of range');
      },
    })),
  ],
  [
    'throws-documented',
    LEGAL,
    withRequest(() => ({
      marshal: () => {
        throw new RangeError('out of range');
      },
    })),
  ],
  [
    'takes-legal',
    LEGAL,
    withRequest(({ unmarshal }) => ({ unmarshal: () => unmarshal({ type: 1, payload: new Uint8Array() }) })),
  ],
  ['refuses-at-fault', AT_FAULT, withRequest(() => ({ unmarshal: () => ({ taskDescription: 'd' }) }))],
  [
    'reads-back',
    LEGAL,
    withRequest(({ marshal }) => ({
      marshal: (value: never) => marshal({ ...(value as object), taskId: 'z' } as never),
    })),
  ],
];

for (const [property, bytes, codec] of BREAKERS) {
  t.equal(findBrokenProperty(bytes), undefined, `the reference keeps ${property}`);
  t.equal(findBrokenProperty(bytes, codec)?.property, property, `a codec that breaks ${property} is found`);
}

t.equal(
  findBrokenProperty(stream(1, `{${TASK},"task_description":1,"task_description":"d"}`)),
  undefined,
  'a field that occurs twice may be refused',
);
