/** A command that does not come to listen: a complete report in each format, status 3, and its output in lines of its own. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { FORMATS } from '../../conformance/reporters/format.ts';
import { closedPort } from '../../conformance/testing/loopback.ts';
import { conformHere } from './process.ts';

const ENDS = `echo early; echo 'no such configuration' >&2; echo 'last words' >&2; exit 7; # {port}`;
/** Formats that hold no text of a target. */
const SHORT = ['badge', 'badge-svg', 'overview', 'matrix'];

t.test('every format is complete, and says how the command ended', async (t) => {
  const dir = t.testdir();
  const formats = FORMATS.filter((format) => format !== 'pretty');
  const reporters = formats.flatMap((format) => ['--reporter', `${format}=${join(dir, format)}`]);
  const { status, out, err } = await conformHere('--exec', ENDS, ...reporters);
  t.equal(status, 3);
  t.equal(err, '');
  t.match(
    out,
    /^ended: {4}exit status 7\nsaid: {5}no such configuration\n {10}last words\nno verdict: the command ended \(exit status 7\) before it listened on 127\.0\.0\.1:\d+ or \[::1\]:\d+ \(exit 3\)\n$/,
  );
  for (const format of formats) {
    const text = readFileSync(join(dir, format), 'utf8');
    t.not(text, '', format);
    if (SHORT.includes(format)) continue;
    for (const words of ['exit status 7', 'no such configuration', 'last words'])
      t.match(text, words, format);
  }
  t.match(JSON.parse(readFileSync(join(dir, 'jsonl'), 'utf8').trimEnd().split('\n').at(-1) ?? ''), {
    because: 'unreachable',
    code: 'exited',
    said: { ended: 'exit status 7', lines: ['no such configuration', 'last words'] },
  });
});

t.test('a program that is not there, and one that never listens', async (t) => {
  t.match(await conformHere('--exec', './no-such-server {port}'), {
    status: 3,
    out: /^ended: {4}exit status 127\nsaid: .*no-such-server.*\nno verdict: .*\(exit 3\)\n$/,
  });
  t.match(await conformHere('--exec', 'exec sleep 1000; # {port}', '--start-timeout', '300ms'), {
    status: 3,
    out: /^ended: {4}still running, so the kit ended it\nno verdict: the command did not listen on .* within 300 ms; it wrote no output \(exit 3\)\n$/,
  });
});

t.test('the fuzzer and what repeats its findings do the same', async (t) => {
  const dir = t.testdir();
  const jsonl = join(dir, 'fuzz.jsonl');
  const { status, err } = await conformHere(
    'fuzz',
    '--exec',
    ENDS,
    '--runs',
    '1',
    '--reporter',
    `jsonl=${jsonl}`,
  );
  t.equal(status, 3);
  t.match(
    err,
    /conform: the command ended \(exit status 7\) before .*; its output:\n {2}no such configuration\n {2}last words\n$/,
  );
  t.match(
    readFileSync(jsonl, 'utf8'),
    /^\{"record":"plan".*\n\{"record":"end".*"because":"unreachable".*\n$/,
  );
});

t.test('a wrong command line stays status 2', async (t) => {
  t.match(await conformHere('--exec', './server'), { status: 2, err: /has no \{port\}/ });
  t.match(await conformHere('--exec', './server {prot}'), { status: 2 });
  const { host, port } = await closedPort();
  t.match(await conformHere('--target', `${host}:${port}`), { status: 3, out: /ECONNREFUSED/ });
});
