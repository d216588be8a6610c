/** Reads the report of an earlier run from a file. A file is input like any other, so all of it is validated. */

import { packageSchema } from '../../conformance/schema/package-schema.ts';
import { CompareError } from './compare.ts';
import type { Report } from './report.ts';

const reportSchema = packageSchema<Report>('bench-report');

/** `name` is that of the file, for messages. Throws a CompareError of one line for text that is no saved report. */
export async function parseReport(text: string, name: string): Promise<Report> {
  const value = parseJson(text, name);
  if (formatOf(value) !== 1)
    throw new CompareError(`${name} is not a report of format 1; conform bench writes reports with --save`);
  const validate = await reportSchema();
  if (!validate(value)) {
    const [error] = validate.errors ?? [];
    const member: unknown = error?.params['additionalProperty'];
    const details = member === undefined ? '' : ` (${JSON.stringify(member)})`;
    throw new CompareError(
      `${name} is not a valid report: ${error?.instancePath || 'the report'} ${error?.message}${details}`,
    );
  }
  for (const { id, columns, rows } of value.sections)
    for (const row of rows)
      if (row.cells.length !== columns.length)
        throw new CompareError(
          `${name} is not a valid report: ${id} ${row.name} has ${row.cells.length} cells for ${columns.length} columns`,
        );
  return value;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CompareError(`${name} is not JSON`);
  }
}

function formatOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
}
