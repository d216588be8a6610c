import t from 'tap';
import { textTable } from './text-table.ts';

t.test('columns are as wide as their widest cell, and nothing follows the last cell', async (t) => {
  t.equal(textTable([]), '');
  t.equal(
    textTable([
      ['a', '', ''],
      ['b', 'c', ''],
    ]),
    'a\nb  c\n',
  );
  t.equal(
    textTable([
      ['a', 'bb', 'c'],
      ['aaa', 'b', 'ccc'],
    ]),
    'a    bb  c\naaa  b   ccc\n',
  );
});

t.test(
  'a column may be right-aligned, have a least width, and a style that does not count as width',
  async (t) => {
    const style = (text: string) => `<${text}>`;
    t.equal(
      textTable(
        [
          ['a', '1', 'x'],
          ['b', '100', 'y'],
        ],
        [{ width: 4, style }, { align: 'right' }, { style }],
      ),
      '<a   >    1  <x>\n<b   >  100  <y>\n',
    );
  },
);
