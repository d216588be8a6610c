/** Replacements that several mutants share. Each function creates one from the behaviour that differs. */

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

/** The error with which a mutant refuses a message. */
export function refusal(): ProtocolError {
  return new ProtocolError('malformed-json', 'M6', 'refused');
}

/** The payload of a frame, decoded as UTF-8. */
export function textOf({ payload }: Frame): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
}

/** The escapes of surrogates that are no half of a pair. */
export const LONE_ESCAPES =
  /\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}/g;

/** Rewrites every payload before it is parsed. */
export function rewritesPayload(rewrite: (payload: Uint8Array) => Uint8Array): Replacement {
  return ({ parse }) => ({ parse: (frame) => parse({ ...frame, payload: rewrite(frame.payload) }) });
}

/** Rewrites the text of every payload before it is parsed. */
export function rewritesText(rewrite: (text: string) => string): Replacement {
  return ({ parse }) => ({
    parse: (frame) => parse({ ...frame, payload: Buffer.from(rewrite(textOf(frame))) }),
  });
}

/** Refuses payloads, although they may be legal. */
export function refusesText(isRefused: (text: string) => boolean): Replacement {
  return ({ parse }) => ({
    parse: (frame) => {
      if (isRefused(textOf(frame))) throw refusal();
      return parse(frame);
    },
  });
}

/** Parses only frames of these types in another way. */
export function onlyOf(types: readonly number[], replacement: Replacement): Replacement {
  return (correct, environment) => {
    const { parse = correct.parse, ...others } = replacement(correct, environment);
    return { ...others, parse: (frame) => (types.includes(frame.type) ? parse : correct.parse)(frame) };
  };
}

/** Crashes on payloads. */
export function crashesOn(isFatal: (text: string, frame: Frame) => boolean): Replacement {
  return ({ parse }, { crash }) => ({
    parse: (frame) => {
      if (isFatal(textOf(frame), frame)) crash();
      return parse(frame);
    },
  });
}

/** Repairs a payload that the correct parser refuses, and parses it again. */
export function repairsRefused(repair: (text: string) => string): Replacement {
  return ({ parse }) => ({
    parse: (frame) => {
      try {
        return parse(frame);
      } catch {
        return parse({ ...frame, payload: Buffer.from(repair(textOf(frame))) });
      }
    },
  });
}

type Fields = Record<string, unknown>;

/** Rewrites the fields of a message before it is parsed. A payload that is no object, or does not change, stays as it is. */
export function rewritesFields(rewrite: (members: Fields) => Fields): Replacement {
  return rewritesText((text) => {
    try {
      const value: unknown = JSON.parse(text);
      if (!isObject(value)) return text;
      const [before, after] = [JSON.stringify(value), JSON.stringify(rewrite(value))];
      return after === before ? text : after;
    } catch {
      return text;
    }
  });
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Rewrites the value of each field before the message is parsed. */
export function rewritesValues(rewrite: (value: unknown, name: string) => unknown): Replacement {
  return rewritesFields((fields) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, rewrite(value, name)])),
  );
}

/** Changes every answer before it is encoded. */
export function changesAnswer(change: (answer: SubmitResponse) => SubmitResponse): Replacement {
  return ({ encode }) => ({ encode: (response) => encode(change(response)) });
}

/** Answers with a different payload. The header has the correct type and length unless `type` or `extraLength` is given. */
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

/** Answers a SUBMIT without storing its task. */
export function decidesSubmit(decide: (request: SubmitRequest) => Answer | Promise<Answer>): Replacement {
  return () => ({ submit: async (request) => await decide(request) });
}

/** Delays each answer. */
export function delaysAnswers(ms: number): Replacement {
  return ({ send }) => ({
    send: async (socket, bytes) => {
      await delay(ms);
      await send(socket, bytes);
    },
  });
}

/** Replaces methods of the framer. The others are those of the correct decoder. */
export function replacesFramer(
  replace: (correct: FrameDecoder, socket: Socket) => Partial<Framer>,
): Replacement {
  return () => ({
    framer: (socket) => {
      const correct = new FrameDecoder();
      const replaced = replace(correct, socket);
      return {
        push: replaced.push ?? ((chunk) => correct.push(chunk)),
        next: replaced.next ?? (() => correct.next()),
        end: replaced.end ?? (() => correct.end()),
      };
    },
  });
}

/** Rewrites the first header of a connection, in place, before it is decoded. */
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

/** Refuses a stream by its segmentation. `before` counts the bytes before the chunk, and `first` is the first chunk. */
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

/** Serves the frames that have arrived together in reverse order. */
export const servesLastFirst: Replacement = replacesFramer((decoder) => {
  const stack: Frame[] = [];
  return {
    next: () => {
      try {
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) stack.push(frame);
      } catch (error) {
        // The frames before the bytes that are no frame are served first.
        if (stack.length === 0) throw error;
      }
      return stack.pop();
    },
  };
});

/** Whether a task id has the form of the ids that the reference generates. */
export function hasDocumentedForm(taskId: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(taskId);
}

/** Resolves when the connection is closed by either side. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
