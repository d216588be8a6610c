import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { conform } from './process.fixture.ts';

const ONE_ROW = ['bench', 'codec', '--only', 'codec/encode SubmitRequest, 100 B', '--rounds', '2'];

t.test('bench codec shows its rows beside their floor, saves them and compares them', async (t) => {
  const before = join(t.testdir(), 'before.json');
  const measured = await conform(...ONE_ROW, '--save', before);
  t.equal(measured.status, 0, measured.err);
  t.match(measured.out, /message .*JSON alone +to JSON/);
  t.match(measured.out, /SubmitRequest, 100 B .* ×/);
  const saved = JSON.parse(readFileSync(before, 'utf8'));
  t.match(saved, { format: 1, bench: 'codec', machine: { node: process.versions.node } });

  // What the row would have to be measured as for this run to be far slower, or far faster.
  const plant = (value: number): void => {
    saved.sections[0].rows[0].compared = { value, margin: 0, better: 'lower' };
    writeFileSync(before, JSON.stringify(saved));
  };
  plant(1e-3);
  const slower = await conform(...ONE_ROW, '--compare', before);
  t.equal(slower.status, 1);
  t.match(slower.err, 'codec/encode SubmitRequest, 100 B');
  plant(1e6);
  t.equal((await conform(...ONE_ROW, '--compare', before)).status, 0);
});

t.test('each form', async (t) => {
  const starts = { json: '{', markdown: '## ', html: '<!doctype html>' };
  for (const [format, start] of Object.entries(starts)) {
    const { status, out } = await conform(...ONE_ROW, '--format', format);
    t.equal(status, 0, format);
    t.ok(out.startsWith(start), format);
  }
});

t.test('a wrong command line is told, and nothing is measured', async (t) => {
  const file = join(t.testdir({ 'no.json': '{}' }), 'no.json');
  for (const args of [
    ['bench'],
    ['bench', 'nothing'],
    ['bench', 'codec', '--rounds', '0'],
    ['bench', 'codec', '--only', 'no such row'],
    ['bench', 'codec', '--tolerance', '-1'],
    ['bench', 'codec', '--compare', file],
    ['bench', 'codec', '--compare', `${file}.absent`],
  ]) {
    const { status, out } = await conform(...args);
    t.equal(status, 2, args.join(' '));
    t.equal(out, '');
  }
});
