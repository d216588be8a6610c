import t from 'tap';
import { CompareError } from '../../bench/report/compare.ts';
import { TargetError } from '../../bench/target/target-error.ts';
import { ObserverError } from '../../conformance/observers/observer-error.ts';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { KnownFailuresError } from '../../conformance/report/known-failures.ts';
import { ReportError } from '../../conformance/reporters/saved/read.ts';
import { TemporaryFolderError } from '../../conformance/util/folders.ts';
import { ClientError, ProtocolError, TransitionError, ValidationError } from '../../reference/index.ts';
import { StoreError } from '../../reference/store/store-error.ts';
import { UsageError } from './errors.ts';
import { explainFailure } from './failure.ts';

const STATUSES: readonly (readonly [Error, ExitStatus])[] = [
  [new UsageError('x', 'unknown-option'), EXIT.usage],
  [new ClientError('unreachable', 'x'), EXIT.unreachable],
  [new ClientError('timeout', 'x'), EXIT.unreachable],
  [new ClientError('aborted', 'x'), EXIT.interrupted],
  [new TargetError('x'), EXIT.unreachable],
  [new ProtocolError('malformed-json', 'M5', 'x'), EXIT.failed],
  [new TransitionError('NEW', 'EXECUTING'), EXIT.failed],
  [new ValidationError('description-too-long', 'S5', 'x'), EXIT.failed],
  [new StoreError('unknown-task', 'x'), EXIT.failed],
  [new ObserverError('no-store', 'x'), EXIT.usage],
  [new ReportError('x'), EXIT.usage],
  [new KnownFailuresError('x'), EXIT.usage],
  [new CompareError('x'), EXIT.usage],
  [new TemporaryFolderError('x'), EXIT.usage],
];

for (const [error, status] of STATUSES) {
  t.test(`${error.name}${'code' in error ? ` ${error.code}` : ''} is exit status ${status}`, async (t) => {
    t.match(await explainFailure(error), { status, line: error.message });
  });
}

t.test('anything else is a fault of the kit, whatever its name is', async (t) => {
  t.equal(await explainFailure(new TypeError('x')), undefined);
  t.equal(
    await explainFailure(Object.assign(new Error('x'), { name: 'ClientError', code: 'closed' })),
    undefined,
  );
  t.equal(await explainFailure('x'), undefined);
});

t.test('the line is escaped, and ends with the code of the system', async (t) => {
  const cause = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  const failure = await explainFailure(new ClientError('unreachable', 'no\u001b[31m\nanswer', { cause }));
  t.match(failure?.line, /^[\x20-\x7e]+ \(ECONNREFUSED\)$/);
});
