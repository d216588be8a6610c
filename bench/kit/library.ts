/** What judging a library takes: requests to an adapter and back, and a run of all scenarios against the reference. */

import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { startAdapter } from '../../conformance/libraries/pipe/adapter.ts';
import { libraryCatalogue } from '../../conformance/libraries/run/catalogue.ts';
import { judgeLibrary } from '../../conformance/libraries/run/judge-library.ts';
import { packageFile } from '../../conformance/util/package-file.ts';
import { libraryProperties } from '../../fuzz/libraries/properties.ts';
import { measureRounds } from '../measure/rounds.ts';
import { medianWithMargin } from '../measure/statistics.ts';
import type { Section, SectionOptions } from '../report/report.ts';

const REQUESTS = 10_000;
/** Requests that wait for an answer at a time, as in a run. */
const LANES = 64;
const ROUNDS = 5;
/** A slow machine is no fault of the adapter. */
const LIMITS = { startMs: 60_000, answerMs: 60_000 };

const ADAPTER = fileURLToPath(packageFile('dist/docs/adapters/reference.js'));
const LINE = `exec '${process.execPath}' '${ADAPTER.replaceAll("'", "'\\''")}'`;
const PAYLOAD = Buffer.from('{"task_id":"a","task_description":"hello world"}').toString('base64');

export async function librarySection(options: SectionOptions): Promise<Section> {
  const { onRow } = options;
  const rows = [];
  for (const [name, measure] of [
    [`${REQUESTS} requests`, requestsMs],
    ['run of all scenarios', runMs],
  ] as const) {
    onRow(`kit/library ${name}`);
    const times = await measureRounds(
      { ...options, rounds: ROUNDS },
      () => measure(options.signal),
      (ms) => [ms],
    );
    const time = medianWithMargin(times);
    rows.push({
      name,
      cells: [1e6 * time.value, 1e6 * time.value * time.margin],
      compared: { ...time, better: 'lower' as const },
    });
  }
  return {
    id: 'kit/library',
    title: 'Judging a library',
    of: 'work',
    columns: [
      { title: 'time', unit: 'ns' },
      { title: '±', unit: 'ns', isMargin: true },
    ],
    rows,
    notes: [`The adapter is that of the reference. Up to ${LANES} requests are open at a time.`],
  };
}

/** Without the start of the adapter. */
async function requestsMs(signal: AbortSignal | undefined): Promise<number> {
  const { adapter } = await startAdapter(LINE, { ...LIMITS, signal });
  try {
    const began = performance.now();
    let asked = 0;
    const lane = async (): Promise<void> => {
      while (asked < REQUESTS) {
        asked += 1;
        await adapter.ask('decode', { message: 'SubmitRequest', payload_base64: PAYLOAD });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return performance.now() - began;
  } finally {
    await adapter.stop();
  }
}

/** From the start of the adapter to its end. */
async function runMs(signal: AbortSignal | undefined): Promise<number> {
  const catalogue = libraryCatalogue(libraryProperties({ seed: 1, runs: 100 }));
  const began = performance.now();
  const run = {
    catalogue,
    isSelected: () => true,
    retries: 0,
    bail: false,
    signal: signal ?? new AbortController().signal,
    clock: () => performance.timeOrigin + performance.now(),
    ...LIMITS,
  };
  for await (const event of judgeLibrary(LINE, run)) {
    signal?.throwIfAborted();
    if (event.kind === 'end' && event.because !== 'complete')
      throw new Error(`the adapter of the reference cannot be run: ${event.detail ?? event.because}`);
  }
  return performance.now() - began;
}
