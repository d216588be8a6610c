/** The names of this release that a shell completes. */

import type { Names } from './candidates.ts';

export const NAMES: Names = {
  ids: async (command) => {
    const { catalogue, clientCatalogue } = await import('../../conformance/index.ts');
    const idsOf = (scenarios: readonly { readonly id: string }[]) => scenarios.map(({ id }) => id);
    if (command === 'run') return idsOf(catalogue);
    if (command === 'client') return idsOf(clientCatalogue);
    const { allLibraryScenarios, trafficRules } = await import('../judging/catalogues.ts');
    const ofLibraries = allLibraryScenarios();
    return command === 'library'
      ? idsOf(ofLibraries)
      : idsOf([...catalogue, ...clientCatalogue, ...ofLibraries, ...trafficRules]);
  },
  clauses: async () => {
    const { clauses } = await import('../../conformance/coverage/clauses.ts');
    return clauses().map(({ name }) => name);
  },
  formats: async () => (await import('../../conformance/reporters/format.ts')).FORMATS,
};
