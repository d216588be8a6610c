import { join } from 'node:path';
import t from 'tap';
import { newStats } from '../../fuzz/campaign/stats.ts';
import type { CampaignState } from '../../fuzz/index.ts';
import { loadState, saveState } from './state.ts';

const STATE: CampaignState = {
  ...{ seed: 7, elapsedMs: 1000, restarts: 0, stats: newStats(), corpus: [], findings: [], occurrences: {} },
  scheduler: { nextBase: 0, nextNonce: 0, pending: [] },
};

t.test('a state that is too large to be loaded is not saved, and the older one stays', async (t) => {
  const path = join(t.testdir(), 'state.json');
  await saveState(path, STATE);
  await t.rejects(saveState(path, { ...STATE, seed: 8 }, 10), { code: 'EFBIG' });
  t.match(await loadState(path, '--resume'), { seed: 7 });
});
