/** The full cross product: servers → one run of the command for each → verdicts by scenario. */

import { availableParallelism } from 'node:os';
import type { Verdict } from '../../judge/oracle.ts';
import type { ReportRecord } from '../../report/record.ts';
import { type Measured, measured, servers } from './measure.ts';
import { mapConcurrently } from './parallel.ts';
import { judgeAsUser } from './user-run.ts';

/** One server with every scenario: the verdicts by scenario id. */
export type Row = Map<string, Verdict['verdict']>;

/** More than cores, because servers and runs wait for much of their time. */
const JOBS = 2 * availableParallelism();

/** Judges every server as a user would. Calls `onServer` with the name of each before it is judged. */
export async function judgeMatrix(
  onServer: (name: string) => void,
): Promise<{ readonly rows: ReadonlyMap<string, Row>; readonly measured: readonly Measured[] }> {
  const rows = new Map<string, Row>();
  const results = await mapConcurrently(servers, JOBS, async (server) => {
    onServer(server.name);
    const run = await judgeAsUser(server);
    rows.set(server.name, rowOf(run.records));
    return measured(server, run);
  });
  return { rows, measured: results };
}

function rowOf(records: readonly ReportRecord[]): Row {
  return new Map(
    records.flatMap((record) => (record.record === 'scenario' ? [[record.id, record.verdict] as const] : [])),
  );
}
