/** Task files and their exact text (M13), built from tokens like the frames of encode.ts. */
import { isLeftOut, TASK_FILE } from '../build/messages.ts';
import { type Member, SAMPLES } from '../build/samples.ts';
import type { FieldValue, TaskFileVector } from '../build/vector.ts';

function vector(slug: string, note: string, members: readonly Member[]): TaskFileVector {
  const written = members.filter(([name, token]) => !isLeftOut(TASK_FILE, name, token));
  return {
    id: `task-files-${slug}`,
    note,
    clause: 'M13',
    level: 'must',
    source: 'derived',
    value: Object.fromEntries(members.map(([name, , value]) => [name, value])),
    text: `{\n${written.map(([name, token]) => `  "${name}": ${token}`).join(',\n')}\n}`,
  };
}

const ALL = SAMPLES.TaskFile;

/** The complete file, with other tokens and values for some fields. */
function withFields(
  changes: Readonly<Record<string, readonly [token: string, value: FieldValue]>>,
): Member[] {
  return ALL.map(([name, token, value]): Member => {
    const change = changes[name];
    return change === undefined ? [name, token, value] : [name, ...change];
  });
}

const EMPTY: readonly Member[] = TASK_FILE.fields.map(({ name, kind }) =>
  kind === 'int64' ? [name, '0', 0] : [name, '""', ''],
);

export const taskFiles: readonly TaskFileVector[] = [
  vector('all-fields', 'All fields, in the documented order.', ALL),
  vector('all-fields-empty', 'Optional fields that are empty are left out.', EMPTY),
  ...TASK_FILE.fields
    .filter(({ optional }) => optional)
    .map(({ name, kind }) =>
      vector(
        `without-${name.replaceAll('_', '-')}`,
        `${name} is left out when empty.`,
        withFields({ [name]: kind === 'int64' ? ['0', 0] : ['""', ''] }),
      ),
    ),
  vector(
    'escapes',
    'Strings are escaped as in messages; lines inside them are not indented.',
    withFields({
      task_description: ['"\\u003ca\\u003e \\u0026 \\"b\\" \\\\ / \\u2028"', '<a> & "b" \\ / \u2028'],
      results: ['"one\\ntwo\\r\\n\\tthree"', 'one\ntwo\r\n\tthree'],
    }),
  ),
  vector(
    'beyond-doubles',
    'Integers beyond 2^53 keep every digit.',
    withFields({
      time_idle_ms: ['9007199254740993', { int64: '9007199254740993' }],
      time_staged_ms: ['-9223372036854775808', { int64: '-9223372036854775808' }],
      time_cpu_ms: ['9223372036854775807', { int64: '9223372036854775807' }],
    }),
  ),
  vector('negative-times', 'Negative times are written.', withFields({ time_idle_ms: ['-1', -1] })),
  vector(
    'unicode',
    'All other characters are written as UTF-8.',
    withFields({ results: ['"é日\u{1f680}\ufffd"', 'é日\u{1f680}\ufffd'] }),
  ),
];
