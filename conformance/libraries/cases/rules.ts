/** Bounds, file extensions, times, rewards and ids: the vectors of these rules as cases. */

import { BOUNDS, type Bound } from '../../vectors/build/messages.ts';
import type { FieldValue, PoloVector, ValidationVector } from '../../vectors/build/vector.ts';
import { vectorFile } from '../../vectors/load.ts';
import { plainOf, requestValue } from '../pipe/field.ts';
import { type BoundFacts, type LibraryCase, levelOf } from './case.ts';

export function validationCases(): readonly LibraryCase[] {
  return vectorFile('vectors/validation').vectors.map((vector) => {
    const { value, repeat } = requestValue(vector.value);
    const bound = boundOf(vector);
    return {
      id: `library-validate/${vector.id.slice('validation-'.length)}`,
      // Only a validator can reach this bound.
      clause: bound?.field === 'file_data' ? 'R3' : vector.clause,
      level: levelOf(vector.level),
      requirement: `A validator ${vector.valid ? 'passes' : 'refuses'} this ${vector.message}: ${vector.note}`,
      op: 'validate',
      message: vector.message,
      args: () => ({ message: vector.message, value, ...(repeat && { repeat }) }),
      input: vector.note,
      expect: { kind: 'validity', valid: vector.valid, ...(bound && { bound }) },
    };
  });
}

/** Of the fields that have a bound, the one that comes nearest to it, or exceeds it the most. */
function boundOf(vector: ValidationVector): BoundFacts | undefined {
  const facts = BOUNDS.filter(({ message }) => message.name === vector.message).flatMap((bound) => {
    const value = vector.value[bound.field];
    return value ? (factsOf(bound, value) ?? []) : [];
  });
  return facts.toSorted((a, b) => b.bytes / b.maxBytes - a.bytes / a.maxBytes)[0];
}

function factsOf({ field, maxBytes }: Bound, value: FieldValue): BoundFacts | undefined {
  if (typeof value === 'object' && 'hex' in value) {
    const bytes = (value.hex.length / 2) * value.times;
    return { field, maxBytes, bytes, characters: bytes };
  }
  // Some texts have 16 MiB, and every command that lists the cases counts them.
  const isRepeated = typeof value === 'object' && 'repeat' in value;
  const text = isRepeated ? value.repeat : plainOf(field, value);
  if (typeof text !== 'string') return undefined;
  const times = isRepeated ? value.times : 1;
  return { field, maxBytes, bytes: Buffer.byteLength(text) * times, characters: [...text].length * times };
}

export function extensionCases(): readonly LibraryCase[] {
  return vectorFile('vectors/extensions').vectors.map(({ id, clause, level, note, filename, verdict }) => ({
    id: `library-extensions/${id.slice('extensions-'.length)}`,
    clause,
    level: levelOf(level),
    requirement: `A library finds the extension of this name ${verdict === 'unknown' ? 'in neither list' : verdict}: ${note}`,
    op: 'extension',
    args: () => ({ filename }),
    input: filename,
    expect: {
      kind: 'extension',
      filename,
      allowed: verdict === 'allowed',
      forbidden: verdict === 'forbidden',
    },
  }));
}

export function timeCases(): readonly LibraryCase[] {
  return vectorFile('vectors/times').vectors.map((vector) => {
    const { id, clause, level, note, text } = vector;
    return {
      id: `library-times/${id.slice('times-'.length)}`,
      clause,
      level: levelOf(level),
      requirement: `A library ${vector.valid ? 'reads' : 'refuses'} this time: ${note}`,
      op: 'parse_time',
      args: () => ({ text }),
      input: text,
      expect: vector.valid
        ? { kind: 'instant', text, seconds: vector.unix_seconds, nanosecond: vector.nanosecond }
        : { kind: 'no-time', text },
    };
  });
}

/** Each triple of times once: the vectors hold it for both readings. */
export function poloCases(): readonly LibraryCase[] {
  const byTimes = new Map<string, PoloVector>();
  for (const vector of vectorFile('vectors/polo').vectors) {
    const { time_cpu_ms, time_idle_ms, time_staged_ms, clause } = vector;
    const key = [time_cpu_ms, time_idle_ms, time_staged_ms].join('-');
    if (!byTimes.has(key) || clause === 'P4') byTimes.set(key, vector);
  }
  return [...byTimes.values()].map((vector) => {
    const { id, clause, reading, time_cpu_ms, time_idle_ms, time_staged_ms, note } = vector;
    return {
      id: `library-polo/${id.slice(`polo-${reading}-`.length)}`,
      clause: clause === 'P4' ? 'P4' : 'P1',
      level: 'MUST',
      requirement: `A library computes the reward by the documented or by the proportional reading: ${note}`,
      op: 'polo',
      args: () => ({ time_idle_ms, time_staged_ms, time_cpu_ms }),
      input: note,
      expect: { kind: 'polo', times: { cpu: time_cpu_ms, idle: time_idle_ms, staged: time_staged_ms } },
    };
  });
}

const IDS = 512;

export function idCases(): readonly LibraryCase[] {
  return [
    {
      id: 'library-ids/shape',
      clause: 'S10',
      level: 'MUST',
      requirement: `A library generates ids of 32 lower-case hex digits in groups of 8-4-4-4-12, and never one twice.`,
      op: 'generate_task_id',
      args: () => ({ count: IDS }),
      input: `${IDS} ids`,
      expect: { kind: 'ids', count: IDS },
    },
  ];
}
