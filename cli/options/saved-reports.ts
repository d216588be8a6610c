/** Reads reports that --reporter jsonl=FILE wrote. */

import type { ReportRecord } from '../../conformance/index.ts';
import { decodeText } from '../core/read-file.ts';
import { readInput } from './input.ts';

/** In bytes, inclusive. A whole run has a hundredth of it. */
const MAX_REPORT_BYTES = 256 * 1024 * 1024;

/** `-` is standard input. Throws UsageError when the file cannot be read, and ReportError when it is not a report. */
export async function readRecords(file: string): Promise<readonly ReportRecord[]> {
  const { readReport } = await import('../../conformance/reporters/index.ts');
  const bytes = await readInput(file, 'a file that --reporter jsonl=FILE wrote', {
    most: MAX_REPORT_BYTES,
  });
  return readReport(decodeText(bytes), file === '-' ? 'standard input' : file);
}
