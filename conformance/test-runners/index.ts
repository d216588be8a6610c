/** The kit in a suite of tests: every scenario as a test of `node:test`, vitest or tap. */

// The declarations use types of Node.js. A project with `"types": []` would not load them otherwise.
/// <reference types="node" preserve="true" />

export { type ConformanceOptions, conformance } from './conformance.ts';
export { ConformanceError } from './conformance-error.ts';
export type { TestRunner } from './test-runner.ts';
