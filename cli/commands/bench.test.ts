import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { conform, conformHere, serve } from '../testing/process.ts';

/** Without the further rounds that a busy machine needs until figures are steady. */
const FEW_ROUNDS = ['--extra-rounds', '0'];
const ONE_ROW = [
  'bench',
  'codec',
  '--only',
  'codec/encode SubmitRequest, 100 B',
  '--rounds',
  '3',
  ...FEW_ROUNDS,
];
const STARTUP = ['bench', 'kit', '--only', 'kit/startup', '--format', 'json', ...FEW_ROUNDS];

t.test('bench codec shows its rows in every format, saves them and compares them', async (t) => {
  const before = join(t.testdir(), 'before.json');
  const measured = await conform(...ONE_ROW, '--save', before);
  t.equal(measured.status, 0, measured.err);
  t.match(measured.out, /message .*JSON time +time \/ JSON time/);
  t.match(measured.out, /SubmitRequest, 100 B .* ×/);
  const saved = JSON.parse(readFileSync(before, 'utf8'));
  t.match(saved, { format: 1, bench: 'codec', machine: { node: process.versions.node } });

  // A saved value that makes this run far slower, or far faster.
  const setSaved = (value: number): void => {
    saved.sections[0].rows[0].compared = { value, margin: 0, better: 'lower' };
    writeFileSync(before, JSON.stringify(saved));
  };
  setSaved(1e-3);
  const slower = await conformHere(...ONE_ROW, '--compare', before, '--format', 'markdown');
  t.equal(slower.status, 1);
  t.match(slower.out, /^## conform bench codec\n/);
  t.match(slower.err, 'codec/encode SubmitRequest, 100 B');
  setSaved(1e6);
  const faster = await conformHere(...ONE_ROW, '--compare', before, '--format', 'html');
  t.equal(faster.status, 0);
  t.match(faster.out, /^<!doctype html>/);

  const other = await conformHere('bench', 'kit', '--compare', before);
  t.equal(other.status, 2);
  t.match(other.err, /^conform: --compare \S+ is of conform bench codec, not kit\n$/);
});

t.test('bench kit shows the time that the command needs to start', async (t) => {
  const { status, out, err } = await conform(...STARTUP);
  t.equal(status, 0, err);
  const { command, sections } = JSON.parse(out);
  t.match(command, /^conform bench kit --only kit\/startup/);
  t.strictSame(
    sections.map(({ id }: { id: string }) => id),
    ['kit/startup'],
  );
  const [node, ...commands] = sections[0].rows;
  t.match(node, { name: 'node -e 0', cells: [Number, Number, 1] });
  t.equal(commands.length, 2);
  for (const { cells, compared } of commands) t.match(compared, { value: cells[2], better: 'lower' });
});

t.test('bench target loads it, in closed and in open loop', async (t) => {
  const { address } = await serve(t, '--dir', join(t.testdir(), 'store'));
  for (const loop of [[], ['--rate', '20']]) {
    const args = ['--target', address, '--connections', '2', '--time', '1500ms', '--format', 'json'];
    const { status, out, err } = await conform('bench', 'target', ...args, ...loop);
    t.equal(status, 0, err);
    const [section] = JSON.parse(out).sections;
    const titles = section.columns.map(({ title }: { title: string }) => title);
    const cell = (title: string): number => section.rows[0].cells[titles.indexOf(title)];
    t.equal(section.rows[0].name, '2, new for each');
    t.ok(cell('submissions') > 0);
    t.ok(cell('p50') > 0 && cell('p50') <= cell('highest'));
    t.equal(cell('rejected') + cell('failed'), 0);
  }
});

t.test('bench target needs a target that answers', async (t) => {
  t.equal((await conformHere('bench', 'target', '--target', '127.0.0.1:1')).status, 3);
});

t.test('a wrong command line is reported, and nothing is measured', async (t) => {
  const file = join(t.testdir({ 'no.json': '{}' }), 'no.json');
  const cases = [
    ['bench'],
    ['bench', 'nothing'],
    ['bench', 'target', '--target', '192.0.2.1:1003'],
    ['bench', 'target', '--target', '203.0.113.1:1003', '--rate', '5'],
    ['bench', 'target', '--connections', '1,none'],
    ['bench', 'target', '--time', '0s'],
    ['bench', 'target', '--rate', '0'],
    ['bench', 'target', '--rate', '5'],
    ['bench', 'codec', '--rounds', '2'],
    ['bench', 'codec', '--extra-rounds', '-1'],
    ['bench', 'codec', '--save', join(file, 'below.json')],
    ['bench', 'codec', '--save', file, '--save', file],
    ['bench', 'codec', '--only', 'no such row'],
    ['bench', 'kit', '--only', 'kit/none'],
    ['bench', 'kit', '--mutants', '--only', 'kit/startup'],
    ['bench', 'kit', '--mutants', '--jobs', '0'],
    ['bench', 'codec', '--mutants'],
    ['bench', 'target', '--only', 'kit/startup'],
    ['bench', 'codec', '--tolerance', '-1'],
    ['bench', 'codec', '--compare', file],
    ['bench', 'codec', '--compare', `${file}.absent`],
  ];
  await Promise.all(
    cases.map(async (args) => {
      const { status, out } = await conformHere(...args);
      t.equal(status, 2, args.join(' '));
      t.equal(out, '');
    }),
  );
});
