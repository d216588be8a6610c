import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { answering, response } from '../../conformance/testing/answering.ts';
import { formatAddress } from '../../reference/protocol/address.ts';
import { conform, conformHere } from '../testing/process.ts';

t.test('bench codec shows its rows, and saves them', async (t) => {
  const file = join(t.testdir(), 'saved.json');
  const row = 'codec/encode SubmitRequest, 100 B';
  // In a process, for what is built: each round starts a built file.
  const measured = await conform('bench', 'codec', '--only', row, '--rounds', '3', '--save', file);
  t.equal(measured.status, 0, measured.err);
  t.match(measured.out, /message .*JSON time +time \/ JSON time/);
  t.match(measured.out, /SubmitRequest, 100 B .* ×/);
  const saved = JSON.parse(readFileSync(file, 'utf8'));
  t.match(saved, {
    format: 1,
    bench: 'codec',
    command: /^conform bench codec --only '.*' --rounds 3$/,
    machine: { node: process.versions.node },
    sections: [{ id: 'codec/encode', rows: [{ compared: { better: 'lower' } }] }],
  });
  t.equal(saved.sections[0].rows.length, 1);

  const other = await conformHere('bench', 'reference', '--compare', file);
  t.equal(other.status, 2);
  t.match(other.err, /^conform: --compare \S+ is of conform bench codec, not reference\n$/);
});

t.test('bench target loads it in closed and in open loop, in every format, and compares', async (t) => {
  const { address, close } = await answering((frame) => response(frame, 200));
  t.teardown(close);
  const before = join(t.testdir(), 'before.json');
  const target = ['--target', formatAddress(address), '--connections', '2', '--time', '300ms'];
  for (const loop of [[], ['--rate', '100']]) {
    const args = [...target, ...loop, '--format', 'json', '--save', before];
    const { status, out, err } = await conformHere('bench', 'target', ...args);
    t.equal(status, 0, err);
    const [section] = JSON.parse(out).sections;
    const titles = section.columns.map(({ title }: { title: string }) => title);
    const cell = (title: string): number => section.rows[0].cells[titles.indexOf(title)];
    t.equal(section.rows[0].name, '2, new for each');
    t.ok(cell('submissions') > 0);
    t.ok(cell('p50') > 0 && cell('p50') <= cell('highest'));
    t.equal(cell('rejected') + cell('failed'), 0);
  }

  // A saved value that makes this run far slower, or far faster.
  const saved = JSON.parse(readFileSync(before, 'utf8'));
  const setSaved = (value: number): void => {
    saved.sections[0].rows[0].compared = { value, margin: 0, better: 'higher' };
    writeFileSync(before, JSON.stringify(saved));
  };
  setSaved(1e12);
  const compared = ['bench', 'target', ...target, '--compare', before];
  const slower = await conformHere(...compared, '--format', 'markdown');
  t.equal(slower.status, 1);
  t.match(slower.out, /^## conform bench target\n/);
  t.match(slower.err, 'target/submit 2, new for each');
  setSaved(1e-3);
  const faster = await conformHere(...compared, '--format', 'html');
  t.equal(faster.status, 0);
  t.match(faster.out, /^<!doctype html>/);
});

t.test('results that cannot be saved are no success', { skip: !existsSync('/dev/full') }, async (t) => {
  const { address, close } = await answering((frame) => response(frame, 200));
  t.teardown(close);
  const target = ['--target', formatAddress(address), '--connections', '1', '--time', '100ms'];
  const { status, out, err } = await conformHere('bench', 'target', ...target, '--save', '/dev/full');
  t.equal(status, 4);
  t.match(out, /submissions/, 'they are shown all the same');
  t.match(err, /^conform: cannot write \/dev\/full \(ENOSPC/m);
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
