/** `conform bench codec`: its options, and the sections of its report. */

import type { Options } from 'yargs';
import type { Audience, Section } from '../../bench/index.ts';
import { checkWhole } from '../options/options.ts';
import type { Selection } from './selection.ts';

export const CODEC = {
  rounds: {
    type: 'number',
    default: 5,
    requiresArg: true,
    describe: 'codec: in how many processes messages, streams and peaks are measured, 3 or more',
  },
} as const satisfies Record<string, Options>;

export interface CodecOptions {
  rounds: number;
}

export async function benchCodec(
  { rounds }: CodecOptions,
  audience: Audience,
  isSelected: Selection,
): Promise<Section[]> {
  checkWhole(rounds, '--rounds', 3);
  const { codecMemory, codecSections, piecesCurve, sizeCurve, streamSection } = await import(
    '../../bench/index.ts'
  );
  return [
    ...(await codecSections({ ...audience, processes: rounds, isSelected })),
    ...(isSelected('codec/stream') ? [await streamSection(rounds, audience)] : []),
    ...(isSelected('codec/size') ? [await sizeCurve(audience)] : []),
    ...(isSelected('codec/pieces') ? [await piecesCurve(audience)] : []),
    ...(isSelected('codec/memory') ? [await codecMemory(rounds, audience)] : []),
  ];
}
