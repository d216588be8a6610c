/** The rate and the latencies of submissions to a target, by the number of connections. */

import type { Address } from '../../reference/index.ts';
import type { Row, Section } from '../report/report.ts';
import { type LoadOptions, type LoadResult, runLoad } from './load.ts';
import { SubmitClient } from './submit-client.ts';
import { TargetError } from './target-error.ts';

export interface TargetOptions extends Pick<LoadOptions, 'target' | 'seconds' | 'rate' | 'signal'> {
  readonly connections: readonly number[];
  /** Is called about once a second with the name of the row and its rate so far. */
  readonly onSecond: (row: string, perSecond: number) => void;
}

/** Rejects with a TargetError when the first submission gets no legal answer, and when the signal fires. */
export async function targetSection(options: TargetOptions): Promise<Section> {
  const { connections, onSecond, ...common } = options;
  const isPersistent = await isTargetPersistent(options.target, options.signal);
  const rows: Row[] = [];
  for (const keepOpen of isPersistent ? [false, true] : [false]) {
    for (const count of connections) {
      const name = `${count}, ${keepOpen ? 'persistent' : 'new for each'}`;
      const load = { ...common, connections: count, keepOpen };
      const result = await runLoad({ ...load, onSecond: (perSecond) => onSecond(name, perSecond) });
      options.signal?.throwIfAborted();
      rows.push(rowOf(name, count, result));
    }
  }
  const { rate } = options;
  return {
    id: 'target/submit',
    title:
      rate === undefined ? 'Submitting as fast as the target answers' : `Submitting ${rate} tasks a second`,
    of: 'connections',
    columns: [
      { title: 'connections', unit: 'count', isName: true },
      { title: 'submissions', unit: 'per-second' },
      { title: '±', unit: 'per-second', isMargin: true },
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
        ? 'Latencies are corrected for coordinated omission: an answer that took several times the median of the warm-up also counts for the submissions that were not sent in that time.'
        : 'A latency counts from when a submission was due. A timer may have sent it up to a millisecond later.',
      ...(isPersistent ? [] : ['The target closes a connection after one submission.']),
    ],
    plot: { kind: 'bars', columns: [1] },
  };
}

function rowOf(name: string, connections: number, result: LoadResult): Row {
  const { perSecond, margin, latencies, rejected, failed } = result;
  const percentiles = [50, 90, 99, 99.9].map((percentile) => latencies.at(percentile));
  return {
    name,
    cells: [connections, perSecond, perSecond * margin, ...percentiles, latencies.highest, rejected, failed],
    compared: { value: perSecond, margin, better: 'higher' },
  };
}

/** Whether the target answers two submissions on one connection. */
async function isTargetPersistent(target: Address, signal: AbortSignal | undefined): Promise<boolean> {
  const client = new SubmitClient(target, { keepOpen: true, timeoutMs: 5000, signal });
  try {
    await client.submit();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new TargetError('the target gives no legal answer to a SUBMIT', { cause });
  }
  try {
    await client.submit();
    return true;
  } catch {
    return false;
  } finally {
    client.close();
  }
}
