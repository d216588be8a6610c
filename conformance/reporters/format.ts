/** The report formats. */

/** The names of all formats, as `--reporter` takes them. */
export const FORMATS = [
  'pretty',
  'tap',
  'json',
  'jsonl',
  'junit',
  'markdown',
  'github',
  'issue',
  'sarif',
  'html',
  'badge',
  'badge-svg',
  'overview',
  'matrix',
] as const;

/** The name of a format. */
export type Format = (typeof FORMATS)[number];

/** Formats that can show only one report. */
export const ONE_REPORT: readonly Format[] = ['tap', 'badge', 'badge-svg'];

/** Formats that keep no records, so that reports on thousands of targets need little memory. */
export const MANY_REPORTS: readonly Format[] = ['overview', 'matrix', 'jsonl'];
