/**
 * What a user with a broken server meets: how long a run takes, how long its report is, and whether the first failure that
 * it shows is the fault. Every mutant and every conforming variant is judged by the command, with `--target` and
 * `--tasks-dir`. They belong to the repository and not to the npm package, so they are loaded only if they are there.
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../conformance/util/package-file.ts';
import { median } from '../measure/statistics.ts';
import type { Row, Section, SectionOptions, Selection } from '../report/report.ts';

interface MutantServer {
  readonly name: string;
  readonly kind: 'mutant' | 'late' | 'slow' | 'variant';
}

/** One judged server. The comments are in conformance/mutants/check/measure.ts. */
export interface JudgedServer extends MutantServer {
  readonly ms: number;
  readonly lines: number;
  readonly verdict: string;
  readonly firstFailure?: string;
  readonly isNamed?: boolean;
}

/** The module of the repository that judges mutants. */
export interface Mutants {
  readonly servers: readonly MutantServer[];
  readonly measureServers: (
    servers: readonly MutantServer[],
    options: {
      readonly jobs: number;
      readonly onServer: (name: string) => void;
      readonly signal?: AbortSignal | undefined;
    },
  ) => Promise<readonly JudgedServer[]>;
}

/** Undefined where there are no mutants, as in the npm package. */
export async function findMutants(): Promise<Mutants | undefined> {
  const module = packageFile('dist/conformance/mutants/check/measure.js');
  return existsSync(fileURLToPath(module)) ? await import(module.href) : undefined;
}

interface MutantsOptions extends SectionOptions {
  /** How many servers are judged at a time. */
  readonly jobs: number;
}

const ID = 'kit/mutants';
/** The aims of the times in seconds, of the number of lines, and of the share of mutants in percent. */
const AIM = { median: 4, p90: 8, slowest: 30, late: 20, slow: 120, lines: 80, named: 90 };
/** How many of the slowest mutants are listed. */
const LISTED = 10;

/** Judges the servers whose names are selected as rows of 'kit/mutants'. No sections if there are none. */
export async function mutantSections(
  { servers, measureServers }: Mutants,
  { jobs, onRow, signal }: MutantsOptions,
  isSelected: Selection,
): Promise<Section[]> {
  const selected = servers.filter(({ name }) => isSelected(ID, name));
  let begun = 0;
  const onServer = (name: string): void => {
    begun += 1;
    onRow(`${ID} ${begun} of ${selected.length}: ${name}`);
  };
  const judged = await measureServers(selected, { jobs, onServer, signal });
  return judged.length === 0 ? [] : sectionsOf(judged, jobs);
}

/** The sections of at least one judged server, of which `jobs` were judged at a time. */
export function sectionsOf(judged: readonly JudgedServer[], jobs: number): Section[] {
  const mutants = judged.filter(({ kind }) => kind === 'mutant');
  return [
    times(judged, jobs),
    reports(judged),
    ...(mutants.length > 0 ? [firstFailures(mutants), slowest(mutants), ...otherFailures(mutants)] : []),
  ];
}

