/** Checks a configuration against its schema. Each fault is one line: file, line, key, what is allowed, a suggestion. */

import { packageSchema } from '../../conformance/schema/package-schema.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import { similarName } from './check-command-line.ts';
import { UsageError } from './errors.ts';
import { brokenPlace, memberPlace } from './json-place.ts';

/** The part of JSON Schema that the schema of the configuration uses. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
}

const configSchema = packageSchema<Readonly<Record<string, unknown>>>('config');

/** A file with options, as it was read. */
export interface ConfigFile {
  readonly file: string;
  readonly text: string;
  /** The names that lead from the top of the file to the options: none, or `conform` in a package.json. */
  readonly within: readonly string[];
}

/** Throws a UsageError that says where the text is not JSON. */
export function parseConfig(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = brokenPlace(text);
    const at = place === undefined ? '' : `, line ${place.line}, column ${place.column}`;
    // V8 adds the offset, or a part of the text.
    const [why = ''] = (error as SyntaxError).message.split(/ in JSON at position|, "|, \.\.\."| \(line /);
    throw new UsageError(`${printablePath(file)}${at}: it is not JSON: ${printable(why)}`);
  }
}

/** The options, checked. Throws UsageError. */
export async function checkConfig(
  config: unknown,
  file: ConfigFile,
): Promise<Readonly<Record<string, unknown>>> {
  const validate = await configSchema();
  if (validate(config)) return config;
  const [error] = validate.errors ?? [];
  const names = (error?.instancePath ?? '').split('/').slice(1);
  const unknown: unknown = error?.params['additionalProperty'];
  // A fault in a list is one of the option.
  const path = unknown === undefined ? names.filter((name) => !/^\d+$/.test(name)) : [...names, unknown];
  throw new UsageError(
    `${placeOf(file, path.map(String))}: ${faultAt(path.map(String), config, validate.schema as Schema)}`,
  );
}

/** The file with the line of the option, for a message. */
export function placeOf({ file, text, within }: ConfigFile, path: readonly string[]): string {
  const place = memberPlace(text, [...within, ...path]);
  return place === undefined ? printablePath(file) : `${printablePath(file)}, line ${place.line}`;
}

function faultAt(path: readonly string[], config: unknown, schema: Schema): string {
  const name = path.join('.');
  if (path.length === 0)
    return `it must hold an object of options, such as {"target": "127.0.0.1:1003"}, and holds ${kindOf(config)}`;
  const parent = path.slice(0, -1).reduce<Schema | undefined>((at, key) => at?.properties?.[key], schema);
  const own = parent?.properties?.[path.at(-1) ?? ''];
  if (own === undefined) {
    const similar = similarName(path.at(-1) ?? '', Object.keys(parent?.properties ?? {}));
    return `there is no option ${JSON.stringify(name)}; ${similar ?? 'conform run --help and conform fuzz --help list the options'}`;
  }
  const value = path.reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], config);
  const similar = namesIn(own).map((names) => similarName(String([value].flat()[0]), names))[0];
  const shown = printable(JSON.stringify(value), 80);
  return `${name} must be ${allowed(own)}, and is ${shown}${similar === undefined ? '' : `; ${similar}`}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** The values that a schema lists, if it does. */
function namesIn(schema: Schema): readonly (readonly string[])[] {
  if (schema.enum !== undefined) return [schema.enum.map(String)];
  return schema.anyOf?.flatMap(namesIn) ?? [];
}

/** What the schema permits, as the end of a sentence. */
function allowed(schema: Schema): string {
  if (schema.anyOf?.[0] !== undefined) return `${allowed(schema.anyOf[0])}, or a list of such`;
  if (schema.enum !== undefined) return `one of ${schema.enum.map(String).join(', ')}`;
  const { type, minimum = 0, maximum, minLength, maxLength, examples } = schema;
  switch (type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number':
      return `a ${type === 'integer' ? 'whole ' : ''}number${maximum === undefined ? `, ${minimum} or more` : ` from ${minimum} to ${maximum}`}`;
    case 'object':
      return 'an object of options';
    default: {
      const such = examples?.[0] === undefined ? '' : ` such as ${JSON.stringify(examples[0])}`;
      const length =
        maxLength === undefined
          ? minLength === undefined
            ? ''
            : ' that is not empty'
          : ` of ${maxLength} characters`;
      return `a text${such || length}`;
    }
  }
}
