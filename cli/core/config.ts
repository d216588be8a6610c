/**
 * Options from a file: `conform.config.json`, or `conform` in `package.json`, in the working directory, or the file that
 * --config names. They are checked against fixtures/schema/config.schema.json. The command line overrides them.
 */

import { basename } from 'node:path';
import { optionIn } from './check-command-line.ts';
import type { Command, Configured } from './command.ts';
import { type ConfigFile, checkConfig, parseConfig, placeOf } from './config-check.ts';
import { UsageError } from './errors.ts';
import { readText, readTextIfAny } from './read-file.ts';

/** Options by their names on the command line. */
export type Config = Readonly<Record<string, unknown>>;

/** Options that together name the target: one of them on the command line replaces all of them. */
const TARGET_OPTIONS = ['target', 'exec', 'pid', 'tasks-dir'];

/** Options that name many targets, and what holds for those alone: a target on the command line replaces all of them. */
const MANY_TARGETS_OPTIONS = [
  'targets',
  'reports',
  'concurrent-targets',
  'concurrent-per-host',
  'connection-rate',
  'i-own-these-targets',
];

/** Permission to flood the target: it holds for the target with which it was given, and for no other. */
const PERMISSION = 'i-own-this-target';

/** The files that are looked for, in this order. */
const PLACES = ['conform.config.json', 'package.json'];

/** What a file says for one command. */
export interface Configuration {
  readonly options: Config;
  /** The file and the line of an option such as `--shard`; undefined if the option does not come from the file. */
  readonly placeOf: (option: string) => string | undefined;
}

/** Without options when there is no file. `args`: those before `--`. Throws UsageError. */
export async function readConfig(
  part: Configured,
  args: readonly string[],
  conflicts: Command['conflicts'] = [],
): Promise<Configuration> {
  const named = fileNamedBy(args);
  const found = named === undefined ? await findConfig() : configIn(named, await readText(named));
  if (found === undefined) return { options: {}, placeOf: () => undefined };
  const config = await checkConfig(found.config, found.file);
  const names = new Set(args.map(optionIn));
  const given = (option: string): boolean => names.has(option);
  const isOverruled = (name: string): boolean =>
    given(name) ||
    ([...TARGET_OPTIONS, PERMISSION, ...MANY_TARGETS_OPTIONS].includes(name) && TARGET_OPTIONS.some(given)) ||
    ([...TARGET_OPTIONS, PERMISSION, 'i-own-these-targets'].includes(name) && given('targets')) ||
    conflicts.some(([one, other]) => (name === one && given(other)) || (name === other && given(one)));
  const options = Object.fromEntries(
    Object.entries(configFor(part, config, given)).filter(([name]) => !isOverruled(name)),
  );
  for (const [one, other] of conflicts) {
    if (options[one] !== undefined && options[other] !== undefined)
      throw new UsageError(
        `${placeOf(found.file, [other])}: ${one} and ${other} exclude each other; leave one of them out`,
        'conflicting-options',
      );
  }
  return {
    options,
    placeOf: (option) => {
      const name = option.replace(/^--/, '');
      if (options[name] === undefined) return undefined;
      const section = part === 'fuzz' && (config['fuzz'] as Config | undefined)?.[name] !== undefined;
      return placeOf(found.file, section ? ['fuzz', name] : [name]);
    },
  };
}

/** Options that say what the target is and may be asked, and mean the same for a run, a campaign and a replay. */
const SHARED_OPTIONS = [...TARGET_OPTIONS, 'start-timeout', 'deadline', PERMISSION];
/** Those of a campaign that also hold for a replay. */
const REPLAYED_OPTIONS = ['against', 'deadline'];

/**
 * The part of a configuration that holds for a command. `given`: whether an option is on the command line. Throws a UsageError
 * for several targets where one is wanted.
 */
export function configFor(
  part: Configured,
  config: Config,
  given: (option: string) => boolean = () => false,
): Config {
  const { $schema: _, dir, fuzz = {}, ...run } = config;
  const campaign = fuzz as Config;
  const store = dir === undefined ? {} : { dir };
  switch (part) {
    case 'run':
      return run;
    case 'gate':
      refuseManyTargets(run, given);
      return run;
    case 'fuzz':
      return { ...targetIn(run, given), ...campaign };
    case 'replay':
      return { ...targetIn(run, given), ...pick(campaign, REPLAYED_OPTIONS) };
    case 'client':
    case 'library':
      return programIn(run, part);
    case 'store':
      return store;
    case 'peer':
      return targetOf(run, given);
    case 'store-or-peer':
      if (given('dir') || given('target')) return {};
      return dir === undefined ? targetOf(run, given) : store;
  }
}

function pick(config: Config, names: readonly string[]): Config {
  return Object.fromEntries(Object.entries(config).filter(([name]) => names.includes(name)));
}

/** Options that mean the same for a server, a client and a library. */
const JUDGE_OPTIONS = [
  ...['strict', 'retries', 'bail', 'max-failures', 'max-time'],
  ...['trace', 'all', 'slowest', 'known-failures'],
];

/** The part that holds for `client` or `library`; `client-exec` is the `--exec` of the former. */
function programIn(config: Config, program: 'client' | 'library'): Config {
  const exec = config[`${program}-exec`];
  return {
    ...pick(config, JUDGE_OPTIONS),
    ...(exec !== undefined && { exec }),
  };
}

/** The part that says what `fuzz` and `replay` send to. */
function targetIn(config: Config, given: (option: string) => boolean): Config {
  refuseManyTargets(config, given);
  return { ...pick(config, SHARED_OPTIONS), ...targetOf(config, given) };
}

/** The one target. Throws UsageError if there are several, and the command line does not name it. */
function targetOf({ target }: Config, given: (option: string) => boolean): Config {
  const targets = target === undefined ? [] : [target].flat();
  if (targets.length === 0 || TARGET_OPTIONS.some(given)) return {};
  if (targets.length > 1)
    throw new UsageError(
      `the configuration file names ${targets.length} targets, and this command takes one: give it with --target`,
    );
  // A name is for the report of a run.
  return { target: String(targets[0]).replace(/^[\w.-]+=/, '') };
}

/** Without a target of its own, a command would take the reference for the targets that the file means. Throws UsageError. */
function refuseManyTargets(config: Config, given: (option: string) => boolean): void {
  const hasTarget = TARGET_OPTIONS.some((name) => config[name] !== undefined || given(name));
  if (config['targets'] === undefined || hasTarget) return;
  throw new UsageError(
    'the configuration file has targets, which only conform run judges: give one with --target or --exec',
  );
}

interface Found {
  readonly file: ConfigFile;
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
  const config = parseConfig(file, text);
  if (basename(file) !== 'package.json') return { file: { file, text, within: [] }, config };
  if (typeof config !== 'object' || config === null || !('conform' in config)) return undefined;
  return { file: { file, text, within: ['conform'] }, config: config.conform };
}

/** Read from the words, because the file has to be known before yargs parses them. */
function fileNamedBy(args: readonly string[]): string | undefined {
  const at = args.indexOf('--config');
  return at < 0 ? args.find((arg) => arg.startsWith('--config='))?.slice('--config='.length) : args[at + 1];
}
