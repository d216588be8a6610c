/** Reads the records of a saved report, and checks each of them against the schema. */

import { REPORT_FORMAT, type ReportRecord } from '../../report/record.ts';
import { packageSchema } from '../../schema/package-schema.ts';

/** The report is malformed, or cannot be used for this purpose. The message is one line. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

const reportSchema = packageSchema<ReportRecord>('report');

/**
 * Reads JSON Lines: one report, or several, one after another. Blank lines are ignored, and so is a part of a line at the
 * end, which an interrupted run leaves. `name` is the name of the file for messages. Throws ReportError.
 */
export async function readReport(text: string, name: string): Promise<readonly ReportRecord[]> {
  const lines = linesOf(text);
  if (lines.length === 0) throw new ReportError(`${name} is empty, or has no complete line`);
  const validate = await reportSchema();
  return lines.map(({ number, line }, index) => {
    const where = `${name}, line ${number}`;
    const value = parse(line, where);
    if (index === 0 && formatOf(value) !== REPORT_FORMAT) {
      throw new ReportError(
        `${where} is not the plan of a report of format ${REPORT_FORMAT}; --reporter jsonl writes such reports`,
      );
    }
    if (validate(value)) return value;
    const [error] = validate.errors ?? [];
    throw new ReportError(
      `${where} is not a record of a report: ${error?.instancePath ?? ''} ${error?.message ?? ''}`,
    );
  });
}

/** With their numbers, from 1. */
function linesOf(text: string): { readonly number: number; readonly line: string }[] {
  const lines = text.split('\n').map((line, index) => ({ number: index + 1, line }));
  const last = lines.at(-1);
  if (last !== undefined && !isJson(last.line)) lines.pop();
  return lines.filter(({ line }) => line.trim() !== '');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parse(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ReportError(`${where} is not JSON; --reporter jsonl writes such reports`);
  }
}

function formatOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
}
