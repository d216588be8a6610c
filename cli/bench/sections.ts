/** The sections of each bench, and which of them are measured. */

import type { Section, SectionOptions, Selection } from '../../bench/index.ts';
import { globOf } from '../../conformance/util/glob.ts';
import type { Given, OptionTable } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { checkWhole } from '../options/options.ts';
import { EMBEDDED_JOBS } from '../target/target.ts';

export const MUTANTS_OPTIONS = {
  mutants: {
    type: 'boolean',
    default: false,
    group: 'With kit:',
    describe: 'Measure how the kit judges broken servers instead, one run for each; needs the repository',
  },
  jobs: {
    type: 'number',
    default: 2,
    requiresArg: true,
    group: 'With kit:',
    describe: 'With --mutants: how many servers are judged at a time',
  },
} as const satisfies OptionTable;

/** A section by its id, and how it is measured. */
export type Measurement = readonly [id: string, measure: () => Promise<Section>];

/**
 * `only` are patterns for sections, such as 'kit/fuzz', or for rows with their section, such as 'codec/encode Submit*'.
 * `names` are exact names of both kinds. Undefined selects all.
 */
export function selectionBy(
  only: readonly string[] | undefined,
  names: ReadonlySet<string> | undefined,
): Selection {
  const patterns = (only ?? ['*']).map((pattern) => globOf(pattern));
  const sections = names && new Set([...names].map((name) => name.split(' ', 1)[0]));
  return (section, row) => {
    const name = row === undefined ? section : `${section} ${row}`;
    if (!patterns.some((pattern) => pattern.test(name) || pattern.test(section))) return false;
    if (names === undefined || names.has(section)) return true;
    return row === undefined ? sections?.has(section) === true : names.has(name);
  };
}

export async function measureSelected(
  measurements: readonly Measurement[],
  isSelected: Selection,
): Promise<Section[]> {
  const sections: Section[] = [];
  for (const [id, measure] of measurements) if (isSelected(id)) sections.push(await measure());
  return sections;
}

/** `rounds`: the number of processes in which messages, streams and peaks are measured. */
export async function benchCodec(
  options: SectionOptions & { readonly rounds: number },
  isSelected: Selection,
): Promise<Section[]> {
  const { memorySection, codecSections, chunksSection, sizeSection, streamSection } = await import(
    '../../bench/index.ts'
  );
  const sections: readonly Measurement[] = [
    ['codec/stream', () => streamSection(options)],
    ['codec/size', () => sizeSection(options)],
    ['codec/pieces', () => chunksSection(options)],
    ['codec/memory', () => memorySection(options)],
  ];
  return [...(await codecSections(options, isSelected)), ...(await measureSelected(sections, isSelected))];
}

/** `rounds`: the number of processes in which messages are measured. `seconds`: how long a server is measured in a round. */
export async function benchReference(
  options: SectionOptions & { readonly rounds: number; readonly seconds: number },
  isSelected: Selection,
): Promise<Section[]> {
  const { aimsSections } = await import('../../bench/index.ts');
  return await aimsSections(options, isSelected);
}

/** `rounds`: how often each path is measured. `seconds`: how long a rate is measured in a round. */
export async function benchProxy(
  options: SectionOptions & { readonly rounds: number; readonly seconds: number },
  isSelected: Selection,
): Promise<Section[]> {
  const { forwardSections } = await import('../../bench/index.ts');
  return await forwardSections(options, isSelected);
}

/** `rounds`: how often the start of each command is measured. */
export async function benchKit(
  { mutants, jobs }: Given<typeof MUTANTS_OPTIONS>,
  options: SectionOptions & { readonly rounds?: number },
  isSelected: Selection,
): Promise<Section[]> {
  if (mutants) return await benchMutants(jobs, options, isSelected);
  const { clientSection, fuzzSection, librarySection, persistentSection, scenariosSection, startupSection } =
    await import('../../bench/index.ts');
  const sections: readonly Measurement[] = [
    ['kit/startup', () => startupSection(options)],
    ['kit/scenarios', () => scenariosSection({ ...options, jobs: EMBEDDED_JOBS })],
    ['kit/client', () => clientSection(options)],
    ['kit/library', () => librarySection(options)],
    ['kit/fuzz', () => fuzzSection(options)],
    ['kit/fuzz-kept', () => persistentSection(options)],
  ];
  return await measureSelected(sections, isSelected);
}

async function benchMutants(
  jobs: number,
  options: SectionOptions,
  isSelected: Selection,
): Promise<Section[]> {
  checkWhole(jobs, '--jobs', 1);
  const { findMutants, mutantSections } = await import('../../bench/index.ts');
  const found = await findMutants();
  if (found === undefined)
    throw new UsageError('--mutants needs the repository: the npm package holds no mutants');
  return await mutantSections(found, { ...options, jobs }, isSelected);
}
