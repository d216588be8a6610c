/** All mutations of a message. Each edits one stage of a case, so that they can be combined; weights select them. */

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
