/** All scenarios for clients, in the order of the reports. */

import type { ClientScenario } from '../scenario/client-scenario.ts';
import { badServer } from './bad-server.ts';
import { reading } from './reading.ts';
import { sendingResults } from './sending-results.ts';
import { sendingSubmit } from './sending-submit.ts';
import { sendingUpdate } from './sending-update.ts';

/** What clients are judged by, in the order of the reports. */
export const clientCatalogue: readonly ClientScenario[] = [
  ...sendingSubmit,
  ...sendingUpdate,
  ...sendingResults,
  ...reading,
  ...badServer,
];
