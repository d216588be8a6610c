import { equal } from 'node:assert/strict';
import t from 'tap';
import type { TaskFileVector } from '../../conformance/vectors/build/vector.ts';
import { checkAll } from '../testing/vectors.ts';
import { marshalTaskFile, unmarshalTaskFile } from './task-file.ts';

t.test('every vector is read and written again byte for byte (M13)', (t) => {
  checkAll<TaskFileVector>(t, 'vectors/task-files', ({ text }) => {
    equal(Buffer.from(marshalTaskFile(unmarshalTaskFile(Buffer.from(text)))).toString(), text);
  });
});
