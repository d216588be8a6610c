/** A part of a frame: its bytes, what they mean, and findings. One line of a dump. */

import type { Finding } from './content.ts';

export interface Part {
  /** Position in the whole input, in bytes. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly label: string;
  /** Whether it is a member of the payload; otherwise a part of the frame. */
  readonly isMember: boolean;
  /** In words. Text from the input is escaped and cut. */
  readonly meaning: string;
  /** The decoded string or integer of a field, neither escaped nor cut. */
  readonly value?: string | number | bigint;
  readonly findings: Finding[];
}
