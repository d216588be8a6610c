/** The benches as a library: each gives sections, a report is made of them, and two reports are compared. */

export { codecSections } from './codec.ts';
export { codecMemory } from './codec-memory.ts';
export { type Change, compare, parseReport, withBest } from './compare.ts';
export { portOf, startProcess } from './process.ts';
export { describeMachine, type Format, render, renderWithPlots, textTable } from './render.ts';
export { type Audience, type Report, type Row, type Section, thisMachine } from './report.ts';
export { piecesCurve, sizeCurve, streamSection } from './segmentation.ts';
export { bareSection, storeSection } from './servers.ts';
export { startupSection } from './startup.ts';
export { exponent, median, ofFew } from './statistics.ts';
export { storeSizeSection } from './store-size.ts';
export { targetSection } from './target.ts';