function times(judged: readonly JudgedServer[], jobs: number): Section {
  const msOf = (...kinds: readonly JudgedServer['kind'][]): number[] =>
    judged
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ ms }) => ms)
      .toSorted((a, b) => a - b);
  const row = (name: string, ms: number | undefined, aimSeconds: number | null): Row[] =>
    ms === undefined ? [] : [{ name, cells: [ms * 1e6, aimSeconds === null ? null : aimSeconds * 1e9] }];
  /** A row that does not depend on one server alone, so that it can be compared with another run. */
  const steadyRow = (name: string, ms: number | undefined, aimSeconds: number): Row[] =>
    row(name, ms, aimSeconds).map((one) => ({
      ...one,
      compared: { value: ms ?? 0, margin: 0, better: 'lower' },
    }));
  const mutants = msOf('mutant');
  const variants = judged.filter(({ kind }) => kind !== 'mutant');
  const accused = variants.filter(({ verdict }) => verdict === 'does not conform').map(({ name }) => name);
  return {
    id: ID,
    title: 'Judging broken servers, and servers that use a freedom of the protocol',
    of: 'servers',
    columns: [
      { title: 'time', unit: 'ns' },
      { title: 'aim', unit: 'ns' },
    ],
    rows: [
      ...(mutants.length === 0 ? [] : steadyRow('mutants, median', median(mutants), AIM.median)),
      ...steadyRow('mutants, 90th percentile', mutants[Math.ceil(0.9 * mutants.length) - 1], AIM.p90),
      ...row('mutants, slowest', mutants.at(-1), AIM.slowest),
      ...row('variants that answer or close after some 200 ms, slowest', msOf('late').at(-1), AIM.late),
      ...row('variants that answer after 3 s, slowest', msOf('slow').at(-1), AIM.slow),
      ...row('other variants, slowest', msOf('variant').at(-1), null),
    ],
    notes: [
      `${mutants.length} mutants and ${variants.length} conforming variants, ${jobs} at a time. The time is the wall time of the command with --target and --tasks-dir, with the start of its process.`,
      ...(accused.length === 0 ? [] : [`Conforming variants that were accused: ${accused.join(', ')}.`]),
    ],
  };
}

function reports(judged: readonly JudgedServer[]): Section {
  const longest = judged.toSorted((a, b) => b.lines - a.lines).slice(0, 1);
  return {
    id: 'kit/mutants-lines',
    title: 'The longest text report',
    of: 'server',
    columns: [
      { title: 'lines', unit: 'count' },
      { title: 'aim', unit: 'count' },
    ],
    rows: longest.map(({ name, lines }) => ({ name, cells: [lines, AIM.lines] })),
    notes: [],
  };
}

function firstFailures(mutants: readonly JudgedServer[]): Section {
  const shown = mutants.filter(({ isNamed }) => isNamed !== undefined);
  const named = shown.filter(({ isNamed }) => isNamed).length;
  const share = shown.length === 0 ? null : Math.floor((100 * named) / shown.length);
  return {
    id: 'kit/mutants-first',
    title: 'Reports of mutants whose first failure is one that the mutant names',
    of: '',
    columns: [
      { title: 'mutants', unit: 'count' },
      { title: 'first failure named', unit: 'count' },
      { title: 'in percent', unit: 'count' },
      { title: 'aim', unit: 'count' },
    ],
    rows: [{ name: 'mutants', cells: [shown.length, named, share, AIM.named] }],
    notes: [
      'Mutants are left out if the run skips every scenario that they name, as without --slow and --exec.',
    ],
  };
}

function slowest(mutants: readonly JudgedServer[]): Section {
  const listed = mutants.toSorted((a, b) => b.ms - a.ms).slice(0, LISTED);
  return {
    id: 'kit/mutants-slowest',
    title: 'The slowest mutants',
    of: 'mutant',
    columns: [
      { title: 'time', unit: 'ns' },
      { title: 'lines', unit: 'count' },
    ],
    rows: listed.map(({ name, ms, lines }) => ({ name, cells: [ms * 1e6, lines] })),
    notes: [],
  };
}

/** No section if there is no such mutant. */
function otherFailures(mutants: readonly JudgedServer[]): Section[] {
  const rows = mutants
    .filter(({ isNamed }) => isNamed === false)
    .map(({ name, firstFailure, ms }) => ({ name: `${name}: ${firstFailure ?? 'none'}`, cells: [ms * 1e6] }));
  const section: Section = {
    id: 'kit/mutants-other',
    title: 'Mutants whose first failure is another one',
    of: 'mutant: first failure',
    columns: [{ title: 'time', unit: 'ns' }],
    rows,
    notes: [],
  };
  return rows.length === 0 ? [] : [section];
}
