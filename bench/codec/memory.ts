/**
 * The peak memory of encoding and of decoding one result with a file of 8 MiB. Run as a program, this file does one of the
 * two once and prints by how many bytes that raised the peak of its process.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { statusNumber } from '../../conformance/observers/process.ts';
import { encodeFrame } from '../../reference/index.ts';
import { collectGarbage } from '../measure/memory.ts';
import { measureRounds } from '../measure/rounds.ts';
import { medianWithMargin } from '../measure/statistics.ts';
import { runSubprocess, subprocessArguments } from '../measure/subprocess.ts';
import type { Row, Section } from '../report/report.ts';
import type { CodecOptions } from './row.ts';
import { bigFile, frameOf } from './samples.ts';

/**
 * The peak is counted from the memory that the process held before: for decoding that includes the frame, for encoding
 * the file.
 */
export async function memorySection(options: CodecOptions): Promise<Section> {
  const input = encodeFrame(bigFile().marshal());
  const rows: Row[] = [];
  for (const action of ['encode', 'decode']) {
    options.onRow(`codec/memory ${action}`);
    const peaks = await measureRounds(
      options,
      async () => (await runSubprocess(import.meta.url, [action], { ...options, input })) as number | null,
      (peak) => [peak ?? 0],
    );
    const { value: bytes, margin } = medianWithMargin(peaks.map(Number));
    const value = bytes / input.byteLength;
    rows.push(
      peaks.includes(null)
        ? { name: action, cells: [null, null, null] }
        : {
            name: action,
            cells: [bytes, bytes * margin, value],
            compared: { value, margin, better: 'lower' },
          },
    );
  }
  return {
    id: 'codec/memory',
    title: 'Peak memory for a result with a file of 8 MiB',
    of: 'operation',
    columns: [
      { title: 'peak', unit: 'bytes' },
      { title: '±', unit: 'bytes', isMargin: true },
      { title: 'peak / frame size', unit: 'ratio' },
    ],
    rows,
    notes: rows.every(({ compared }) => compared !== undefined)
      ? ['The peak is counted from the memory that the process held before. Each round is a new process.']
      : ['The peak is unknown on a system without /proc.'],
  };
}

/** By how many bytes `action` raises the peak of the memory of this process; null on a system without /proc. */
function peakOf(action: () => unknown): number | null {
  collectGarbage();
  try {
    // Resets the peak to the memory that the process holds now.
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return null;
  }
  const before = memory('VmRSS');
  const result = action();
  if (result === undefined) throw new Error('the measured action gave no result');
  return memory('VmHWM') - before;
}

/** A size in the status of this process, in bytes: VmHWM is the peak of its memory, VmRSS the present size. */
function memory(field: 'VmHWM' | 'VmRSS'): number {
  return 1024 * (statusNumber(readFileSync('/proc/self/status', 'utf8'), field) ?? Number.NaN);
}

const [action] = subprocessArguments(import.meta.url) ?? [];
if (action !== undefined) {
  const input = readFileSync(0);
  const { marshal, unmarshal } = bigFile();
  const decode = (): unknown => unmarshal(frameOf(input));
  const encode = (): unknown => encodeFrame(marshal());
  process.stdout.write(JSON.stringify(peakOf(action === 'decode' ? decode : encode)));
}
