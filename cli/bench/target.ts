/** `conform bench target`: its options and its sections. */

import type { Section, SectionOptions, Selection } from '../../bench/index.ts';
import type { Given, OptionTable } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { parseAddress } from '../options/address.ts';
import { checkWhole, duration, TARGET } from '../options/options.ts';
import { ownTarget } from '../options/own-target.ts';
import { type Measurement, measureSelected } from './sections.ts';

export const LOAD_OPTIONS = {
  target: {
    ...TARGET,
    group: 'With target:',
    describe: 'Address of the server, as host:port; default: the reference server and its baselines',
  },
  connections: {
    type: 'string',
    default: '1,8,64,256',
    requiresArg: true,
    group: 'With target:',
    describe: 'Numbers of concurrent connections, separated by commas; a row for each',
  },
  time: {
    type: 'string',
    default: '5s',
    requiresArg: true,
    group: 'With target, reference and proxy:',
    describe: 'How long each row is measured, in each round',
  },
  rate: {
    type: 'number',
    requiresArg: true,
    group: 'With target:',
    describe:
      'Submissions per second, sent at this rate even if answers are slower; default: as fast as answers come',
  },
  'i-own-this-target': {
    type: 'boolean',
    default: false,
    group: 'With target:',
    describe: 'Permit a server on another machine',
  },
} as const satisfies OptionTable;

/** How long a row is measured, in seconds. Throws a UsageError for a text that is no duration. */
export function secondsOf({ time }: { readonly time: string }): number {
  return duration(time, '--time') / 1000;
}

export async function benchTarget(
  options: Given<typeof LOAD_OPTIONS>,
  sectionOptions: SectionOptions,
  isSelected: Selection,
): Promise<Section[]> {
  const { rate, iOwnThisTarget } = options;
  const seconds = secondsOf(options);
  const connections = options.connections.split(',').map(Number);
  for (const count of connections) checkWhole(count, '--connections', 1);
  if (rate !== undefined && !(rate > 0)) throw new UsageError('--rate must be over 0');
  const { referenceSection, storeSection, storeSizeSection, targetSection } = await import(
    '../../bench/index.ts'
  );
  if (options.target === undefined) {
    if (rate !== undefined) throw new UsageError('--rate needs --target');
    const common = { ...sectionOptions, connections, seconds };
    const sections: readonly Measurement[] = [
      ['target/reference', () => referenceSection(common)],
      ['target/store', () => storeSection(common)],
      // The last one, because ext4 creates files more slowly for some minutes after it has removed very many.
      ['target/store-size', () => storeSizeSection(common)],
    ];
    return await measureSelected(sections, isSelected);
  }
  const named = parseAddress(options.target, '--target');
  const target = await ownTarget(named, iOwnThisTarget);
  const onSecond = (row: string, perSecond: number): void =>
    sectionOptions.onRow(`${row}: ${Math.round(perSecond)} a second`);
  const load = { target, connections, seconds, rate, signal: sectionOptions.signal, onSecond };
  return await measureSelected([['target/submit', () => targetSection(load)]], isSelected);
}
