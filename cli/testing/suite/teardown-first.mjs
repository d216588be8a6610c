/**
 * What a test registered with `teardown` runs before the folder of its `testdir` is removed: a process that still writes there
 * would make the removal fail, and a failed removal drops the teardowns that would have ended the process. The test runner has
 * the opposite order when `testdir` is called first. Loaded with --import, which .taprc names.
 */

import { isMainThread } from 'node:worker_threads';

// A worker thread inherits --import. It has no tests, and the runner would send a message to the thread that started it.
if (isMainThread) {
  const { TestBase } = await import('tap');
  const { main } = TestBase.prototype;
  // The first teardown of a test decides where all of its teardowns stand, so each test begins with one.
  TestBase.prototype.main = function (done) {
    this.t.after(() => {});
    main.call(this, done);
  };
}
