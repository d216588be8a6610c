/** Selection of scenarios by id, section, clause and level. */

import { clauses } from '../../conformance/coverage/clauses.ts';
import { LEVELS, type Level, type Requirement, sectionOf } from '../../conformance/scenario/requirement.ts';
import { globOf } from '../../conformance/util/glob.ts';
import { closestName, notOneOf, similarName } from '../core/check-command-line.ts';
import type { OptionTable } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { wrong } from './options.ts';

export const SELECTION = {
  only: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Selection:',
    describe: "Only scenarios whose id matches, such as 'frame/*'; * matches any text",
  },
  skip: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Selection:',
    describe: 'Leave out scenarios whose id matches',
  },
  section: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Selection:',
    describe: 'Only sections of the catalogue, such as frame',
  },
  clause: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Selection:',
    describe: 'Only scenarios that judge this clause of the protocol, such as M6',
  },
  level: {
    choices: LEVELS,
    array: true,
    requiresArg: true,
    group: 'Selection:',
    describe: 'Only requirements of this level',
  },
} as const satisfies OptionTable;

export interface Selection {
  readonly only: readonly string[] | undefined;
  readonly skip: readonly string[] | undefined;
  readonly section: readonly string[] | undefined;
  readonly clause: readonly string[] | undefined;
  readonly level: readonly Level[] | undefined;
}

/**
 * A predicate for the scenarios that the options select; without options, all of them. Throws UsageError when one option
 * matches no scenario, or all options together leave none: a run must not silently judge less than it was asked to.
 */
export function selectionOf(
  { only, skip, section, clause, level }: Selection,
  catalogue: readonly Requirement[],
): (scenario: Requirement) => boolean {
  const byOnly = patternsOf('--only', only, catalogue);
  const bySkip = patternsOf('--skip', skip, catalogue);
  const bySection = section && sectionTest(section, catalogue);
  const named = clause && clausesOf(clause, catalogue);
  const selected = (scenario: Requirement): boolean =>
    (byOnly?.(scenario) ?? true) &&
    !(bySkip?.(scenario) ?? false) &&
    (bySection?.(scenario) ?? true) &&
    (named?.includes(scenario.clause) ?? true) &&
    (level?.includes(scenario.level) ?? true);
  if (!catalogue.some(selected))
    throw new UsageError('the options select no scenario; conform list shows all of them');
  return selected;
}

type Test = (scenario: Requirement) => boolean;

function patternsOf(
  option: string,
  patterns: readonly string[] | undefined,
  catalogue: readonly Requirement[],
): Test | undefined {
  const tests = patterns?.map((pattern) => {
    const test = globOf(pattern);
    if (catalogue.some(({ id }) => test.test(id))) return test;
    const ids = catalogue.map(({ id }) => id);
    const hint = sectionsOf(catalogue).includes(pattern)
      ? `it is a section: ${option} '${pattern}/*'`
      : (similarName(pattern, ids) ?? 'conform list shows their ids');
    throw wrong(option, `${JSON.stringify(pattern)} matches no scenario; ${hint}`);
  });
  return tests && (({ id }) => tests.some((test) => test.test(id)));
}

/** Throws UsageError for a name that is no section, nor a pattern of some. */
function sectionTest(given: readonly string[], catalogue: readonly Requirement[]): Test {
  const sections = sectionsOf(catalogue);
  const tests = given.map((name) => {
    const test = globOf(name);
    if (sections.some((section) => test.test(section))) return test;
    throw wrong('--section', notOneOf(JSON.stringify(name), name, sections));
  });
  return (scenario) => tests.some((test) => test.test(sectionOf(scenario.id)));
}

/** What stands before the slash of the ids, in the order of the catalogue. */
function sectionsOf(catalogue: readonly Requirement[]): readonly string[] {
  return [...new Set(catalogue.map(({ id }) => sectionOf(id)))];
}

/** The names as the protocol writes them; m6 is M6. Throws UsageError for a clause that no scenario judges. */
function clausesOf(given: readonly string[], catalogue: readonly Requirement[]): readonly string[] {
  return given.map((text) => {
    const name = text.toUpperCase();
    if (catalogue.some(({ clause }) => clause === name)) return name;
    const names = clauses().map((clause) => clause.name);
    throw wrong(
      '--clause',
      names.includes(name)
        ? `${name} matches no scenario; conform explain ${name} says why`
        : `${JSON.stringify(text)} is no clause of the protocol; did you mean ${closestName(name, names)}?`,
    );
  });
}
