/** Selecting scenarios by their id, level and section. */

import type { Options } from 'yargs';
import type { Level, Scenario } from '../../conformance/index.ts';
import { globOf } from '../../conformance/util/glob.ts';
import { UsageError } from '../core/errors.ts';

const LEVELS = ['MUST', 'SHOULD', 'MAY'] as const satisfies readonly Level[];

export const SELECTION = {
  only: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Only scenarios whose id matches; * stands for anything',
  },
  skip: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'No scenarios whose id matches',
  },
  section: { type: 'string', array: true, requiresArg: true, describe: 'Only sections, such as frame' },
  level: { choices: LEVELS, array: true, requiresArg: true, describe: 'Only levels' },
} as const satisfies Record<string, Options>;

export interface SelectionOptions {
  only: string[] | undefined;
  skip: string[] | undefined;
  section: string[] | undefined;
  level: Level[] | undefined;
}

/**
 * A test for what was asked for; without options, everything. Throws UsageError when an option matches nothing, or all
 * of them together do, since a run that silently judges less than was asked for is worse than none.
 */
export function selectionOf(
  { only, skip, section, level }: SelectionOptions,
  catalogue: readonly Scenario[],
): (scenario: Scenario) => boolean {
  const byOnly = patternsOf('--only', only, catalogue);
  const bySkip = patternsOf('--skip', skip, catalogue);
  const bySection = patternsOf(
    '--section',
    section?.map((name) => `${name}/*`),
    catalogue,
  );
  const selected = (scenario: Scenario): boolean =>
    (byOnly?.(scenario) ?? true) &&
    !(bySkip?.(scenario) ?? false) &&
    (bySection?.(scenario) ?? true) &&
    (level?.includes(scenario.level) ?? true);
  if (!catalogue.some(selected)) throw new UsageError('no scenario is left; conform list shows them all');
  return selected;
}

function patternsOf(
  option: string,
  patterns: readonly string[] | undefined,
  catalogue: readonly Scenario[],
): ((scenario: Scenario) => boolean) | undefined {
  const tests = patterns?.map((pattern) => {
    const test = globOf(pattern);
    if (catalogue.some(({ id }) => test.test(id))) return test;
    const given = option === '--section' ? pattern.slice(0, -2) : pattern;
    throw new UsageError(
      `${option} ${JSON.stringify(given)} matches no scenario; conform list shows their ids`,
    );
  });
  return tests && (({ id }) => tests.some((test) => test.test(id)));
}
