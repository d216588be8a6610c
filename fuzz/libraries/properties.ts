/**
 * Properties of a library, checked on generated input that goes to the adapter and back. A counterexample is minimised, so that
 * the report shows the smallest input that fails.
 */

import fc from 'fast-check';
import type { ExpectedField } from '../../conformance/libraries/cases/case.ts';
import { type Finding, fail, pass, shownValue } from '../../conformance/libraries/judge/finding.ts';
import { judgeMessage } from '../../conformance/libraries/judge/messages.ts';
import { IDS_REPEAT, idsIn, judgeInstant } from '../../conformance/libraries/judge/rules.ts';
import { judgeFrames } from '../../conformance/libraries/judge/streams.ts';
import { frameIn, judgeFrame } from '../../conformance/libraries/judge/written.ts';
import { readField, zeroOf } from '../../conformance/libraries/pipe/field.ts';
import { type Answer, type Args, isObject, type Op } from '../../conformance/libraries/pipe/interface.ts';
import type { LibraryProperty } from '../../conformance/libraries/run/catalogue.ts';
import { FORMATS } from '../../conformance/vectors/build/formats.ts';
import { type Field, MESSAGES } from '../../conformance/vectors/build/messages.ts';
import { codePoint } from '../generate/arbitraries/code-point.ts';

type Ask = (op: Op, args: Args) => Promise<Answer>;

/** The adapter cannot ask its library this. */
class UnsupportedError extends Error {}

export interface GeneratedOptions {
  readonly seed: number;
  /** Inputs for each property. */
  readonly runs: number;
}

/** All properties. The same seed gives the same inputs. */
export function libraryProperties(options: GeneratedOptions): readonly LibraryProperty[] {
  return [roundTrip(options), segmentation(options), rewards(options), times(options), ids(options)];
}

/** The finding about the smallest input that fails has the same cause as a case of the vectors has. */
function property<T>(
  facts: Omit<LibraryProperty, 'check' | 'level'>,
  { seed, runs }: GeneratedOptions,
  inputs: fc.Arbitrary<T>,
  judge: (input: T, ask: Ask) => Promise<Finding>,
): LibraryProperty {
  return {
    ...facts,
    level: 'MUST',
    check: async (ask): Promise<Finding> => {
      let fault: { readonly error: unknown } | undefined;
      let last: Extract<Finding, { verdict: 'fail' }> | undefined;
      const holds = async (input: T): Promise<boolean> => {
        if (fault !== undefined) return true;
        try {
          const finding = await judge(input, supported(ask));
          if (finding.verdict !== 'fail') return true;
          last = { ...finding, got: `${finding.got}, for ${shownValue(input)}` };
          return false;
        } catch (error) {
          // Not about this input alone: the adapter is gone, or breaks the interface.
          fault = { error };
          return true;
        }
      };
      await fc.check(fc.asyncProperty(inputs, holds), { seed, numRuns: runs });
      if (fault?.error instanceof UnsupportedError)
        return { verdict: 'skipped', reason: 'the adapter does not support this request' };
      if (fault !== undefined) throw fault.error;
      return last ?? pass(`held for ${runs} inputs of seed ${seed}`);
    },
  };
}

function supported(ask: Ask): Ask {
  return async (op, args) => {
    const answer = await ask(op, args);
    if (answer.kind === 'unsupported') throw new UnsupportedError();
    return answer;
  };
}

/** Code points, without surrogates. */
const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: codePoint, maxLength: 12 }));
const integer = fc.oneof(fc.integer(), fc.maxSafeInteger());
const json = fc
  .jsonValue({ maxDepth: 3, stringUnit: 'grapheme' })
  .map((value) => JSON.parse(JSON.stringify(value)));

interface Instant {
  /** Since 1970. */
  readonly seconds: number;
  /** A whole number of milliseconds: finer times are no MUST. */
  readonly nanosecond: number;
  /** In minutes. */
  readonly offset: number;
}

const instants: fc.Arbitrary<Instant> = fc.record({
  seconds: fc.integer({ min: Date.UTC(1, 0, 1) / 1000, max: Date.UTC(9998, 11, 31) / 1000 }),
  nanosecond: fc.oneof(
    fc.constant(0),
    fc.nat({ max: 999 }).map((ms) => ms * 1_000_000),
  ),
  offset: fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
});

/** RFC 3339, with the offset. */
function timeText({ seconds, nanosecond, offset }: Instant): string {
  const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, -'.000Z'.length);
  const fraction = nanosecond === 0 ? '' : `.${String(nanosecond / 1_000_000).padStart(3, '0')}`;
  const size = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${local}${fraction}${zone}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** Legal values: what becomes of others is free. */
function anyOf({ kind, format }: Field): fc.Arbitrary<unknown> {
  if (format === FORMATS.time) return instants.map(timeText);
  if (format !== undefined) return fc.constantFrom(...format.examples);
  switch (kind) {
    case 'string':
      return text;
    case 'int64':
      return integer;
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    case 'json':
      return json;
  }
}

const FRAMED = MESSAGES.filter(({ type }) => type !== undefined);

const messages = fc.oneof(
  ...FRAMED.map(({ name, fields }) =>
    fc
      .record(Object.fromEntries(fields.map((field) => [field.name, anyOf(field)])), {
        requiredKeys: fields.filter(({ optional }) => !optional).map((field) => field.name),
      })
      .map((value) => ({ message: name, value: value as Args })),
  ),
);

