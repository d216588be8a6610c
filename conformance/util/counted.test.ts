import t from 'tap';
import { counted } from './counted.ts';

t.test('one thing is no plural', async (t) => {
  t.equal(counted(1, 'scenario'), '1 scenario');
  t.equal(counted(0, 'scenario'), '0 scenarios');
  t.equal(counted(2, 'more cause'), '2 more causes');
  t.equal(counted(1, 'entry', 'entries'), '1 entry');
  t.equal(counted(3, 'entry', 'entries'), '3 entries');
});
