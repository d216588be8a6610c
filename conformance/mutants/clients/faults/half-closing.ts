/** Clients that half-close, with a fault that shows on a server that does not close: it does not close for them, either. */

import { halfCloses } from '../client.ts';
import type { ClientMutant } from '../mutant.ts';
import { badServer } from './bad-server.ts';
import { sending } from './sending.ts';

const FAULTS = ['waits-for-close', 'reads-on-without-cap', 'limit-for-each-read', 'waits-forever'];

export const halfClosing: readonly ClientMutant[] = [...sending, ...badServer]
  .filter(({ name }) => FAULTS.includes(name))
  .map(({ name, fault, breaks, ...mutant }) => ({
    ...mutant,
    name: `half-closes-${name}`,
    fault: `${fault} It shuts down its sending side after the frame.`,
    breaks: { ...breaks, ...halfCloses },
  }));
