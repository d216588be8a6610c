/** The benches as a library: each measures sections, which make a report. Reports are shown, saved and compared. */

export { codecSections } from './codec/codec.ts';
export { memorySection } from './codec/memory.ts';
export { chunksSection, sizeSection, streamSection } from './codec/segmentation.ts';
export { clientSection } from './kit/client.ts';
export { fuzzSection, persistentSection } from './kit/fuzz.ts';
export { librarySection } from './kit/library.ts';
export { findMutants, mutantSections } from './kit/mutants.ts';
export { scenariosSection } from './kit/scenarios.ts';
export { startupSection } from './kit/startup.ts';
export { forwardSections } from './proxy/forward.ts';
export { aimsSections } from './reference/aims.ts';
export { type Change, compare, withBest } from './report/compare.ts';
export { type Publication, publish } from './report/publish.ts';
export { type Format, render } from './report/render.ts';
export {
  type Report,
  type Section,
  type SectionOptions,
  type Selection,
  thisMachine,
} from './report/report.ts';
export { parseReport } from './report/saved.ts';
export { referenceSection, storeSection } from './target/servers.ts';
export { storeSizeSection } from './target/store-size.ts';
export { targetSection } from './target/target.ts';
