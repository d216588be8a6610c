/**
 * Servers that prove the kit: mutants, each broken in one way that scenarios have to see, and variations, each different
 * in a way that none may mind. Imported by tests and by the command `npm run mutants`, and by nothing that is shipped.
 */

import { acknowledgements } from './mutants/acknowledgements.ts';
import { answering } from './mutants/answers.ts';
import { boundaries } from './mutants/boundaries.ts';
import { beginnings, endings } from './mutants/connections.ts';
import { crowds } from './mutants/crowds.ts';
import { descriptions } from './mutants/descriptions.ts';
import { dialects } from './mutants/dialects.ts';
import { bounds, effects } from './mutants/effects.ts';
import { encodings } from './mutants/encodings.ts';
import { extensions } from './mutants/extensions.ts';
import { conversions, strangers } from './mutants/fields.ts';
import { policies, readings } from './mutants/free-choices.ts';
import { keeping } from './mutants/free-store.ts';
import { closing, forms } from './mutants/free-wire.ts';
import { lengths } from './mutants/lengths.ts';
import type { Mutant, Variation } from './mutants/mutant.ts';
import * as paths from './mutants/paths.ts';
import { resources } from './mutants/resources.ts';
import { depths, spellings } from './mutants/spellings.ts';
import * as store from './mutants/store.ts';
import { ids } from './mutants/task-ids.ts';
import { strings } from './mutants/text.ts';
import { types } from './mutants/types.ts';
import { updates } from './mutants/updates.ts';

export const mutants: readonly Mutant[] = [
  ...lengths,
  ...types,
  ...boundaries,
  ...endings,
  ...beginnings,
  ...crowds,
  ...resources,
  ...dialects,
  ...conversions,
  ...strangers,
  ...depths,
  ...spellings,
  ...strings,
  ...answering,
  ...descriptions,
  ...ids,
  ...acknowledgements,
  ...updates,
  ...effects,
  ...bounds,
  ...encodings,
  ...extensions,
  ...paths.filenames,
  ...paths.ids,
  ...store.keeping,
  ...store.times,
];

export const variations: readonly Variation[] = [...closing, ...forms, ...policies, ...readings, ...keeping];
