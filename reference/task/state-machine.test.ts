import fc from 'fast-check';
import t from 'tap';
import { TASK_STATUSES } from '../protocol/constants.ts';
import { canTransition, isFinal, isTaskStatus } from './state-machine.ts';

/** Every pair of statuses for which `permitted` holds, as 'FROM>TO'. */
function pairs(permitted: (from: string, to: string) => boolean): readonly string[] {
  return TASK_STATUSES.flatMap((from) =>
    TASK_STATUSES.filter((to) => permitted(from, to)).map((to) => `${from}>${to}`),
  );
}

t.test('the receiver has exactly these transitions (L1)', (t) => {
  t.same(
    pairs((from, to) => canTransition(from, to)),
    [
      'NEW>ACCEPTED',
      'NEW>DECLINED',
      'NEW>CANCELLED',
      'ACCEPTED>EXECUTING',
      'ACCEPTED>EXPIRED',
      'EXECUTING>COMPLETED',
      'COMPLETED>SUCCEEDED',
    ],
  );
  t.end();
});

t.test('the submitter may skip statuses, but never goes back (L1)', (t) => {
  t.same(
    pairs((from, to) => canTransition(from, to, 'submitter')),
    [
      'NEW>ACCEPTED',
      'NEW>DECLINED',
      'NEW>EXECUTING',
      'NEW>COMPLETED',
      'NEW>SUCCEEDED',
      'NEW>CANCELLED',
      'NEW>EXPIRED',
      'ACCEPTED>EXECUTING',
      'ACCEPTED>COMPLETED',
      'ACCEPTED>SUCCEEDED',
      'ACCEPTED>EXPIRED',
      'EXECUTING>COMPLETED',
      'EXECUTING>SUCCEEDED',
      'COMPLETED>SUCCEEDED',
    ],
  );
  t.end();
});

t.test('four statuses are final', (t) => {
  t.same(TASK_STATUSES.filter(isFinal), ['DECLINED', 'SUCCEEDED', 'CANCELLED', 'EXPIRED']);
  t.end();
});

t.test('any other string is not a status and has no transition', (t) => {
  const strings = fc.oneof(fc.string(), fc.constantFrom('new', 'NEW ', 'constructor', '__proto__', ''));
  fc.assert(
    fc.property(strings, fc.constantFrom(...TASK_STATUSES), (other, status) => {
      const leads = canTransition(other, status, 'submitter') || canTransition(status, other, 'submitter');
      return !isTaskStatus(other) && !isFinal(other) && !leads;
    }),
  );
  t.end();
});
