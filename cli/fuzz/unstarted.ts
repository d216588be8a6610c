/** The reports of a campaign whose target did not come to listen. */

import { NO_FILTERS } from '../../conformance/index.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { version } from '../core/version.ts';
import { recordsOfUnstarted, unstartedBy } from '../target/unstarted.ts';
import type { Outputs } from '../terminal/outputs.ts';
import type { CampaignSettings } from './options.ts';

/** Completes the reports. Throws the error again if it is any other. */
export async function endUnstarted(
  error: unknown,
  exec: string,
  { shard }: CampaignSettings,
  { outputs, program }: { readonly outputs: Outputs; readonly program: string | undefined },
): Promise<void> {
  const records = await recordsOfUnstarted(await unstartedBy(error), {
    ...{ kit: version(), startedAt: new Date().toISOString(), elapsedMs: () => 0 },
    ...{ program, name: exec, replay: `--exec ${quoted(exec)}`, strict: false, filters: NO_FILTERS, shard },
  });
  for (const record of records) outputs.take(record);
  outputs.end();
}
