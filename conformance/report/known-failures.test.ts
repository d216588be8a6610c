import fc from 'fast-check';
import t from 'tap';
import { scenarioRecord } from '../testing/records.ts';
import { KnownFailureList, type KnownFailureListOptions, KnownFailuresError } from './known-failures.ts';
import type { ScenarioRecord } from './record.ts';

const IDS = ['a/one', 'a/two', 'a/three', 'b/four'];
const OPTIONS: KnownFailureListOptions = { ids: IDS, isPlanned: () => true, today: '2026-06-15' };
const failing = (id: string, text = 'the status is 200') => scenarioRecord(id, 'fail', { text });
const passing = (id: string) => scenarioRecord(id, 'pass');

/** Marks the records; `stale` has each entry as `pattern: staleness`. */
function judge(
  list: string,
  records: readonly ScenarioRecord[],
  { complete = true, ...options }: Partial<KnownFailureListOptions> & { readonly complete?: boolean } = {},
) {
  const updated = new KnownFailureList(list, { ...OPTIONS, ...options });
  const marked = records.map((record) => updated.mark(record));
  const known = marked.filter((record) => record.verdict === 'fail' && record.known).map(({ id }) => id);
  const entries = updated.finish(complete);
  return {
    updated,
    known,
    entries,
    stale: entries.map(({ pattern, stale = 'good' }) => `${pattern}: ${stale}`),
  };
}

t.test('an entry covers the failure that it names, and no other', async (t) => {
  const { known, stale, entries } = judge('# why\n\na/one  # the status is 200\n', [
    failing('a/one'),
    failing('a/two'),
  ]);
  t.strictSame(known, ['a/one']);
  t.strictSame(stale, ['a/one: good']);
  t.match(entries, [{ line: 3, covered: 1, max: 1, details: [] }]);
});

t.test('what is not judged because of a known control is known, and no entry is needed for it', async (t) => {
  const dependent = (id: string, control: string) => scenarioRecord(id, 'inconclusive', { control });
  const list = new KnownFailureList('a/one  # *\n', OPTIONS);
  const known = { line: 1, reason: '*' };
  t.match(list.mark(failing('a/one')), { known });
  t.match(list.mark(dependent('a/two', 'a/one')), { verdict: 'inconclusive', known });
  t.match(list.mark(dependent('a/three', 'a/two')), { known }, 'along a chain of controls');
  t.notMatch(list.mark(dependent('b/four', 'b/five')), { known });
  t.strictSame(
    list.finish(true).map(({ stale }) => stale),
    [undefined],
  );
  t.notMatch(new KnownFailureList('', OPTIONS).mark(dependent('a/two', 'a/one')), { known });

  const updated = new KnownFailureList('', { ...OPTIONS, update: true });
  updated.mark(failing('a/one'));
  updated.mark(dependent('a/two', 'a/one'));
  t.equal(updated.text(), 'a/one  # the status is 200\n');
  const early = new KnownFailureList('', { ...OPTIONS, update: true });
  early.preview(failing('a/one'));
  t.match(early.mark(dependent('a/two', 'a/one')), { known: { line: 0 } }, 'before its final record');
  const only = new KnownFailureList('a/one  # *\n', { ...OPTIONS, isPlanned: (id) => id === 'a/two' });
  t.match(only.mark({ ...failing('a/one'), onlyAsControl: true }), { known });
  t.match(only.mark(dependent('a/two', 'a/one')), { known });
});

t.test('what waits for a control that was not selected is known before the final record of it', async (t) => {
  const control = { ...failing('a/one'), onlyAsControl: true };
  const dependent = scenarioRecord('a/two', 'inconclusive', { control: 'a/one' });
  const isPlanned = (id: string) => id === 'a/two';
  for (const [list, isKnown] of [
    ['a/one  # the status is *', true],
    ['a/one  # no answer came back', false],
    ['b/four  # *', false],
  ] as const) {
    const known = new KnownFailureList(list, { ...OPTIONS, isPlanned });
    t.equal('known' in known.preview(control), isKnown, list);
    t.equal('known' in known.mark(dependent), isKnown, list);
    known.mark({ ...control, failedPlays: 1 } as ScenarioRecord);
    t.strictSame(
      known.finish(true).map(({ covered, stale }) => [covered, stale]),
      [],
      'an entry of another run',
    );
  }
  const updated = new KnownFailureList('', { ...OPTIONS, isPlanned, update: true });
  updated.preview(control);
  t.equal(updated.text(), '', 'a control is not taken into the list');
});

