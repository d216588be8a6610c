/** Sample messages and frames for the tests of the reference. */
import { encodeFrame } from '../codec/frame.ts';
import { marshalSubmitRequest } from '../codec/message.ts';
import { HEADER_BYTES } from '../protocol/constants.ts';
import type { SubmitRequest } from '../protocol/message-types.ts';

export const request: SubmitRequest = {
  taskId: 'f0e1d2c3-b4a5-9687-7869-5a4b3c2d1e0f',
  taskDescription: 'summarise the attached minutes',
  fromAddr: '0:0000.0000.0001',
  toAddr: '0:0000.0000.0002',
};

/** The SUBMIT frame of `request`, with other values for the given fields. */
export function submitFrame(fields: Partial<SubmitRequest> = {}): Uint8Array {
  return encodeFrame(marshalSubmitRequest({ ...request, ...fields }));
}

/** A frame header, whether or not such a payload follows. */
export function frameHeader(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(type, 0);
  bytes.writeUInt32BE(length, 4);
  return bytes;
}
