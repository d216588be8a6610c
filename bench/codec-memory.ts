/**
 * The peak memory of encoding and of decoding one result of 8 MiB, as multiples of its frame. Run as a program, this
 * file does one of the two once and prints by how many bytes that raised the peak of its process.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeFrame } from '../reference/index.ts';
import type { Row, Section } from './report.ts';
import { BIG_FILE, frameOf } from './samples.ts';

const SELF = fileURLToPath(import.meta.url);

/** Above what the process held before, which for decoding includes the frame, and for encoding the file. */
export function codecMemory(): Section {
  const frame = encodeFrame(BIG_FILE.marshal());
  const rows = ['encode', 'decode'].map((action): Row => {
    const args = ['--expose-gc', SELF, action];
    const { status, stdout } = spawnSync(process.execPath, args, { input: frame, encoding: 'utf8' });
    if (status !== 0) return { name: action, cells: [null, null] };
    const value = Number(stdout) / frame.byteLength;
    return {
      name: action,
      cells: [Number(stdout), value],
      compared: { value, margin: 0.02, better: 'lower' },
    };
  });
  return {
    id: 'codec/memory',
    title: 'Peak memory for a result of an 8 MiB file',
    of: 'in a fresh process',
    columns: [
      { title: 'above what it held', unit: 'bytes' },
      { title: 'to the frame', unit: 'ratio' },
    ],
    rows,
    notes: rows.every(({ compared }) => compared !== undefined)
      ? []
      : ['Not known on a system without /proc.'],
  };
}

/** The peak or the present memory of this process, in bytes. Throws where there is no /proc. */
function memory(field: 'VmHWM' | 'VmRSS'): number {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(
    readFileSync('/proc/self/status', 'utf8'),
  )?.[1];
  return Number(kibibytes) * 1024;
}

/** How far above what the process held before the peak of `action` lies. */
function peakOf(action: () => unknown): number {
  globalThis.gc?.();
  // Lets the peak begin anew, at what is held now.
  writeFileSync('/proc/self/clear_refs', '5');
  const before = memory('VmRSS');
  const result = action();
  if (result === undefined) throw new Error('nothing came out');
  return memory('VmHWM') - before;
}

if (process.argv[1] === SELF) {
  const input = readFileSync(0);
  const decode = (): unknown => BIG_FILE.unmarshal(frameOf(input));
  const encode = (): unknown => encodeFrame(BIG_FILE.marshal());
  process.stdout.write(String(peakOf(process.argv[2] === 'decode' ? decode : encode)));
}
