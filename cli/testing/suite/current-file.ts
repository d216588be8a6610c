/** The test that stands for the test file which is being loaded. */

import t, { type Test } from 'tap';

let current: Test = t;

export function currentFile(): Test {
  return current;
}

export function setCurrentFile(test: Test): void {
  current = test;
}
