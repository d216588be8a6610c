/**
 * The servers that test the kit itself. A mutant has one fault, which scenarios must detect. A conforming variant uses a
 * freedom of the protocol, on which no scenario may fail. Only tests and `npm run mutants` import them.
 */

import { boundaries } from './faults/frame/boundaries.ts';
import { lengths } from './faults/frame/lengths.ts';
import { types } from './faults/frame/types.ts';
import { dialects } from './faults/json/dialects.ts';
import { encodings } from './faults/json/encodings.ts';
import { conversions, unknownFields } from './faults/json/fields.ts';
import { depths, spellings } from './faults/json/spellings.ts';
import { strings } from './faults/json/text.ts';
import { wrongTypes } from './faults/json/wrong-types.ts';
import { atOnce } from './faults/store/at-once.ts';
import { durability } from './faults/store/durability.ts';
import { extensions } from './faults/store/extensions.ts';
import { filenamePaths, taskIdPaths } from './faults/store/paths.ts';
import { repeated } from './faults/store/repeated.ts';
import { bounds, narrowForms, results } from './faults/store/results.ts';
import { receivedTasks } from './faults/store/tasks.ts';
import { timeouts } from './faults/store/timeouts.ts';
import { updates } from './faults/store/updates.ts';
import { acknowledgements } from './faults/submit/acknowledgements.ts';
import { answering } from './faults/submit/answers.ts';
import { descriptions } from './faults/submit/descriptions.ts';
import { taskIds } from './faults/submit/task-ids.ts';
import { concurrency } from './faults/transport/concurrency.ts';
import { beginnings, endings } from './faults/transport/connections.ts';
import { resources } from './faults/transport/resources.ts';
import type { ConformingVariant, Mutant } from './server/mutant.ts';
import { policies, readings } from './variants/choices.ts';
import { gateways } from './variants/gateways.ts';
import { selective } from './variants/policies.ts';
import { latencies, speeds } from './variants/speed.ts';
import { keeping } from './variants/store.ts';
import { surroundings } from './variants/surroundings.ts';
import { sweeping } from './variants/timeouts.ts';
import { closing, forms } from './variants/wire.ts';

export const mutants: readonly Mutant[] = [
  ...lengths,
  ...types,
  ...boundaries,
  ...endings,
  ...beginnings,
  ...concurrency,
  ...resources,
  ...dialects,
  ...conversions,
  ...wrongTypes,
  ...unknownFields,
  ...depths,
  ...spellings,
  ...strings,
  ...answering,
  ...descriptions,
  ...taskIds,
  ...acknowledgements,
  ...updates,
  ...results,
  ...narrowForms,
  ...bounds,
  ...repeated,
  ...encodings,
  ...extensions,
  ...filenamePaths,
  ...taskIdPaths,
  ...receivedTasks,
  ...timeouts,
  ...atOnce,
  ...durability,
];

export const variants: readonly ConformingVariant[] = [
  ...closing,
  ...forms,
  ...policies,
  ...selective,
  ...readings,
  ...keeping,
  ...sweeping,
  ...surroundings,
  ...speeds,
  ...gateways,
  ...latencies,
];
