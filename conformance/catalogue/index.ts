/** All scenarios, section by section, in the order of the protocol. */

import type { Scenario } from '../scenario.ts';
import { frameScenarios } from './frame.ts';
import { submitScenarios } from './submit.ts';

export const catalogue: readonly Scenario[] = [...frameScenarios, ...submitScenarios];
