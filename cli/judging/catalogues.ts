/** The scenarios of every kind. Each kind is loaded when it is asked for: those for libraries take as long as all others. */

import type { ClientScenario, Requirement, Scenario } from '../../conformance/index.ts';
import type { LibraryScenario } from '../../conformance/libraries/run/catalogue.ts';
import type { Rule } from '../../conformance/traffic/rules.ts';

/** Inputs for each generated property. */
const GENERATED = 100;

export async function serverScenarios(): Promise<readonly Scenario[]> {
  return (await import('../../conformance/catalogue/index.ts')).catalogue;
}

export async function clientScenarios(): Promise<readonly ClientScenario[]> {
  return (await import('../../conformance/clients/catalogue/index.ts')).clientCatalogue;
}

/** With the generated ones. `seed` fixes the generated input; the ids are the same with each. */
export async function libraryScenarios(seed = 0): Promise<readonly LibraryScenario[]> {
  const [{ libraryCatalogue }, { libraryProperties }] = await Promise.all([
    import('../../conformance/libraries/run/catalogue.ts'),
    import('../../fuzz/libraries/properties.ts'),
  ]);
  return libraryCatalogue(libraryProperties({ seed, runs: GENERATED }));
}

/** The rules of `conform proxy` and `conform inspect`. */
export async function trafficRules(): Promise<readonly Rule[]> {
  return (await import('../../conformance/traffic/rules.ts')).TRAFFIC_RULES;
}

/** By what they judge. */
export const CATALOGUES = {
  server: serverScenarios,
  client: clientScenarios,
  library: () => libraryScenarios(),
  traffic: trafficRules,
} as const;

/** Those for servers, for clients and for libraries. */
export async function allScenarios(): Promise<readonly Requirement[]> {
  const kinds = await Promise.all([serverScenarios(), clientScenarios(), libraryScenarios()]);
  return kinds.flat();
}
