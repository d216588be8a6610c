/**
 * All that may be done to a message, by name. Each mutation edits one stage of a draft, so they compose; which are taken,
 * and how often, is a matter of weights.
 */

import { MESSAGE_MUTATIONS } from './message.ts';
import type { Mutation } from './mutation.ts';
import { PAYLOAD_MUTATIONS } from './payload.ts';
import { VALUE_MUTATIONS } from './value.ts';
import { WIRE_MUTATIONS } from './wire.ts';

export type { Mutation };

export const MUTATIONS: readonly Mutation[] = [
  ...MESSAGE_MUTATIONS,
  ...VALUE_MUTATIONS,
  ...PAYLOAD_MUTATIONS,
  ...WIRE_MUTATIONS,
];
