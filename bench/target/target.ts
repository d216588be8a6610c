/** How fast a target is: submissions a second and their latencies, at a growing number of connections. */

import type { Row, Section } from '../report/report.ts';
import { type LoadOptions, type LoadResult, runLoad } from './load.ts';
import { SubmitClient, type Target } from './submit-client.ts';

export interface TargetOptions extends Pick<LoadOptions, 'target' | 'seconds' | 'rate' | 'signal'> {
  readonly connections: readonly number[];
  /** Hears of every second of every row. */
  readonly onSecond: (row: string, perSecond: number) => void;
}

/** A target that does not take a submission. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** Rejects with a TargetError when the first submission gets no legal answer. */
export async function targetSection(options: TargetOptions): Promise<Section> {
  const { connections, onSecond, ...common } = options;
  const allowsMany = await keepsOpen(options.target);
  const rows: Row[] = [];
  for (const keepOpen of allowsMany ? [false, true] : [false]) {
    for (const count of connections) {
      if (options.signal?.aborted) break;
      const name = `${count}, ${keepOpen ? 'kept open' : 'new each time'}`;
      const tell = (perSecond: number): void => onSecond(name, perSecond);
      rows.push(
        rowOf(name, count, await runLoad({ ...common, connections: count, keepOpen, onSecond: tell })),
      );
    }
  }
  const { rate } = options;
  return {
    id: 'target/submit',
    title: rate === undefined ? 'Submitting as fast as answers come' : `Submitting ${rate} times a second`,
    of: 'connections',
    columns: [
      { title: 'connections', unit: 'count', isName: true },
      { title: 'submits', unit: 'per-second' },
      { title: '±', unit: 'per-second' },
      { title: 'p50', unit: 'ns' },
      { title: 'p90', unit: 'ns' },
      { title: 'p99', unit: 'ns' },
      { title: 'p99.9', unit: 'ns' },
      { title: 'highest', unit: 'ns' },
      { title: 'rejected', unit: 'count' },
      { title: 'failed', unit: 'count' },
    ],
    rows,
    notes: [
      rate === undefined
        ? 'Latencies are corrected for coordinated omission: an answer that took several times the median of the warm-up counts for those that would have been sent meanwhile.'
        : 'Latencies count from when a submission was due, not from when it was sent, which a timer may delay by a millisecond.',
      ...(allowsMany ? [] : ['The target closes a connection after one submission.']),
    ],
    plot: { kind: 'bars', columns: [1] },
  };
}

function rowOf(name: string, connections: number, loaded: LoadResult): Row {
  const { perSecond, margin, latencies, rejected, failed } = loaded;
  const percentiles = [50, 90, 99, 99.9].map((percentile) => latencies.at(percentile));
  return {
    name,
    cells: [connections, perSecond, perSecond * margin, ...percentiles, latencies.highest, rejected, failed],
    compared: { value: perSecond, margin, better: 'higher' },
  };
}

/** Whether the target serves two submissions on one connection. */
async function keepsOpen(target: Target): Promise<boolean> {
  const submitter = new SubmitClient(target, true, 5000);
  try {
    await submitter.submit();
  } catch (cause) {
    throw new TargetError('the target gives no legal answer to a SUBMIT', { cause });
  }
  try {
    await submitter.submit();
    return true;
  } catch {
    return false;
  } finally {
    submitter.close();
  }
}
