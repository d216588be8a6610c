/** Faults that many broken servers have in common: each makes a part from what goes wrong in it. */

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Frame,
  FrameDecoder,
  ProtocolError,
  type SubmitRequest,
  type SubmitResponse,
} from '../../../reference/index.ts';
import type { Answer, Framer, Replacement } from './pipeline.ts';

/** What a message is refused with. */
export function refusal(): ProtocolError {
  return new ProtocolError('malformed-json', 'M6', 'refused');
}

export function textOf({ payload }: Frame): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
}

/** Reads other bytes than those that came. */
export function rewritesText(respell: (text: string) => string): Replacement {
  return ({ parse }) => ({
    parse: (frame) => parse({ ...frame, payload: Buffer.from(respell(textOf(frame))) }),
  });
}

/** Refuses payloads that are legal. */
export function refusesText(isRefused: (text: string) => boolean): Replacement {
  return ({ parse }) => ({
    parse: (frame) => {
      if (isRefused(textOf(frame))) throw refusal();
      return parse(frame);
    },
  });
}

/** Dies of a payload. */
export function crashesOn(isDeadly: (text: string, frame: Frame) => boolean): Replacement {
  return ({ parse }, { crash }) => ({
    parse: (frame) => {
      if (isDeadly(textOf(frame), frame)) crash();
      return parse(frame);
    },
  });
}

/** Takes what the decoder refuses for something else. */
export function repairsRefused(rescue: (text: string) => string): Replacement {
  return ({ parse }) => ({
    parse: (frame) => {
      try {
        return parse(frame);
      } catch {
        return parse({ ...frame, payload: Buffer.from(rescue(textOf(frame))) });
      }
    },
  });
}

type Members = Record<string, unknown>;

/** Reads the members of an object otherwise than they stand there; what is no object is left as it is. */
export function rewritesFields(reread: (members: Members) => Members): Replacement {
  return rewritesText((text) => {
    try {
      const value: unknown = JSON.parse(text);
      return isObject(value) ? JSON.stringify(reread(value)) : text;
    } catch {
      return text;
    }
  });
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads each member otherwise. */
export function rewritesValues(reread: (value: unknown, name: string) => unknown): Replacement {
  return rewritesFields((members) =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, reread(value, name)])),
  );
}

/** Changes every answer before it is encoded. */
export function changesAnswer(change: (answer: SubmitResponse) => SubmitResponse): Replacement {
  return ({ encode }) => ({ encode: (response) => encode(change(response)) });
}

/** Writes a payload of its own, in a frame that tells the truth unless another type or length is given. */
export function writesPayload(
  payloadOf: (response: SubmitResponse) => string | Uint8Array,
  { type = 1, extraLength = 0 } = {},
): Replacement {
  return () => ({
    encode: (response) => {
      const payload = Buffer.from(payloadOf(response));
      const header = Buffer.alloc(8);
      header.writeUInt32BE(type, 0);
      header.writeUInt32BE(payload.length + extraLength, 4);
      return Buffer.concat([header, payload]);
    },
  });
}

/** Takes SUBMITs on its own terms. */
export function decidesSubmit(decide: (request: SubmitRequest) => Answer | Promise<Answer>): Replacement {
  return () => ({ submit: async (request) => await decide(request) });
}

/** Waits before each answer. */
export function delaysAnswers(ms: number): Replacement {
  return ({ send }) => ({
    send: async (socket, bytes) => {
      await delay(ms);
      await send(socket, bytes);
    },
  });
}

/** Takes a stream apart in another way; what is not told otherwise is done soundly. */
export function replacesFramer(
  make: (correct: FrameDecoder, socket: Socket) => Partial<Framer>,
): Replacement {
  return () => ({
    framer: (socket) => {
      const correct = new FrameDecoder();
      const own = make(correct, socket);
      return {
        push: own.push ?? ((chunk) => correct.push(chunk)),
        next: own.next ?? (() => correct.next()),
        end: own.end ?? (() => correct.end()),
      };
    },
  });
}

/** Rewrites the first header of a connection. */
export function rewritesHeader(rewrite: (header: Buffer) => void): Replacement {
  return replacesFramer((decoder) => {
    let pending: Buffer | undefined = Buffer.alloc(0);
    return {
      push: (chunk) => {
        if (pending === undefined) return decoder.push(chunk);
        pending = Buffer.concat([pending, chunk]);
        if (pending.length < 8) return;
        rewrite(pending);
        decoder.push(pending);
        pending = undefined;
      },
      end: () => {
        if (pending !== undefined) decoder.push(pending);
        decoder.end();
      },
    };
  });
}

/** Refuses a stream by how it was cut: `isRefused` sees each chunk, and how many bytes came before it. */
export function refusesSegments(
  isRefused: (chunk: Uint8Array, before: number, first: Uint8Array) => boolean,
): Replacement {
  return replacesFramer((decoder) => {
    let before = 0;
    let first: Uint8Array | undefined;
    return {
      push: (chunk) => {
        first ??= Uint8Array.from(chunk);
        if (isRefused(chunk, before, first)) throw refusal();
        before += chunk.length;
        decoder.push(chunk);
      },
    };
  });
}

/** Resolves when the connection is closed by either side. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
