import { posix, win32 } from 'node:path';
import t from 'tap';
import { isWithin } from './is-within.ts';

t.test('by the rules of each system', async (t) => {
  t.ok(isWithin('/a/store', '/a/store', posix));
  t.ok(isWithin('/a/store/..x', '/a/store', posix));
  t.notOk(isWithin('/a/store2', '/a/store', posix));
  t.notOk(isWithin('/a', '/a/store', posix));
  t.ok(isWithin('C:\\a\\store\\received', 'c:\\A\\store', win32));
  t.notOk(isWithin('C:\\a\\store2', 'C:\\a\\store', win32));
  t.notOk(isWithin('D:\\a\\store', 'C:\\a\\store', win32));
});
