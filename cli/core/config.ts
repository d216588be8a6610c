/**
 * Options from a file: `conform.config.json`, or `conform` in `package.json`, in the working directory, or the file that
 * --config names. They are checked against fixtures/schema/config.schema.json. The command line overrides them.
 */

import { readFile } from 'node:fs/promises';
import { packageFile } from '../../conformance/util/package-file.ts';
import { UsageError } from './errors.ts';

/** Options by their names on the command line. */
export type Config = Readonly<Record<string, unknown>>;

/** Options that together name the target: one of them on the command line replaces all of them. */
const TARGET_OPTIONS = ['target', 'exec', 'pid', 'tasks-dir'];

/** Empty when there is no file. Throws UsageError. */
export async function readConfig(args: readonly string[]): Promise<Config> {
  const { lilconfig } = await import('lilconfig');
  const loader = lilconfig('conform', {
    searchPlaces: ['conform.config.json', 'package.json'],
    stopDir: process.cwd(),
  });
  const named = fileNamedBy(args);
  let found: Awaited<ReturnType<typeof loader.search>>;
  try {
    found = await (named === undefined ? loader.search(process.cwd()) : loader.load(named));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
    throw new UsageError(`cannot read the configuration: ${reason}`);
  }
  if (found === null || found.isEmpty) return {};
  const config = await checked(found.config, found.filepath);
  const given = (option: string): boolean =>
    args.some((arg) => arg === `--${option}` || arg.startsWith(`--${option}=`));
  const isOverruled = TARGET_OPTIONS.some(given);
  return Object.fromEntries(
    Object.entries(config).filter(
      ([name]) => name !== '$schema' && !(isOverruled && TARGET_OPTIONS.includes(name)),
    ),
  );
}

/** Read from the words, because the file has to be known before yargs parses them. */
function fileNamedBy(args: readonly string[]): string | undefined {
  const at = args.indexOf('--config');
  return at < 0 ? args.find((arg) => arg.startsWith('--config='))?.slice('--config='.length) : args[at + 1];
}

async function checked(config: unknown, file: string): Promise<Config> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const schema = packageFile('fixtures/schema/config.schema.json');
  const validate = new Ajv2020().compile<Config>(JSON.parse(await readFile(schema, 'utf8')));
  if (validate(config)) return config;
  const [error] = validate.errors ?? [];
  const name: unknown = error?.params['additionalProperty'];
  const what =
    name === undefined
      ? `${error?.instancePath.slice(1)} ${error?.message}`
      : `there is no option ${JSON.stringify(name)}`;
  throw new UsageError(`${file}: ${what}`);
}
