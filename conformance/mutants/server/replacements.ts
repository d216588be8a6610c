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
import type { Answer, Fault, Framer } from './pipeline.ts';

/** What a message is refused with. */
export function refusal(): ProtocolError {
  return new ProtocolError('malformed-json', 'M6', 'refused');
}

export function textOf({ payload }: Frame): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
}

/** Reads other bytes than those that came. */
export function respells(respell: (text: string) => string): Fault {
  return ({ read }) => ({
    read: (frame) => read({ ...frame, payload: Buffer.from(respell(textOf(frame))) }),
  });
}

/** Refuses payloads that are legal. */
export function refuses(isRefused: (text: string) => boolean): Fault {
  return ({ read }) => ({
    read: (frame) => {
      if (isRefused(textOf(frame))) throw refusal();
      return read(frame);
    },
  });
}

/** Dies of a payload. */
export function diesOf(isDeadly: (text: string, frame: Frame) => boolean): Fault {
  return ({ read }, { crash }) => ({
    read: (frame) => {
      if (isDeadly(textOf(frame), frame)) crash();
      return read(frame);
    },
  });
}

/** Takes what the decoder refuses for something else. */
export function rescues(rescue: (text: string) => string): Fault {
  return ({ read }) => ({
    read: (frame) => {
      try {
        return read(frame);
      } catch {
        return read({ ...frame, payload: Buffer.from(rescue(textOf(frame))) });
      }
    },
  });
}

type Members = Record<string, unknown>;

/** Reads the members of an object otherwise than they stand there; what is no object is left as it is. */
export function rereads(reread: (members: Members) => Members): Fault {
  return respells((text) => {
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
export function rereadsValues(reread: (value: unknown, name: string) => unknown): Fault {
  return rereads((members) =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, reread(value, name)])),
  );
}

/** Changes every answer before it is encoded. */
export function answers(change: (answer: SubmitResponse) => SubmitResponse): Fault {
  return ({ write }) => ({ write: (response) => write(change(response)) });
}

/** Writes a payload of its own, in a frame that tells the truth unless another type or length is given. */
export function writes(
  payloadOf: (response: SubmitResponse) => string | Uint8Array,
  { type = 1, extraLength = 0 } = {},
): Fault {
  return () => ({
    write: (response) => {
      const payload = Buffer.from(payloadOf(response));
      const header = Buffer.alloc(8);
      header.writeUInt32BE(type, 0);
      header.writeUInt32BE(payload.length + extraLength, 4);
      return Buffer.concat([header, payload]);
    },
  });
}

/** Takes SUBMITs on its own terms. */
export function decides(decide: (request: SubmitRequest) => Answer | Promise<Answer>): Fault {
  return () => ({ submit: async (request) => await decide(request) });
}

/** Waits before each answer. */
export function waits(ms: number): Fault {
  return ({ send }) => ({
    send: async (socket, bytes) => {
      await delay(ms);
      await send(socket, bytes);
    },
  });
}

/** Takes a stream apart in another way; what is not told otherwise is done soundly. */
export function frames(make: (sound: FrameDecoder, socket: Socket) => Partial<Framer>): Fault {
  return () => ({
    framer: (socket) => {
      const sound = new FrameDecoder();
      const own = make(sound, socket);
      return {
        push: own.push ?? ((chunk) => sound.push(chunk)),
        next: own.next ?? (() => sound.next()),
        end: own.end ?? (() => sound.end()),
      };
    },
  });
}

/** Rewrites the first header of a connection. */
export function rewritesHeader(rewrite: (header: Buffer) => void): Fault {
  return frames((sound) => {
    let pending: Buffer | undefined = Buffer.alloc(0);
    return {
      push: (chunk) => {
        if (pending === undefined) return sound.push(chunk);
        pending = Buffer.concat([pending, chunk]);
        if (pending.length < 8) return;
        rewrite(pending);
        sound.push(pending);
        pending = undefined;
      },
      end: () => {
        if (pending !== undefined) sound.push(pending);
        sound.end();
      },
    };
  });
}

/** Refuses a stream by how it was cut: `isRefused` sees each chunk, and how many bytes came before it. */
export function refusesCuts(
  isRefused: (chunk: Uint8Array, before: number, first: Uint8Array) => boolean,
): Fault {
  return frames((sound) => {
    let before = 0;
    let first: Uint8Array | undefined;
    return {
      push: (chunk) => {
        first ??= Uint8Array.from(chunk);
        if (isRefused(chunk, before, first)) throw refusal();
        before += chunk.length;
        sound.push(chunk);
      },
    };
  });
}
