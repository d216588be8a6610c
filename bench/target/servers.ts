/**
 * The reference server beside its floors: a bare server that reads and writes the same bytes, and for the one with a
 * store, what the disk can do. Server and floor take turns, so that both see the same machine.
 */

import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { median, medianWithMargin } from '../measure/statistics.ts';
import type { Row, Section, SectionOptions } from '../report/report.ts';
import { type LoadResult, runLoad } from './load.ts';
import { type MeasuredServer, withServer } from './server-process.ts';

export interface ServersOptions extends SectionOptions {
  readonly connections: readonly number[];
  readonly seconds: number;
}

const ROUNDS = 5;

interface Measured {
  readonly perSecond: number;
  /** Milliseconds of the server's processor for a submission. */
  readonly processorMs: number;
  readonly load: LoadResult;
}

/** Without a store, beside the bare server. */
export async function referenceSection(options: ServersOptions): Promise<Section> {
  const measureBoth = async (reference: MeasuredServer, bare: MeasuredServer): Promise<Section> => {
    const rows: Row[] = [];
    for (const connections of options.connections) {
      const name = String(connections);
      options.onRow(`the reference and a bare server, ${name} connections`);
      const pairs: { readonly ours: Measured; readonly floor: Measured }[] = [];
      for (let round = 0; round < ROUNDS && !options.signal?.aborted; round++) {
        const floor = await measured(bare, connections, options);
        pairs.push({ ours: await measured(reference, connections, options), floor });
      }
      if (pairs.length < ROUNDS) break;
      const ratio = medianWithMargin(pairs.map(({ ours, floor }) => ours.perSecond / floor.perSecond));
      const rate = medianWithMargin(pairs.map(({ ours }) => ours.perSecond));
      rows.push({
        name,
        cells: [
          connections,
          rate.value,
          rate.value * rate.margin,
          median(pairs.map(({ floor }) => floor.perSecond)),
          ratio.value,
          1e6 * median(pairs.map(({ ours }) => ours.processorMs)),
          1e6 * median(pairs.map(({ floor }) => floor.processorMs)),
          median(pairs.map(({ ours }) => ours.load.latencies.at(99))),
        ],
        compared: { ...ratio, better: 'higher' },
      });
    }
    return {
      id: 'target/reference',
      title: 'The reference server without a store, a new connection for every submission',
      of: 'connections',
      columns: [
        { title: 'connections', unit: 'count', isName: true },
        { title: 'submits', unit: 'per-second' },
        { title: '±', unit: 'per-second' },
        { title: 'bare node:net', unit: 'per-second' },
        { title: 'to bare', unit: 'ratio' },
        { title: 'processor', unit: 'ns' },
        { title: 'bare processor', unit: 'ns' },
        { title: 'p99', unit: 'ns' },
      ],
      rows,
      notes: ['Processor: the time that the server spends on it for one submission.'],
      plot: { kind: 'bars', columns: [1, 3] },
    };
  };
  return await withServer('reference', (reference) =>
    withServer('baseline', (bare) => measureBoth(reference, bare)),
  );
}

/** With a store, beside what the disk can do. */
export async function storeSection(options: ServersOptions): Promise<Section> {
  const dir = await mkdtemp(join(tmpdir(), 'conform-bench-'));
  const measureStore = async (server: MeasuredServer): Promise<Section> => {
    const rows: Row[] = [];
    for (const connections of options.connections) {
      const name = String(connections);
      options.onRow(`the reference with a store, ${name} connections`);
      const pairs: { readonly ours: number; readonly floor: number }[] = [];
      for (let round = 0; round < ROUNDS && !options.signal?.aborted; round++) {
        const floor = await syncsPerSecond(dir, connections, options);
        pairs.push({ ours: (await measured(server, connections, options)).perSecond, floor });
      }
      if (pairs.length < ROUNDS) break;
      const ratio = medianWithMargin(pairs.map(({ ours, floor }) => ours / floor));
      const rate = medianWithMargin(pairs.map(({ ours }) => ours));
      rows.push({
        name,
        cells: [
          connections,
          rate.value,
          rate.value * rate.margin,
          median(pairs.map(({ floor }) => floor)),
          ratio.value,
        ],
        compared: { ...ratio, better: 'higher' },
      });
    }
    return {
      id: 'target/store',
      title: 'The reference server with a store, every task safe on the disk before its answer',
      of: 'connections',
      columns: [
        { title: 'connections', unit: 'count', isName: true },
        { title: 'submits', unit: 'per-second' },
        { title: '±', unit: 'per-second' },
        { title: 'files synced', unit: 'per-second' },
        { title: 'to the disk', unit: 'ratio' },
      ],
      rows,
      notes: [
        'Files synced: what the disk can do, small files that are written and synced, as many at a time as there are connections; a task takes a name and a sync of its directory besides.',
      ],
      plot: { kind: 'bars', columns: [1, 3] },
    };
  };
  try {
    return await withServer('store', measureStore, join(dir, 'store'));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measured(
  server: MeasuredServer,
  connections: number,
  { seconds, signal }: Pick<ServersOptions, 'seconds' | 'signal'>,
): Promise<Measured> {
  const before = await server.processorMs();
  const loaded = await runLoad({ target: server.address, connections, keepOpen: false, seconds, signal });
  const spent = (await server.processorMs()) - before;
  // What the warm-up took has to be counted as well, since the server cannot tell it apart.
  return { perSecond: loaded.perSecond, processorMs: spent / (loaded.submits * WARM_UP_SHARE), load: loaded };
}

/** Submissions with those of the warm-up, to those without. */
const WARM_UP_SHARE = 1.25;

const TASK_BYTES = new Uint8Array(400);

async function syncsPerSecond(
  dir: string,
  width: number,
  { seconds, signal }: Pick<ServersOptions, 'seconds' | 'signal'>,
): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let synced = 0;
  const worker = async (_: unknown, index: number): Promise<void> => {
    while (performance.now() < end && !signal?.aborted) {
      const path = join(dir, `floor-${index}`);
      const file = await open(path, 'w');
      await file.write(TASK_BYTES);
      await file.sync();
      await file.close();
      await rm(path);
      synced++;
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return synced / seconds;
}
