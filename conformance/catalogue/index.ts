/** All scenarios, section by section, in the order of the protocol. */

import type { Scenario } from '../scenario/scenario.ts';
import { frameEndings } from './frame/endings.ts';
import { frameForeignProtocols } from './frame/foreign-protocols.ts';
import { frameLengths } from './frame/lengths.ts';
import { frameSegments } from './frame/segments.ts';
import { frameTypes } from './frame/types.ts';
import { jsonFields } from './json/fields.ts';
import { jsonGrammar } from './json/grammar.ts';
import { jsonLayout } from './json/layout.ts';
import { jsonSize } from './json/size.ts';
import { jsonText } from './json/text.ts';
import { resultsAtOnce } from './results/at-once.ts';
import { resultsFiles } from './results/files.ts';
import { resultsForms } from './results/forms.ts';
import { resultsStore } from './results/kept.ts';
import { resultsRefused } from './results/refused.ts';
import { resultsRepeated } from './results/repeated.ts';
import { resultsScenarios } from './results/wire.ts';
import { statusIds } from './status/ids.ts';
import { statusStore } from './status/kept.ts';
import { statusScenarios } from './status/wire.ts';
import { storeDurability } from './store/durability.ts';
import { storeTasks } from './store/tasks.ts';
import { storeWrongTypes } from './store/wrong-types.ts';
import { storeScenarios } from './store.ts';
import { submitAnswer } from './submit/answer.ts';
import { submitDescription } from './submit/description.ts';
import { submitId } from './submit/id.ts';
import { submitMalformed } from './submit/malformed.ts';
import { timeoutScenarios } from './timeouts.ts';
import { transportConcurrency } from './transport/concurrency.ts';
import { transportConnection } from './transport/connection.ts';
import { transportResources } from './transport/resources.ts';

/** Every scenario of the kit. Ids are permanent. `run` takes all of them, and `selected` says which to judge. */
export const catalogue: readonly Scenario[] = [
  ...transportConnection,
  ...transportConcurrency,
  ...transportResources,
  ...frameSegments,
  ...frameEndings,
  ...frameLengths,
  ...frameTypes,
  ...frameForeignProtocols,
  ...jsonFields,
  ...jsonLayout,
  ...jsonText,
  ...jsonGrammar,
  ...jsonSize,
  ...submitAnswer,
  ...submitId,
  ...submitDescription,
  ...submitMalformed,
  ...statusScenarios,
  ...statusStore,
  ...statusIds,
  ...resultsScenarios,
  ...resultsStore,
  ...resultsForms,
  ...resultsRefused,
  ...resultsAtOnce,
  ...resultsFiles,
  ...resultsRepeated,
  ...storeScenarios,
  ...storeTasks,
  ...storeWrongTypes,
  ...storeDurability,
  ...timeoutScenarios,
];
