/** The bytes of a reply: description and the id that the client sent → frame. */

import { HEADER_BYTES, render } from '../../scenario/bytes.ts';
import type { Reply } from '../scenario/client-scenario.ts';

/** The type of an answer (S1). */
const ANSWER = 1;

/** The bytes of the frame, and those after it. `taskId` is any text; it is escaped for JSON. */
export function replyBytes(
  { payload, paddedTo = 0, type = ANSWER, declared, after }: Reply,
  taskId: string,
): Buffer {
  const id = JSON.stringify(taskId).slice(1, -1);
  const unpadded = render(payload, () => id);
  const body = Buffer.concat([unpadded, Buffer.alloc(Math.max(0, paddedTo - unpadded.length), ' ')]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(type);
  const length = typeof declared === 'number' ? declared : body.length + (declared?.more ?? 0);
  header.writeUInt32BE(length, 4);
  return Buffer.concat([header, body, ...(after === undefined ? [] : [render(after, () => id)])]);
}
