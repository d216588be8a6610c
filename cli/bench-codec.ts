/** `conform bench codec`: its options, and the sections of its report. */

import type { Options } from 'yargs';
import type { Section } from '../bench/index.ts';
import { globOf } from '../conformance/glob.ts';
import { type Io, UsageError } from './io.ts';
import { checkWhole } from './options.ts';

export const CODEC = {
  only: {
    type: 'string',
    requiresArg: true,
    describe: "codec: measure only rows that match, such as 'codec/encode SubmitRequest*'",
  },
  rounds: {
    type: 'number',
    default: 5,
    requiresArg: true,
    describe: 'codec: how often each row is measured, in a process of its own each time',
  },
} as const satisfies Record<string, Options>;

export interface CodecOptions {
  only: string | undefined;
  rounds: number;
}

/**
 * With `--only`, what is no table of messages is left out as well, unless its name matches. `again` names the
 * sections and the rows to measure once more.
 */
export async function benchCodec(
  { only, rounds }: CodecOptions,
  io: Io,
  again?: ReadonlySet<string>,
): Promise<Section[]> {
  checkWhole(rounds, '--rounds', 2);
  const { codecMemory, codecSections, piecesCurve, sizeCurve, streamSection } = await import(
    '../bench/index.ts'
  );
  const pattern = globOf(only ?? '*');
  const isAgain = (row: string): boolean =>
    again === undefined || again.has(row) || again.has(row.split(' ', 1)[0] ?? '');
  const isSelected = (row: string): boolean => pattern.test(row) && isAgain(row);
  const note = (what: string): void => {
    if (io.isTerminal) io.err(`\r\u001b[K${what}`);
  };
  const sections = codecSections(rounds, isSelected, note);
  const others = {
    'codec/stream': () => streamSection(rounds),
    'codec/size': sizeCurve,
    'codec/pieces': piecesCurve,
    'codec/memory': codecMemory,
  };
  for (const [id, section] of Object.entries(others)) {
    if (!isSelected(id)) continue;
    note(id);
    sections.push(section());
  }
  note('');
  if (sections.length === 0 && again === undefined)
    throw new UsageError(`--only ${JSON.stringify(only)} matches no row`);
  return sections;
}
