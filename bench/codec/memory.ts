/**
 * The peak memory of encoding and of decoding one result of 8 MiB, as multiples of its frame. Run as a program, this
 * file does one of the two once and prints by how many bytes that raised the peak of its process.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { statusNumber } from '../../conformance/observers/process.ts';
import { encodeFrame } from '../../reference/index.ts';
import { collectGarbage } from '../measure/memory.ts';
import { medianWithMargin } from '../measure/statistics.ts';
import { runSubprocesses, subprocessArguments } from '../measure/subprocess.ts';
import type { Row, Section, SectionOptions } from '../report/report.ts';
import { bigFile, frameOf } from './samples.ts';

/**
 * Above what the process held before, which for decoding includes the frame, and for encoding the file; in so many
 * processes.
 */
export async function memorySection(processes: number, { onRow, signal }: SectionOptions): Promise<Section> {
  const input = encodeFrame(bigFile().marshal());
  const rows: Row[] = [];
  for (const action of ['encode', 'decode']) {
    onRow(`codec/memory ${action}`);
    const peaks = await runSubprocesses(processes, import.meta.url, [action], { signal, input });
    if (peaks.includes(null)) {
      rows.push({ name: action, cells: [null, null, null] });
      continue;
    }
    const { value: bytes, margin } = medianWithMargin(peaks.map(Number));
    const value = bytes / input.byteLength;
    rows.push({
      name: action,
      cells: [bytes, bytes * margin, value],
      compared: { value, margin, better: 'lower' },
    });
  }
  return {
    id: 'codec/memory',
    title: 'Peak memory for a result of an 8 MiB file',
    of: 'in a fresh process',
    columns: [
      { title: 'above what it held', unit: 'bytes' },
      { title: '±', unit: 'bytes' },
      { title: 'to the frame', unit: 'ratio' },
    ],
    rows,
    notes: rows.every(({ compared }) => compared !== undefined)
      ? []
      : ['Not known on a system without /proc.'],
  };
}

/** How far above what the process held before the peak of `action` lies; null on a system that does not tell. */
function peakOf(action: () => unknown): number | null {
  collectGarbage();
  try {
    // Lets the peak begin anew, at what is held now.
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return null;
  }
  const before = memory('VmRSS');
  const result = action();
  if (result === undefined) throw new Error('nothing came out');
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