t.test('an entry that does not match its scenario is stale, with the reason', async (t) => {
  const list = 'a/one # the status is 200';
  t.strictSame(judge(list, [passing('a/one')]).stale, ['a/one: passes']);
  t.strictSame(judge(list, [scenarioRecord('a/one', 'skipped')]).stale, ['a/one: skipped']);
  t.strictSame(judge(list, [scenarioRecord('a/one', 'inconclusive')]).stale, ['a/one: not judged']);
  t.strictSame(judge('a/nix # x', []).stale, ['a/nix: matches no scenario']);
  const otherwise = judge(list, [failing('a/one', 'no answer came back')]);
  t.strictSame(otherwise.stale, ['a/one: fails otherwise']);
  t.strictSame(otherwise.entries[0]?.details, ['a/one: no answer came back']);
  t.strictSame(otherwise.known, ['a/one'], 'the stale entry fails the run, not the scenario');
});

t.test('an entry is good through its last day', async (t) => {
  const on = (until: string) => judge(`a/one # the status is 200 (until ${until})`, [failing('a/one')]).stale;
  t.strictSame(on('2026-06-14'), ['a/one: expired']);
  t.strictSame(on('2026-06-15'), ['a/one: good']);
  t.strictSame(on('2027-01-01'), ['a/one: good']);
});

t.test('what another run judges makes no entry stale, and an update keeps it', async (t) => {
  const isPlanned = (id: string) => id === 'a/one';
  const list = 'b/four # x\na/* max 3 # the status is 200\na/one # y\n';
  const { stale, updated } = judge(list, [passing('a/one')], { isPlanned });
  t.strictSame(stale, ['a/*: good', 'a/one: passes']);
  t.equal(updated.text(), 'b/four # x\na/* max 3 # the status is 200\n');
});

t.test('a glob has a limit, and an exact entry takes precedence', async (t) => {
  const glob = (max: number, records: readonly ScenarioRecord[], more = '') =>
    judge(`a/* max ${max} # the status is *\n${more}`, records).stale;
  t.strictSame(
    glob(2, [failing('a/one'), failing('a/two'), passing('a/three')]),
    ['a/*: good'],
    'some may pass',
  );
  t.strictSame(glob(1, [failing('a/one'), failing('a/two')]), ['a/*: covers too many']);
  t.strictSame(glob(1, [failing('a/one'), failing('a/two')], 'a/two # the status is 200'), [
    'a/*: good',
    'a/two: good',
  ]);
  t.strictSame(glob(9, [passing('a/one'), passing('a/two')]), ['a/*: passes']);
  t.strictSame(glob(9, [failing('a/one', 'x')]), ['a/*: fails otherwise']);
});

t.test('a scenario that the run does not judge leaves its entry alone', async (t) => {
  t.strictSame(judge('b/four # x', [], { isPlanned: (id) => id.startsWith('a/') }).stale, []);
  t.strictSame(judge('a/one # x', [], { complete: false }).stale, ['a/one: good']);
  t.strictSame(judge('a/one # x', [scenarioRecord('a/one', 'fail', { onlyAsControl: true })]).known, []);
});

t.test(
  'a note is not taken into the list: a target that later does what it may would fail by it',
  async (t) => {
    const note = { ...failing('a/one'), level: 'MAY' as const };
    const { updated, known } = judge('', [note, failing('a/two')], { update: true });
    t.strictSame(known, ['a/two']);
    t.equal(updated.text(), 'a/two  # the status is 200\n');
    t.notMatch(new KnownFailureList('', { ...OPTIONS, update: true }).preview(note), { known: {} });
    t.match(judge('a/one # *', [note]).known, ['a/one'], 'what a person has listed stays');
    const crash = { ...note, targetDied: true };
    t.strictSame(judge('', [crash], { update: true }).known, ['a/one'], 'a crash counts at any level');
  },
);

t.test('a reason holds nothing that differs from run to run', async (t) => {
  const said = (text: string) => judge('', [failing('a/one', text)], { update: true }).updated.text();
  const first = 'the answer\'s task_id is "0f8fad5b-d9cb-469f-a165-70867728950e"; memory grew by 41.3 MiB';
  const second = 'the answer\'s task_id is "7c9e6679-7425-40de-944b-e07fc1f90ae7"; memory grew by 40.9 MiB';
  t.equal(said(first), said(second));
  t.strictSame(judge(said(first), [failing('a/one', second)]).stale, ['a/one: good']);
  const earlier = 'a/one  # the answer\'s task_id is "<id>"; memory grew by * MiB';
  t.strictSame(judge(earlier, [failing('a/one', second)]).stale, ['a/one: good'], 'of an earlier version');
  const exact = 'a/one  # the process grew by 312 file descriptors';
  const grown = (count: number) => failing('a/one', `the process grew by ${count} file descriptors`);
  t.strictSame(judge(exact, [grown(312)]).stale, ['a/one: good'], 'a number that a person wrote');
  t.strictSame(judge(exact, [grown(313)]).stale, ['a/one: fails otherwise']);
});

