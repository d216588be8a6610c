/** Reads the records of a saved report, and checks each of them against the schema. */

import { readFile } from 'node:fs/promises';
import { REPORT_FORMAT, type ReportRecord } from '../../report/record.ts';
import { packageFile } from '../../util/package-file.ts';

/** The report is malformed, or cannot be used for this purpose. The message is one line. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

const SCHEMA = packageFile('fixtures/schema/report.schema.json');

/**
 * Reads JSON Lines: one report, or several, one after another. A last line without a line end is ignored, because an
 * interrupted run leaves it. `name` is the name of the file for messages. Throws ReportError.
 */
export async function readReport(text: string, name: string): Promise<readonly ReportRecord[]> {
  const lines = text.split('\n').slice(0, -1);
  if (lines.length === 0) throw new ReportError(`${name} is empty`);
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const validate = new Ajv2020({ allErrors: false }).compile<ReportRecord>(
    JSON.parse(await readFile(SCHEMA, 'utf8')),
  );
  return lines.map((line, index) => {
    const where = `${name}, line ${index + 1}`;
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

function parse(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ReportError(`${where} is not JSON`);
  }
}

function formatOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
}
