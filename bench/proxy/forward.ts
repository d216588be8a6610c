/** What the proxy costs on the way between a client and a server, next to a program of `node:net` alone and socat. */

import { connect } from 'node:net';
import { encodeFrame } from '../../reference/index.ts';
import { median, medianWithMargin } from '../measure/statistics.ts';
import type { Row, Section, SectionOptions, Selection } from '../report/report.ts';
import { runLoad } from '../target/load.ts';
import { withServer } from '../target/server-process.ts';
import { SubmitClient } from '../target/submit-client.ts';
import { type Forwarder, type ForwarderKind, startForwarder } from './forwarders.ts';

export interface ForwardOptions extends SectionOptions {
  readonly rounds: number;
  /** How long a rate is measured, each time. */
  readonly seconds: number;
}

const ID = 'proxy/forward';
const HOST = '127.0.0.1';
type Path = 'direct' | ForwarderKind;
const SUBMITS = 100;
const RESULTS = 8;
const RESULT_BYTES = 8 * 1024 * 1024;
const CONNECTIONS = 16;
const TIMEOUT_MS = 60_000;

interface Measured {
  readonly name: string;
  readonly mostNs?: number;
  /** Of what socat takes. */
  readonly mostRatio?: number;
  /** Whether the time without a program between is taken off. */
  readonly isAdded?: boolean;
  /** Nanoseconds for one operation through this port. */
  readonly measure: (port: number, options: ForwardOptions) => Promise<number>;
}

const ROWS: readonly Measured[] = [
  { name: 'latency that is added to a SUBMIT', mostNs: 200_000, isAdded: true, measure: latencyNs },
  // 60 % of its rate.
  { name: `a SUBMIT, ${CONNECTIONS} connections`, mostRatio: 1 / 0.6, measure: submitNs },
  // 1 GB/s.
  { name: 'a result of 8 MiB', mostNs: RESULT_BYTES, measure: resultNs },
];

/** `isSelected` is asked for each row. The result is empty when no row is selected. */
export async function forwardSections(options: ForwardOptions, isSelected: Selection): Promise<Section[]> {
  const selected = ROWS.filter(({ name }) => isSelected(ID, name));
  if (selected.length === 0) return [];
  return await withServer('baseline', async ({ address }) => {
    const forwarders = new Map<Path, Forwarder>();
    try {
      for (const kind of ['proxy', 'node', 'socat'] as const) {
        const forwarder = await startForwarder(kind, address.port);
        if (forwarder !== undefined) forwarders.set(kind, forwarder);
      }
      const ports = new Map<Path, number>([['direct', address.port]]);
      for (const [path, { port }] of forwarders) ports.set(path, port);
      const rows: Row[] = [];
      const missed: string[] = [];
      for (const one of selected) {
        const row = rowOf(one, await timesOf(one, ports, options));
        rows.push(row);
        if (isMissed(row)) missed.push(one.name);
      }
      return [sectionOf(rows, missed, ports.has('socat'))];
    } finally {
      for (const { stop } of forwarders.values()) await stop();
    }
  });
}

type Times = ReadonlyMap<Path, readonly number[]>;

/** The paths take turns, so that what else the machine does meets all of them. */
async function timesOf(
  one: Measured,
  ports: ReadonlyMap<Path, number>,
  options: ForwardOptions,
): Promise<Times> {
  const times = new Map<Path, number[]>([...ports.keys()].map((path) => [path, []]));
  for (let round = 0; round < options.rounds; round += 1)
    for (const [path, port] of ports) {
      options.onRow(`${ID} ${one.name}: ${path}`);
      options.signal?.throwIfAborted();
      times.get(path)?.push(await one.measure(port, options));
    }
  const direct = times.get('direct') ?? [];
  if (!one.isAdded) return times;
  return new Map([...times].map(([path, all]) => [path, all.map((ns, at) => ns - (direct[at] ?? 0))]));
}

