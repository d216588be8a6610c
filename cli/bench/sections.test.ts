import t from 'tap';
import { benchKit, MUTANTS_OPTIONS, selectionBy } from './sections.ts';

t.test('patterns select sections and rows, and names only those of them', (t) => {
  const selected = (only: readonly string[] | undefined, names?: readonly string[]): string[] => {
    const isSelected = selectionBy(only, names && new Set(names));
    return ['a/b', 'a/b one', 'a/b two', 'a/c', 'a/c one'].filter((name) => {
      const [section = '', row] = name.split(' ');
      return isSelected(section, row);
    });
  };
  t.strictSame(selected(undefined), ['a/b', 'a/b one', 'a/b two', 'a/c', 'a/c one']);
  t.strictSame(selected(['a/b']), ['a/b', 'a/b one', 'a/b two']);
  t.strictSame(selected(['a/* o*']), ['a/b one', 'a/c one']);
  t.strictSame(selected(undefined, ['a/b one']), ['a/b', 'a/b one'], 'what is measured again');
  t.strictSame(selected(undefined, ['a/c']), ['a/c', 'a/c one']);
  t.strictSame(selected(['a/c'], ['a/b one']), []);
  t.end();
});

t.test('bench kit shows the time that the command needs to start', async (t) => {
  const shown: string[] = [];
  const options = { onRow: (row: string) => void shown.push(row), rounds: 1 };
  const given = {
    _: [],
    $0: '',
    mutants: MUTANTS_OPTIONS.mutants.default,
    jobs: MUTANTS_OPTIONS.jobs.default,
  };
  const sections = await benchKit(given, options, selectionBy(['kit/startup'], undefined));
  t.strictSame(
    sections.map(({ id }) => id),
    ['kit/startup'],
  );
  t.match(shown, [/^kit\/startup node/, /^kit\/startup conform --version$/, /^kit\/startup conform --help$/]);
  const [node, ...commands] = sections[0]?.rows ?? [];
  t.match(node, { name: 'node -e 0', cells: [Number, Number, 1] });
  t.equal(commands.length, 2);
  for (const { cells, compared } of commands) t.match(compared, { value: cells[2], better: 'lower' });
});
