/** Which targets are on other machines: those need a permission, and are not flooded. */

import { resolveHost } from '../../conformance/util/loopback.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import type { UsageError } from '../core/errors.ts';
import { sideBySide } from './side-by-side.ts';
import { faultsOf, type ListedTarget } from './target-list.ts';

/** Lookups of names at a time. */
const LOOKUPS = 16;

/** The targets that do not lead to this machine alone, as far as their names resolve now. A signal ends the lookups. */
export async function onOtherMachines(
  targets: readonly ListedTarget[],
  signal: AbortSignal,
): Promise<readonly ListedTarget[]> {
  const hosts = new Map<string, boolean>();
  const names = [...new Set(targets.map(({ address }) => address.host))];
  await sideBySide(
    names,
    () => '',
    { total: LOOKUPS, perGroup: LOOKUPS },
    signal,
    async (host) => {
      hosts.set(host, (await resolveHost(host)).isLoopback);
    },
  );
  return targets.filter(({ address }) => hosts.get(address.host) === false);
}

/** For targets on other machines without the permission: a line for each. */
export function notOwned(remote: readonly ListedTarget[], file: string): UsageError {
  return faultsOf(
    remote.map(
      ({ name, line }) =>
        `${printablePath(file)}, line ${line}: ${name} is not on this machine; give --i-own-these-targets if all are yours`,
    ),
  );
}