/** The median over SUBMITs, one after another, each on a new connection. */
async function latencyNs(port: number, { signal }: ForwardOptions): Promise<number> {
  const client = new SubmitClient({ host: HOST, port }, { keepOpen: false, timeoutMs: TIMEOUT_MS, signal });
  const times: number[] = [];
  for (let count = 0; count < SUBMITS; count += 1) {
    const began = performance.now();
    await client.submit();
    times.push(1e6 * (performance.now() - began));
  }
  return median(times);
}

async function submitNs(port: number, { seconds, signal }: ForwardOptions): Promise<number> {
  const target = { host: HOST, port };
  const { perSecond } = await runLoad({ target, connections: CONNECTIONS, keepOpen: false, seconds, signal });
  return 1e9 / perSecond;
}

/** From the connection to the end of it, which the server sends after the last byte. */
async function resultNs(port: number): Promise<number> {
  const began = performance.now();
  for (let count = 0; count < RESULTS; count += 1)
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ host: HOST, port, noDelay: true, allowHalfOpen: true });
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('a result was not passed on in time')));
      socket.on('error', reject).on('close', () => resolve());
      socket.end(result()).resume();
    });
  return (1e6 * (performance.now() - began)) / RESULTS;
}

let resultFrame: Uint8Array | undefined;

function result(): Uint8Array {
  const fields = {
    ...{ task_id: '0f8fad5b-d9cb-469f-a165-70867728950e', result_type: 'file', filename: 'a.txt' },
    ...{ file_data: Buffer.alloc(0.75 * RESULT_BYTES, 'abcdefg').toString('base64') },
    ...{ completed_at: '2025-06-01T12:00:00Z', time_idle_ms: 1, time_staged_ms: 2, time_cpu_ms: 3 },
  };
  resultFrame ??= encodeFrame({ type: 4, payload: Buffer.from(JSON.stringify(fields)) });
  return resultFrame;
}

const MEASURED = 0;
const AIM = 2;
const RATIO = 6;
const RATIO_AIM = 7;

function rowOf({ name, mostNs, mostRatio }: Measured, times: Times): Row {
  const of = (path: Path): readonly number[] => times.get(path) ?? [];
  const middle = (path: Path): number | null => (of(path).length === 0 ? null : median(of(path)));
  const { value, margin } = medianWithMargin(of('proxy'));
  const ratios = of('socat').map((ns, at) => (of('proxy')[at] ?? 0) / ns);
  const plain = medianWithMargin(of('node').map((ns, at) => (of('proxy')[at] ?? 0) / ns));
  return {
    name,
    cells: [
      ...[value, Math.abs(value * margin), mostNs ?? null, middle('direct'), middle('node'), middle('socat')],
      ...[ratios.length === 0 ? null : median(ratios), mostRatio ?? null],
    ],
    compared: { ...plain, better: 'lower' },
  };
}

function isMissed({ cells }: Row): boolean {
  const isOver = (measured: number, most: number): boolean =>
    typeof cells[measured] === 'number' &&
    typeof cells[most] === 'number' &&
    Number(cells[measured]) > Number(cells[most]);
  return isOver(MEASURED, AIM) || isOver(RATIO, RATIO_AIM);
}

function sectionOf(rows: readonly Row[], missed: readonly string[], hasSocat: boolean): Section {
  return {
    id: ID,
    title: 'What the proxy costs, and the most that it may cost',
    of: 'operation',
    columns: [
      { title: 'proxy', unit: 'ns' },
      { title: '±', unit: 'ns', isMargin: true },
      { title: 'aim', unit: 'ns' },
      { title: 'direct', unit: 'ns' },
      { title: 'node:net', unit: 'ns' },
      { title: 'socat', unit: 'ns' },
      { title: 'proxy / socat', unit: 'ratio' },
      { title: 'aim', unit: 'ratio' },
    ],
    rows,
    notes: [
      missed.length === 0 ? 'No aim is missed.' : `These miss an aim: ${missed.join('; ')}.`,
      ...(hasSocat ? [] : ['socat is not installed, so nothing is compared with it.']),
      'Times are those of a clock: the median of the latency for the first row, and the time for one operation for the others. The paths take turns in each round.',
      'node:net is a program that passes bytes on and does nothing else; a proxy in Node.js cannot cost less. socat starts a process for each connection.',
    ],
  };
}
