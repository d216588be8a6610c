/** Conforming variants of clients: each uses a freedom of the protocol. */

import { randomUUID } from 'node:crypto';
import { HONEST, halfCloses } from './client.ts';
import type { ClientVariant } from './mutant.ts';

export const clientVariants: readonly ClientVariant[] = [
  { name: 'reference-parts', freedom: 'The client is the one whose parts the mutants replace.', does: {} },
  {
    name: 'uuid-version-4',
    freedom: 'The client makes ids that are UUIDs of version 4.',
    does: { makeId: () => randomUUID() },
  },
  {
    name: 'tries-twice',
    freedom: 'The client sends the same frame once more when the first connection broke.',
    does: { tries: 2 },
  },
  {
    name: 'half-closes',
    freedom: 'The client shuts down its sending side after the frame.',
    does: halfCloses,
  },
  {
    name: 'other-json',
    freedom: 'The client writes its JSON with white space, escapes and its fields in reverse order.',
    does: {
      payload: (fields, json, action) => {
        const text = Buffer.from(HONEST.payload(fields, json, action)).toString();
        const big = /"time_cpu_ms":(\d{16,})/.exec(text)?.[1];
        // A payload near the cap has no room for white space.
        if (big !== undefined || text.length > 100_000) return Buffer.from(text);
        const members = Object.entries(JSON.parse(text) as object).reverse();
        const spaced = JSON.stringify(Object.fromEntries(members), null, 1);
        return Buffer.from(
          spaced.replace(
            /[\u0080-\uffff]/g,
            (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
          ),
        );
      },
    },
  },
  {
    name: 'other-form-of-time',
    freedom: 'The client writes times with a fraction of a second and an offset.',
    does: {
      payload: (fields, json, action) => {
        const text = Buffer.from(HONEST.payload(fields, json, action)).toString();
        return Buffer.from(text.replace(/("completed_at":"[^"]*)Z"/, '$1.000+00:00"'));
      },
    },
  },
  {
    name: 'error-on-broken-text',
    freedom: 'The client takes an answer with bytes that are no UTF-8 for an error.',
    does: {
      decode: (frame) => {
        new TextDecoder('utf-8', { fatal: true }).decode(frame.payload);
        return HONEST.decode(frame);
      },
    },
  },
];
