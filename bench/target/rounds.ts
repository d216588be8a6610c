/**
 * Rounds of load on the reference server and on its baseline: without a store, a server of `node:net` alone that reads and
 * writes the same bytes; with a store, a program that stores files in the same batches on the same disk, and a server of
 * `node:net` alone that stores a file before it answers. Server and baselines take turns, so that other work of the machine
 * affects all alike.
 */

import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../../conformance/util/folders.ts';
import { measureRounds } from '../measure/rounds.ts';
import type { SectionOptions } from '../report/report.ts';
import { storeBatches } from './disk.ts';
import { runLoad } from './load.ts';
import { type MeasuredServer, withServer } from './server-process.ts';

export interface RoundsOptions extends SectionOptions {
  /** How long the server, and the baseline, are measured in each round. */
  readonly seconds: number;
}

/** What one round measures. */
export interface Round {
  readonly perSecond: number;
  readonly baselinePerSecond: number;
}

export interface NetRound extends Round {
  /** Nanoseconds of the server's processor time for one submission. */
  readonly processorNs: number;
  readonly baselineProcessorNs: number;
  /** The 99th percentile of the latency, in nanoseconds. */
  readonly p99: number;
}

export interface StoreRound extends Round {
  /** The median of the latency of a submission, in nanoseconds. */
  readonly latencyNs: number;
  /** The median of the time to store one batch, in nanoseconds. */
  readonly batchNs: number;
  /** As `perSecond` and `latencyNs`, of the server that stores a file. */
  readonly fileServer: { readonly perSecond: number; readonly latencyNs: number };
}

/**
 * Measures rounds with a number of concurrent connections, a new one for each submission. `figuresOf` gives what has to be steady
 * (`measureRounds`). Default: the rate, and its ratio to that of the baseline.
 */
export type Measure<R extends Round> = (
  connections: number,
  figuresOf?: (round: R) => readonly number[],
) => Promise<readonly R[]>;

const ROUNDS = 5;

/** Starts the reference server without a store and its baseline for as long as `use` runs. */
export async function withNetRounds<Result>(
  options: RoundsOptions,
  use: (measure: Measure<NetRound>) => Promise<Result>,
): Promise<Result> {
  return await withServer('reference', (reference) =>
    withServer('baseline', (baseline) =>
      use((connections, figuresOf) =>
        roundsOf(options, figuresOf, async () => {
          const ofBaseline = await measureServer(baseline, connections, options);
          const { perSecond, processorNs, p99 } = await measureServer(reference, connections, options);
          return {
            perSecond,
            baselinePerSecond: ofBaseline.perSecond,
            processorNs,
            baselineProcessorNs: ofBaseline.processorNs,
            p99,
          };
        }),
      ),
    ),
  );
}

/**
 * Starts the reference server with a store, and a server that stores files, in a temporary folder, which is removed when `use`
 * has settled.
 */
export async function withStoreRounds<Result>(
  options: RoundsOptions,
  use: (measure: Measure<StoreRound>) => Promise<Result>,
): Promise<Result> {
  const { path, remove } = await temporaryFolder([tmpdir()]);
  const baseline = join(path, 'baseline');
  const files = join(path, 'files');
  await mkdir(baseline);
  await mkdir(files);
  const measureWith = (server: MeasuredServer, fileServer: MeasuredServer): Promise<Result> =>
    use((connections, figuresOf) =>
      roundsOf(options, figuresOf, async () => {
        const { filesPerSecond, batchNs } = await storeBatches(baseline, connections, options);
        const ofFileServer = await measureServer(fileServer, connections, options);
        const { perSecond, latencyNs } = await measureServer(server, connections, options);
        return {
          perSecond,
          baselinePerSecond: filesPerSecond,
          latencyNs,
          batchNs,
          fileServer: ofFileServer,
        };
      }),
    );
  try {
    return await withServer(
      'store',
      (server) => withServer('file-baseline', (fileServer) => measureWith(server, fileServer), files),
      join(path, 'store'),
    );
  } finally {
    await remove();
  }
}

async function roundsOf<R extends Round>(
  options: SectionOptions,
  figuresOf: ((round: R) => readonly number[]) | undefined,
  measure: () => Promise<R>,
): Promise<readonly R[]> {
  return await measureRounds({ ...options, rounds: ROUNDS }, measure, figuresOf ?? rates);
}

function rates({ perSecond, baselinePerSecond }: Round): readonly number[] {
  return [perSecond, perSecond / baselinePerSecond];
}

async function measureServer(
  server: MeasuredServer,
  connections: number,
  { seconds, signal }: RoundsOptions,
): Promise<{
  readonly perSecond: number;
  readonly processorNs: number;
  readonly latencyNs: number;
  readonly p99: number;
}> {
  const before = await server.processorMs();
  const load = { target: server.address, connections, keepOpen: false, seconds, signal };
  const { perSecond, answered, failed, latencies } = await runLoad(load);
  if (answered === 0) throw new Error(`the measured server answered none of ${failed} submissions`);
  const processorNs = ((await server.processorMs()) - before) * 1e6;
  return {
    perSecond,
    processorNs: processorNs / answered,
    latencyNs: latencies.at(50),
    p99: latencies.at(99),
  };
}
