/**
 * Options from a file: `conform.config.json`, or `conform` in `package.json`, in the working directory, or the file that
 * --config names. They are checked against fixtures/schema/config.schema.json. The command line overrides them.
 */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { packageFile } from '../../conformance/util/package-file.ts';
import { printable } from '../../conformance/util/printable.ts';
import { similarName } from './check-command-line.ts';
import type { Configured } from './command.ts';
import { UsageError } from './errors.ts';
import { readText, readTextIfAny } from './read-file.ts';

/** Options by their names on the command line. */
export type Config = Readonly<Record<string, unknown>>;

/** Options that together name the target: one of them on the command line replaces all of them. */
const TARGET_OPTIONS = ['target', 'exec', 'pid', 'tasks-dir'];

/** The files that are looked for, in this order. */
const PLACES = ['conform.config.json', 'package.json'];

/** Empty when there is no file. Throws UsageError. */
export async function readConfig(args: readonly string[]): Promise<Config> {
  const named = fileNamedBy(args);
  const found = named === undefined ? await findConfig() : configIn(named, await readText(named));
  if (found === undefined) return {};
  const config = await checked(found.config, found.file);
  const given = (option: string): boolean =>
    args.some((arg) => arg === `--${option}` || arg.startsWith(`--${option}=`));
  const isOverruled = TARGET_OPTIONS.some(given);
  return Object.fromEntries(
    Object.entries(config).filter(
      ([name]) => name !== '$schema' && !(isOverruled && TARGET_OPTIONS.includes(name)),
    ),
  );
}

/** Options that say what the target is and may be asked, and mean the same for a run, a campaign and a replay. */
const SHARED_OPTIONS = [...TARGET_OPTIONS, 'start-timeout', 'i-own-this-target'];

/** The part of a configuration that holds for a command. Throws a UsageError for several targets where one is wanted. */
export function configFor(part: Configured, config: Config): Config {
  if (part === 'all') return config;
  return part === 'target' ? targetIn(config) : programIn(config, part);
}

/** Options that mean the same for a server, a client and a library. */
const JUDGE_OPTIONS = ['strict', 'retries', 'bail', 'max-time', 'trace', 'all', 'slowest', 'known-failures'];

/** The part that holds for `client` or `library`; `client-exec` is the `--exec` of the former. */
function programIn(config: Config, program: 'client' | 'library'): Config {
  const exec = config[`${program}-exec`];
  return {
    ...Object.fromEntries(Object.entries(config).filter(([name]) => JUDGE_OPTIONS.includes(name))),
    ...(exec !== undefined && { exec }),
  };
}

/** The part that holds for `fuzz` and `replay`. */
function targetIn(config: Config): Config {
  const shared = Object.fromEntries(Object.entries(config).filter(([name]) => SHARED_OPTIONS.includes(name)));
  const targets = config['target'] === undefined ? [] : [config['target']].flat();
  if (targets.length > 1)
    throw new UsageError(
      `the configuration file names ${targets.length} targets, and this command takes one: give it with --target`,
    );
  // A name is for the report of a run.
  const target = targets.map((text) => String(text).replace(/^[\w.-]+=/, ''))[0];
  const { deadline } = config;
  return {
    ...shared,
    ...(target !== undefined && { target }),
    ...(deadline !== undefined && { deadline: `${deadline}ms` }),
  };
}

interface Found {
  readonly file: string;
  readonly config: unknown;
}

async function findConfig(): Promise<Found | undefined> {
  for (const file of PLACES) {
    const text = await readTextIfAny(file);
    const found = text === undefined ? undefined : configIn(file, text);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Undefined for a file that holds no options: it is empty, or a package.json without `conform`. */
function configIn(file: string, text: string): Found | undefined {
  if (text.trim() === '') return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${printable(file)} is not JSON: ${printable((error as SyntaxError).message)}`);
  }
  if (basename(file) !== 'package.json') return { file, config: json };
  if (typeof json !== 'object' || json === null || !('conform' in json)) return undefined;
  return { file, config: json.conform };
}

/** Read from the words, because the file has to be known before yargs parses them. */
function fileNamedBy(args: readonly string[]): string | undefined {
  const at = args.indexOf('--config');
  return at < 0 ? args.find((arg) => arg.startsWith('--config='))?.slice('--config='.length) : args[at + 1];
}

async function checked(config: unknown, file: string): Promise<Config> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const schema = JSON.parse(await readFile(packageFile('fixtures/schema/config.schema.json'), 'utf8'));
  const validate = new Ajv2020().compile<Config>(schema);
  if (validate(config)) return config;
  const [error] = validate.errors ?? [];
  const name: unknown = error?.params['additionalProperty'];
  const what =
    name === undefined
      ? `${error?.instancePath.slice(1)} ${error?.message}`
      : `there is no option ${JSON.stringify(name)}${suggestion(String(name), schema)}`;
  throw new UsageError(`${printable(file)}: ${printable(what)}`);
}

function suggestion(name: string, schema: { readonly properties: object }): string {
  const similar = similarName(name, Object.keys(schema.properties));
  return similar === undefined ? '' : `; ${similar}`;
}
