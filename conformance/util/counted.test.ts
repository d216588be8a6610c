import t from 'tap';
import { counted } from './counted.ts';

t.test('only one is singular', async (t) => {
  t.strictSame(
    [0, 1, 2].map((count) => counted(count, 'case')),
    ['0 cases', '1 case', '2 cases'],
  );
});
