/** Reports that were never measured, for tests. */

import type { Report, Row, Section } from '../report/report.ts';

/** A report of one section with these rows. */
export function reportWith(rows: readonly Row[], section: Partial<Section> = {}): Report {
  return {
    format: 1,
    bench: 'codec',
    command: 'conform bench codec',
    date: '2026-01-02T03:04:05.000Z',
    machine: { cpus: 2, cpu: 'a <CPU>', memoryBytes: 2 ** 30, system: 'Linux', node: '20.0.0' },
    sections: [
      {
        id: 'codec/encode',
        title: 'Encoding',
        of: 'message',
        columns: [
          { title: 'size', unit: 'bytes' },
          { title: 'time', unit: 'ns' },
        ],
        rows,
        notes: ['A note.'],
        plot: { kind: 'lines', columns: [1] },
        ...section,
      },
    ],
  };
}

/** A report of one row whose time is `ns`, with that margin as a share, and of one row without a time. */
export function reportOf(
  ns: number,
  margin: number,
  better: 'lower' | 'higher' = 'lower',
  name = 'a | <row>',
): Report {
  return reportWith([
    { name, cells: [1024, ns], compared: { value: ns, margin, better } },
    { name: 'not measured', cells: [2048, null] },
  ]);
}
