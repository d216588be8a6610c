/**
 * The interface of a library under test: an adapter reads requests and writes answers, both as JSON Lines. The schema is
 * fixtures/schema/adapter.schema.json, and docs/libraries.md explains it.
 */

/** What an adapter can be asked, besides `hello`. An adapter names those that it answers. */
export const OPS = [
  'encode',
  'decode',
  'read_frames',
  'type_name',
  'validate',
  'marshal_task_file',
  'unmarshal_task_file',
  'new_task_file',
  'parse_time',
  'expiry',
  'calculate',
  'since',
  'polo',
  'generate_task_id',
  'extension',
] as const;

/** The name of an operation. */
export type Op = (typeof OPS)[number];

/** The arguments of a request, by name, as they are written. */
export type Args = Readonly<Record<string, unknown>>;

/** What an adapter answered, as it was read: any JSON value can stand in `value`. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  /** The library refuses the input. */
  | { readonly kind: 'refused'; readonly error: string }
  /** The adapter cannot ask its library this. */
  | { readonly kind: 'unsupported' };

/** The answer to `hello`. */
export interface Hello {
  /** Of the library. */
  readonly name: string;
  readonly version: string;
  readonly language: string;
  readonly ops: readonly Op[];
  /** Whether it takes `now` from the request. Otherwise its own clock decides. */
  readonly hasClock: boolean;
}

/** The answer to `hello`, or in words what is wrong with it. Operations that the kit does not know are left out. */
export function readHello(answer: Answer): Hello | string {
  if (answer.kind !== 'value') return `hello was answered with ${answer.kind}`;
  const { value } = answer;
  if (!isObject(value)) return 'the value of hello is no object';
  const { name, version, language, ops, clock = false } = value;
  if (typeof name !== 'string' || typeof version !== 'string' || typeof language !== 'string')
    return 'hello has to name name, version and language as strings';
  if (!Array.isArray(ops)) return 'hello has to list its ops in an array';
  if (typeof clock !== 'boolean') return 'clock of hello has to be true or false';
  return { name, version, language, ops: OPS.filter((op) => ops.includes(op)), hasClock: clock };
}

/** Whether a JSON value is an object, not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
