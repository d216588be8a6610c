/** Mutations of the connections of a case: copies, messages about the same task, peers that stay or that half leave. */

import fc from 'fast-check';
import { type Action, type Case, type ConnectionActions, EXACT, encodeAction } from '../../case/case.ts';
import type { Edit } from '../../case/edits.ts';
import { messageOf } from '../arbitraries/history.ts';
import { offsetAt, position } from '../arbitraries/pools.ts';
import type { Mutation } from './mutation.ts';

/** More connections in a case would take too long. */
const MOST_CONNECTIONS = 8;

function whole(apply: (value: Case) => Case): Edit {
  return { stage: 'case', apply };
}

/** The id token in the first frame; undefined without one. */
function idOf({ connections }: Case): string | undefined {
  const frame = connections[0]?.find((action) => action.do === 'frame');
  if (frame?.do !== 'frame' || frame.payload.length > 64 * 1024) return undefined;
  return /"task_id":("[^"\\]*")/.exec(Buffer.from(frame.payload).toString('latin1'))?.[1];
}

/** How peers behave that do nothing useful while others are served. */
const IDLE: readonly ((frame: Buffer, at: number, ms: number) => ConnectionActions)[] = [
  (_, __, ms) => [{ do: 'pause', ms }],
  (frame, at, ms) => [
    { do: 'bytes', bytes: frame.subarray(0, at % 8) },
    { do: 'pause', ms },
  ],
  (frame, at, ms) => [
    { do: 'bytes', bytes: frame.subarray(0, offsetAt(at, frame.length - 1)) },
    { do: 'pause', ms },
    { do: 'bytes', bytes: frame.subarray(offsetAt(at, frame.length - 1)) },
  ],
  (_, __, ms) => [
    { do: 'frame', type: 1, declared: { kind: 'absolute', length: 0x1000000 }, payload: new Uint8Array() },
    { do: 'pause', ms },
  ],
  (frame, _, ms) => [{ do: 'bytes', bytes: frame }, { do: 'fin' }, { do: 'pause', ms }],
  (frame, at, ms) => [
    { do: 'bytes', bytes: frame.subarray(0, offsetAt(at, frame.length - 1)) },
    { do: 'fin' },
    { do: 'pause', ms },
  ],
  (_, __, ms) => [{ do: 'fin' }, { do: 'pause', ms }],
];
/** Milliseconds. */
const HELD_MS = [10, 10, 10, 30, 100];
const BEFORE_OTHERS_MS = 2;

export const CONNECTION_MUTATIONS: readonly Mutation[] = [
  {
    name: 'connections/copies',
    weight: 1,
    edits: fc
      .tuple(fc.integer({ min: 1, max: MOST_CONNECTIONS - 1 }), fc.constantFrom('at-once', 'in-turn'))
      .map(([copies, arrangement]) =>
        whole(({ connections }) => ({
          arrangement,
          connections: [...connections, ...Array.from({ length: copies }, () => connections[0] ?? [])].slice(
            0,
            MOST_CONNECTIONS,
          ),
        })),
      ),
  },
  {
    name: 'connections/same-task',
    weight: 1,
    edits: fc.array(fc.nat({ max: 0xffff }), { minLength: 1, maxLength: 6, size: 'max' }).map((kinds) =>
      whole((value) => {
        const id = idOf(value);
        if (id === undefined) return value;
        const others = kinds.map((kind): Action[] => [
          { do: 'frame', declared: EXACT, ...messageOf(kind, id) },
        ]);
        return {
          arrangement: 'at-once',
          connections: [...value.connections, ...others].slice(0, MOST_CONNECTIONS),
        };
      }),
    ),
  },
  {
    name: 'connections/held',
    weight: 1,
    edits: fc
      .tuple(
        fc.nat({ max: IDLE.length - 1 }),
        position(),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(...HELD_MS),
      )
      .map(([which, at, count, ms]) =>
        whole(({ connections }) => {
          const frame = connections[0]?.find((action) => action.do === 'frame');
          const bytes = frame === undefined ? Buffer.alloc(8) : encodeAction(frame);
          const idle = IDLE[which]?.(bytes, at, ms) ?? [];
          const later = connections.map(
            (actions): ConnectionActions => [{ do: 'pause', ms: BEFORE_OTHERS_MS }, ...actions],
          );
          const all = [...Array.from({ length: count }, () => idle), ...later];
          return { arrangement: 'at-once', connections: all.slice(-MOST_CONNECTIONS) };
        }),
      ),
  },
];
