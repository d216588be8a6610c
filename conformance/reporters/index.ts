/** Reports that are made of records, without what a run loads. */

export { type Renderer, renderAll, type Waiting } from './common/renderer.ts';
export { assemble, type Report } from './common/report.ts';
export { FORMATS, type Format, ONE_REPORT } from './format.ts';
export { renderer } from './formats.ts';
export { type Change, diff, type Side } from './saved/diff.ts';
export { merge } from './saved/merge.ts';
export { ReportError, readReport } from './saved/read.ts';
export { type Colors, NO_COLORS } from './text/colors.ts';
export type { PrettyOptions } from './text/pretty.ts';
