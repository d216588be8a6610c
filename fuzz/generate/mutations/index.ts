/** All mutations of a message. Each edits one stage of a case, so that they can be combined; weights select them. */

import { CONNECTION_MUTATIONS } from './connections.ts';
import { FIELD_MUTATIONS } from './field.ts';
import { MESSAGE_MUTATIONS } from './message.ts';
import type { Mutation } from './mutation.ts';
import { PAYLOAD_MUTATIONS } from './payload.ts';
import { VALUE_MUTATIONS } from './value.ts';
import { WIRE_MUTATIONS } from './wire.ts';

export type { Mutation };

export const MUTATIONS: readonly Mutation[] = [
  ...MESSAGE_MUTATIONS,
  ...VALUE_MUTATIONS,
  ...FIELD_MUTATIONS,
  ...PAYLOAD_MUTATIONS,
  ...WIRE_MUTATIONS,
  ...CONNECTION_MUTATIONS,
];