function roundTrip(options: GeneratedOptions): LibraryProperty {
  const facts = {
    id: 'library-generated/round-trip',
    clause: 'M12',
    requirement: 'A library writes any value, and reads what it has written as the same value.',
    ops: ['encode', 'decode'] as const,
  };
  return property(facts, options, messages, async ({ message, value }, ask) => {
    const { type = 0, fields: named = [] } = FRAMED.find(({ name }) => name === message) ?? {};
    const fields = (): readonly ExpectedField[] =>
      named.map((field) => ({
        ...field,
        value: readField(field.kind, value[field.name]) ?? zeroOf(field.kind),
      }));
    const encoded = await ask('encode', { message, value });
    const canonical = () => Buffer.alloc(0);
    const written = judgeFrame({ kind: 'frame', type, fields, canonical }, encoded, 'M12');
    const payload = frameIn(encoded)?.subarray(8);
    if (written.verdict === 'fail' || payload === undefined) return written;
    const decoded = await ask('decode', { message, payload_base64: payload.toString('base64') });
    return judgeMessage({ kind: 'message', fields, payload: () => payload }, decoded, 'M12', false);
  });
}

const streams = fc.record({
  frames: fc.array(
    fc.record({ type: fc.nat({ max: 2 ** 32 - 1 }), payload: fc.uint8Array({ maxLength: 30 }) }),
    { maxLength: 4 },
  ),
  /** Lengths of segments. */
  cuts: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }),
});

function segmentation(options: GeneratedOptions): LibraryProperty {
  const facts = {
    id: 'library-generated/segmentation',
    clause: 'F3',
    requirement: 'A library reads the same frames however a stream is cut into segments.',
    ops: ['read_frames'] as const,
  };
  return property(facts, options, streams, async ({ frames, cuts }, ask) => {
    const sent = frames.map(({ type, payload }) => ({ type, payload: Buffer.from(payload) }));
    const stream = Buffer.concat(sent.map(({ type, payload }) => frameOf(type, payload)));
    const chunks_base64: string[] = [];
    let at = 0;
    for (const length of [...cuts, stream.length]) {
      if (at >= stream.length) break;
      chunks_base64.push(stream.subarray(at, at + length).toString('base64'));
      at += length;
    }
    const answer = await ask('read_frames', { chunks_base64, eof: true });
    const expected = sent.map(({ type, payload }) => ({ type, payload: () => payload }));
    return judgeFrames({ kind: 'frames', frames: expected, ending: 'clean' }, answer, 'F3');
  });
}

function frameOf(type: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const HOUR_MS = 3_600_000;
const duration = fc.integer({ min: 0, max: 4 * HOUR_MS });
const moreWork = fc.record({ cpu: duration, idle: duration, staged: duration, more: duration });

const NOT_MONOTONIC = {
  cause: 'a reward falls with more work, or rises with more waiting (P1)',
  likely: 'the times are exchanged, or a penalty has the wrong sign',
};

function rewards(options: GeneratedOptions): LibraryProperty {
  const facts = {
    id: 'library-generated/reward-monotonic',
    clause: 'P1',
    requirement: 'More work never lowers a reward, and more waiting never raises one.',
    ops: ['polo'] as const,
  };
  return property(facts, options, moreWork, async ({ cpu, idle, staged, more }, ask) => {
    const rewardOf = async (given: Args): Promise<number> => {
      const answer = await ask('polo', given);
      const value =
        answer.kind === 'value' && isObject(answer.value) ? answer.value['final_reward'] : undefined;
      return typeof value === 'number' ? value : Number.NaN;
    };
    const given = { time_cpu_ms: cpu, time_idle_ms: idle, time_staged_ms: staged };
    const plain = await rewardOf(given);
    const work = await rewardOf({ ...given, time_cpu_ms: cpu + more });
    if (!(work >= plain)) return fail(`${work} with more work`, `at least ${plain}`, NOT_MONOTONIC);
    const wait = await rewardOf({ ...given, time_idle_ms: idle + more, time_staged_ms: staged + more });
    return wait <= plain
      ? pass('monotonic')
      : fail(`${wait} with more waiting`, `at most ${plain}`, NOT_MONOTONIC);
  });
}

function times(options: GeneratedOptions): LibraryProperty {
  const facts = {
    id: 'library-generated/times',
    clause: 'L3',
    requirement: 'A library reads any time of RFC 3339 to the millisecond.',
    ops: ['parse_time'] as const,
  };
  return property(facts, options, instants, async (instant, ask) => {
    const given = timeText(instant);
    const answer = await ask('parse_time', { text: given });
    return judgeInstant({ kind: 'instant', text: given, ...instant }, answer, false);
  });
}

const IDS = 1000;

function ids({ seed }: GeneratedOptions): LibraryProperty {
  const facts = {
    id: 'library-generated/ids-unique',
    clause: 'S10',
    requirement: 'Ids that are generated one after another are different.',
    ops: ['generate_task_id'] as const,
  };
  return property(facts, { seed, runs: 1 }, fc.constant(IDS), async (count, ask) => {
    const answers = [await ask('generate_task_id', { count }), await ask('generate_task_id', { count })];
    const different = new Set(answers.flatMap((answer) => idsIn(answer) ?? [])).size;
    if (different === 2 * count) return pass(`${different} different ids`);
    return fail(`${different} different ids`, `${2 * count} different ids`, IDS_REPEAT);
  });
}
