/** A scenario with the addresses of a run in place of the default ones. */

import { type Addresses, type Bytes, withAddresses } from './bytes.ts';
import type { FieldValue, Scenario, Step, StoreCondition } from './scenario.ts';

/** The same scenario, whose SUBMITs come from and go to these addresses. */
export function scenarioWithAddresses(scenario: Scenario, addresses: Addresses): Scenario {
  const inBytes = (bytes: Bytes): Bytes => withAddresses(bytes, addresses);
  const inSteps = (steps: readonly Step[]): Step[] =>
    steps.map((step) => (step.do === 'send' ? { ...step, bytes: inBytes(step.bytes) } : step));
  const inValue = (value: FieldValue): FieldValue => (typeof value === 'object' ? inBytes(value) : value);
  const inCondition = (condition: StoreCondition): StoreCondition => {
    if (condition.kind !== 'task') return condition;
    const fields = Object.entries(condition.fields).map(
      ([name, values]) => [name, [values].flat().map(inValue)] as const,
    );
    return { ...condition, fields: Object.fromEntries(fields) };
  };
  const { steps, earlier, background, policyControl, store } = scenario;
  return {
    ...scenario,
    steps: inSteps(steps),
    ...(earlier && { earlier: inSteps(earlier) }),
    ...(background && { background: { ...background, steps: inSteps(background.steps) } }),
    ...(policyControl && { policyControl: inBytes(policyControl) }),
    ...(store && { store: store.map(inCondition) }),
  };
}