t.test('a list that cannot be read is refused with its line', async (t) => {
  for (const list of [
    'a/one',
    'a/one #',
    'a/one why',
    'a/* # no limit',
    'a/one max 2 # no glob',
    'a/* max 0 # x',
    'a/one # x (until tomorrow)',
    'a/one # x (until 2026-02-30)',
    'a/one # x\na/one # y',
  ]) {
    t.throws(() => new KnownFailureList(`# head\n${list}`, OPTIONS), KnownFailuresError, list);
  }
});

t.test(
  'the updated list keeps comments and good entries, drops stale ones and adds what is new',
  async (t) => {
    const list = [
      '# The first of the old ones.',
      'a/one  # the status is 200',
      '',
      '# This one was mended.',
      'a/two  # the status is 200 (until 2030-01-01)',
      'a/three  # it was so',
      'a/nix  # gone',
      '',
    ].join('\n');
    const records = [
      failing('a/one'),
      passing('a/two'),
      failing('a/three', 'it is so'),
      failing('b/four', 'new'),
    ];
    const { updated, stale, known } = judge(list, records, { update: true });
    t.strictSame(known, ['a/one', 'a/three', 'b/four']);
    t.strictSame(stale, [], 'an entry that the update fixes is not stale');
    t.equal(
      updated.text(),
      [
        '# The first of the old ones.',
        'a/one  # the status is 200',
        '',
        '# This one was mended.',
        'a/three  # it is so',
        'b/four  # new',
        '',
      ].join('\n'),
    );
  },
);

t.test('an expired entry is not renewed by an update', async (t) => {
  const list = 'a/one  # the status is 200 (until 2026-01-01)\n';
  const { updated, stale } = judge(list, [failing('a/one')], { update: true });
  t.strictSame(stale, ['a/one: expired']);
  t.equal(updated.text(), list);

  const otherwise = judge(list, [failing('a/one', 'no answer came back')], { update: true });
  t.strictSame(otherwise.stale, ['a/one: expired'], 'also if it fails otherwise');
  t.equal(otherwise.updated.text(), 'a/one  # no answer came back (until 2026-01-01)\n');

  t.strictSame(judge(list, [passing('a/one')], { update: true }).stale, [], 'one that goes has no fault');
});

t.test('an update that renews the reason keeps the day', async (t) => {
  const list = 'a/one  # the status is 200 (until 2026-12-31)\n';
  const { updated, stale } = judge(list, [failing('a/one', 'no answer came back')], { update: true });
  t.strictSame(stale, [], 'the update fixes it');
  t.equal(updated.text(), 'a/one  # no answer came back (until 2026-12-31)\n');
});

t.test('after an update the same run has no stale entry and no failure that is not known', async () => {
  const record = fc
    .tuple(fc.constantFrom('pass', 'fail', 'skipped', 'inconclusive'), fc.string({ unit: 'binary' }))
    .map(([verdict, text]) => ({ verdict, text: `said: ${text.replace(/\s|\p{C}/gu, '')}` }));
  const entry = fc.constantFrom(
    '# why',
    '',
    'a/one # said: x',
    'a/* max 1 # said: *',
    'a/* max 2 # said:',
    'b/nix # x',
    'b/* max 1 # *',
  );
  fc.assert(
    fc.property(fc.tuple(record, record, record, record), fc.uniqueArray(entry), (verdicts, lines) => {
      const unique = lines.filter(
        (line) => !line.startsWith('a/*') || line === lines.find((one) => one.startsWith('a/*')),
      );
      const records = verdicts.map(({ verdict, text }, index) =>
        scenarioRecord(IDS[index] ?? '', verdict, { text }),
      );
      const { updated } = judge(unique.join('\n'), records, { update: true });
      const { stale, known } = judge(updated.text(), records);
      const failed = records.filter(({ verdict }) => verdict === 'fail').length;
      return stale.every((one) => one.endsWith(': good')) && known.length === failed;
    }),
  );
});
