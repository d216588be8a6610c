/** All scenarios of every kind, with the generated ones of libraries. */

import { catalogue, clientCatalogue, type Requirement } from '../../conformance/index.ts';
import { type LibraryScenario, libraryCatalogue } from '../../conformance/libraries/run/catalogue.ts';
import { libraryProperties } from '../../fuzz/libraries/properties.ts';

/** Inputs for each generated property. */
const GENERATED = 100;

/** `seed` fixes the generated input; the ids are the same with each. */
export function allLibraryScenarios(seed = 0): readonly LibraryScenario[] {
  return libraryCatalogue(libraryProperties({ seed, runs: GENERATED }));
}

/** Those for servers, for clients and for libraries. */
export function allScenarios(): readonly Requirement[] {
  return [...catalogue, ...clientCatalogue, ...allLibraryScenarios()];
}
