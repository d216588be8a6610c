/** `conform bench codec`: its options, and the sections of its report. */

import type { Options } from 'yargs';
import type { Section } from '../bench/index.ts';
import type { Selection } from './bench-selection.ts';
import type { Io } from './io.ts';
import { checkWhole } from './options.ts';

export const CODEC = {
  rounds: {
    type: 'number',
    default: 5,
    requiresArg: true,
    describe: 'codec: how often each row is measured, in a process of its own each time',
  },
} as const satisfies Record<string, Options>;

export interface CodecOptions {
  rounds: number;
}

export async function benchCodec(
  { rounds }: CodecOptions,
  io: Io,
  isSelected: Selection,
): Promise<Section[]> {
  checkWhole(rounds, '--rounds', 2);
  const { codecMemory, codecSections, piecesCurve, sizeCurve, streamSection } = await import(
    '../bench/index.ts'
  );
  const note = (what: string): void => {
    if (io.isTerminal) io.err(`\r\u001b[K${what}`);
  };
  const audience = { onRow: note, signal: io.interrupted };
  try {
    return [
      ...(await codecSections({ ...audience, processes: rounds, isSelected })),
      ...(isSelected('codec/stream') ? [await streamSection(rounds, audience)] : []),
      ...(isSelected('codec/size') ? [await sizeCurve(audience)] : []),
      ...(isSelected('codec/pieces') ? [await piecesCurve(audience)] : []),
      ...(isSelected('codec/memory') ? [await codecMemory(audience)] : []),
    ];
  } finally {
    note('');
  }
}
