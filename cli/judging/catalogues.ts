/** All scenarios of every kind, with the generated ones of libraries. */

import { catalogue } from '../../conformance/catalogue/index.ts';
import { clientCatalogue } from '../../conformance/clients/catalogue/index.ts';
import type { Requirement } from '../../conformance/index.ts';
import { type LibraryScenario, libraryCatalogue } from '../../conformance/libraries/run/catalogue.ts';
import { TRAFFIC_RULES } from '../../conformance/traffic/rules.ts';
import { libraryProperties } from '../../fuzz/libraries/properties.ts';

export { catalogue, clientCatalogue };

/** Inputs for each generated property. */
const GENERATED = 100;

/** `seed` fixes the generated input; the ids are the same with each. */
export function allLibraryScenarios(seed = 0): readonly LibraryScenario[] {
  return libraryCatalogue(libraryProperties({ seed, runs: GENERATED }));
}

/** The rules of `conform proxy` and `conform inspect`. */
export const trafficRules = TRAFFIC_RULES;

/** Those for servers, for clients and for libraries. */
export function allScenarios(): readonly Requirement[] {
  return [...catalogue, ...clientCatalogue, ...allLibraryScenarios()];
}
