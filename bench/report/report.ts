/**
 * The one form in which every bench reports: sections of rows of numbers with units, plain enough to be saved as JSON,
 * compared with a later run (compare.ts) and shown (render.ts, chart.ts). A figure that is worth comparing carries how
 * far it may be off.
 */

import os from 'node:os';

/** What a number counts: nanoseconds, times a second, bytes, bytes a second, a factor, or just how many. */
export type Unit = 'ns' | 'per-second' | 'bytes' | 'bytes-per-second' | 'ratio' | 'count';

export interface Column {
  readonly title: string;
  readonly unit: Unit;
  /** Whether it is the name of the row once more, as a number for plots; then it is not shown. Default false. */
  readonly isName?: boolean;
}

/** The figure of a row that a later run is compared by. */
export interface Compared {
  readonly value: number;
  /** How far the true value may be off, as a share of it: the half width of an interval of 99 % confidence. */
  readonly margin: number;
  readonly better: 'lower' | 'higher';
}

export interface Row {
  readonly name: string;
  /** One for each column; null where nothing was measured. */
  readonly cells: readonly (number | null)[];
  readonly compared?: Compared;
}

/** Which columns a plot shows, on which scales; lines over the first column, or a bar for every row. */
export interface Plot {
  readonly kind: 'lines' | 'bars';
  readonly columns: readonly number[];
}

export interface Section {
  /** Permanent, such as 'codec/encode'. */
  readonly id: string;
  readonly title: string;
  /** What the names of the rows are. */
  readonly of: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** What a reader has to know to read it; a sentence each. */
  readonly notes: readonly string[];
  readonly plot?: Plot;
}

/** Who waits for a section. */
export interface SectionOptions {
  /** Hears of each row before it is measured. */
  readonly onRow: (row: string) => void;
  /** Ends the measurement, which then rejects or gives fewer rows. */
  readonly signal?: AbortSignal | undefined;
}

/** Whether a section is measured at all, or a row of it. */
export type Selection = (section: string, row?: string) => boolean;

export interface Machine {
  readonly cpus: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
}

export interface Report {
  readonly format: 1;
  readonly bench: string;
  /** How to run it again. */
  readonly command: string;
  /** ISO 8601, in UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly sections: readonly Section[];
}

/** The machine that this process runs on. */
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
