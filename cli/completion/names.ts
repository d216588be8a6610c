/** The names of this release that a shell completes. */

import {
  allScenarios,
  clientScenarios,
  libraryScenarios,
  serverScenarios,
  trafficRules,
} from '../judging/catalogues.ts';
import type { Names } from './candidates.ts';

export const NAMES: Names = {
  ids: async (command) => (await scenariosOf(command)).map(({ id }) => id),
  clauses: async () => {
    const { clauses } = await import('../../conformance/coverage/clauses.ts');
    return clauses().map(({ name }) => name);
  },
  formats: async () => (await import('../../conformance/reporters/format.ts')).FORMATS,
};

async function scenariosOf(command: string): Promise<readonly { readonly id: string }[]> {
  switch (command) {
    case 'run':
      return await serverScenarios();
    case 'client':
      return await clientScenarios();
    case 'library':
      return await libraryScenarios();
    default:
      return [...(await allScenarios()), ...(await trafficRules())];
  }
}
