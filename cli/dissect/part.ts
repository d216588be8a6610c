/** One line of a dump: some bytes of the input, what they are, and what the protocol says about them. */

import type { Finding } from './content.ts';

export interface Part {
  /** In the whole input. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly label: string;
  /** A member of the payload, or a part of the frame itself. */
  readonly isMember: boolean;
  /** In words. Anything of a peer in it is escaped and cut. */
  readonly meaning: string;
  /** Of a field that holds a string or an integer: as decoded, neither escaped nor cut. */
  readonly value?: string | number | bigint;
  readonly findings: Finding[];
}
