/**
 * The form of the results of every bench: sections of rows of numbers with units. It is plain data, which is saved as JSON,
 * compared with a later run (compare.ts), shown (render.ts, chart.ts) and published (publish.ts).
 */

import os from 'node:os';

/** What a number counts: nanoseconds, events a second, bytes, bytes a second, a factor, or items. */
export type Unit = 'ns' | 'per-second' | 'bytes' | 'bytes-per-second' | 'ratio' | 'count';

export interface Column {
  readonly title: string;
  readonly unit: Unit;
  /** Whether it repeats the name of the row as a number, for plots. Such a column is not shown. Default false. */
  readonly isName?: boolean;
  /** Whether it is half the width of the 99 % confidence interval of the column before it. Default false. */
  readonly isMargin?: boolean;
}

/** The figure of a row that is compared with that of another run. */
export interface Compared {
  readonly value: number;
  /** How far the true value may be off, as a share of it: half the width of the 99 % confidence interval. */
  readonly margin: number;
  readonly better: 'lower' | 'higher';
}

export interface Row {
  readonly name: string;
  /** One for each column; null where nothing was measured. */
  readonly cells: readonly (number | null)[];
  readonly compared?: Compared;
}

/** The columns that a plot shows, by their indices: as lines over the first column, or as a bar for each row. */
export interface Plot {
  readonly kind: 'lines' | 'bars';
  readonly columns: readonly number[];
}

export interface Section {
  /** Permanent, such as 'codec/encode'. */
  readonly id: string;
  readonly title: string;
  /** The title of the column with the names of the rows. */
  readonly of: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Sentences that a reader needs to read the table. */
  readonly notes: readonly string[];
  readonly plot?: Plot;
}

/** The options of every section. */
export interface SectionOptions {
  /** Is called with the name of each row before that row is measured. */
  readonly onRow: (row: string) => void;
  /** How often a row may be measured again while its figures are not steady. Default 0. */
  readonly extraRounds?: number;
  /** Ends the measurement, which then rejects. */
  readonly signal?: AbortSignal | undefined;
}

/** Whether any row of a section is measured, or whether that row is. */
export type Selection = (section: string, row?: string) => boolean;

export interface Machine {
  readonly cpus: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
}

/** What `conform bench` can measure. */
export type Bench = 'codec' | 'target' | 'kit' | 'reference' | 'proxy';

export interface Report {
  readonly format: 1;
  readonly bench: Bench;
  /** The command line that measures the same again. */
  readonly command: string;
  /** ISO 8601, in UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly sections: readonly Section[];
}

/** The machine on which this process runs. */
export function thisMachine(): Machine {
  const cpus = os.cpus();
  return {
    cpus: cpus.length,
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    memoryBytes: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
  };
}
