import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import yargs from 'yargs';
import { encodeActions } from '../../fuzz/case/case.ts';
import { UsageError } from '../core/errors.ts';
import { FUZZ_OPTIONS, readSettings, uiPort } from './options.ts';

const settingsFor = async (...args: string[]) =>
  readSettings(await yargs(args).options(FUZZ_OPTIONS).parseAsync());

t.test('the settings that follow from the options', async (t) => {
  const settings = await settingsFor('--runs', '7', '--seed', '0', '--until-finding', '--deadline', '700ms');
  t.match(settings, {
    runs: 7,
    seed: 0,
    maxFindings: 1,
    deadlineMs: 700,
    onlyLoopback: true,
    feedback: undefined,
  });
  t.equal(settings.timeMs, undefined, 'without a limit of time');
  t.match(await settingsFor(), { timeMs: 60_000, runs: undefined, maxFindings: 20, deadlineMs: undefined });
  t.match(await settingsFor('--time', '2h'), { timeMs: 7_200_000 });
});

t.test('--ui needs no port, and refuses what is none', async (t) => {
  t.equal(uiPort(''), 0);
  t.equal(uiPort('8080'), 8080);
  for (const [text, shown] of [
    ['0', '0'],
    ['65536', '65536'],
    ['abc', '"abc"'],
    ['80.5', '"80.5"'],
    ['-1', '"-1"'],
  ])
    await t.rejects(settingsFor(`--ui=${text}`), {
      message: `--ui ${shown} must be a whole number from 1 to 65535`,
    });
});

t.test('without --corpus, a campaign begins with the corpus of the kit and the vectors', async (t) => {
  const { given = [] } = await settingsFor();
  const payloads = given.map(({ connections }) => encodeActions(connections[0] ?? []).toString('latin1'));
  for (const { frame_hex } of JSON.parse(await readFile('fixtures/vectors/encode.json', 'utf8')).vectors)
    if (frame_hex !== undefined) t.ok(payloads.includes(Buffer.from(frame_hex, 'hex').toString('latin1')));
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  t.equal(
    (await settingsFor('--corpus', dir)).given?.length,
    given.length,
    'and so it does with an empty one',
  );
  await writeFile(join(dir, 'x.bin'), 'x');
  t.match(await settingsFor('--corpus', dir), { given: { length: 1 } });
});

t.test('wrong options and files', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  await writeFile(join(dir, 'x.json'), '{"id":"x"}');
  const cases: [string[], RegExp][] = [
    [['--time', 'soon'], /--time/],
    [['--time', '0s'], /--time/],
    [['--deadline', '5'], /--deadline/],
    [['--deadline', '600h'], /--deadline "600h" is over a week/],
    [['--runs', '0'], /--runs/],
    [['--jobs', '0.5'], /--jobs/],
    [['--feedback', '2'], /--feedback/],
    [['--only-mutations', 'nix/*'], /"nix\/\*" matches none of field\/drop/],
    [['--weights', 'bytes/flip'], /not NAME=NUMBER/],
    [['--workers', '0'], /--workers/],
    [['--workers', '1000'], /^--workers 1000 must be a whole number from 1 to 64: more than the cores/],
    [['--jobs', '100000'], /^--jobs 100000 must be a whole number from 1 to 1024$/],
    [['--workers', '8', '--jobs', '4'], /^--workers 8 share --jobs 4, so give at most 4 workers/],
    [['--max-findings', '0'], /--max-findings/],
    [['--resume', join(dir, 'x.json')], /not of version/],
    [['--corpus', dir], /x\.json/],
  ];
  for (const [args, message] of cases)
    await t.rejects(settingsFor(...args), { constructor: UsageError, message }, args.join(' '));
});

t.test('a corpus of files of any kind', async (t) => {
  const json = '{"arrangement":"at-once","connections":[[{"do":"fin"}]]}';
  const utf16 = Buffer.from(`\ufeff${json}`, 'utf16le');
  const legible = {
    'a.json': `\ufeff${json}\r\n`,
    'b.json': `{"case":${json}}\n\n`,
    'c.bin': '',
    'd.txt': 'not an input',
  };
  const dir = t.testdir({ legible, folder: { 'a.bin': {} }, dangling: {}, pipe: {}, huge: {}, sum: {} });
  await writeFile(join(dir, 'legible', 'e.json'), utf16);
  await symlink(join(dir, 'legible', 'a.json'), join(dir, 'legible', 'f.json'));
  t.match(await settingsFor('--corpus', join(dir, 'legible')), { given: { length: 5 } });

  await symlink('absent', join(dir, 'dangling', 'a.json'));
  execFileSync('mkfifo', [join(dir, 'pipe', 'a.bin')]);
  // One frame that declares too much: the empty frames of a file of zeros would be millions.
  const sized = async (name: string, bytes: number) => {
    await writeFile(join(dir, name), Buffer.from('00000001ffffffff', 'hex'));
    await truncate(join(dir, name), bytes);
  };
  await sized('huge/a.bin', 700 * 1024 * 1024);
  for (const name of ['a', 'b', 'c']) await sized(`sum/${name}.bin`, 30 * 1024 * 1024);
  const wrong: [string, RegExp][] = [
    ['folder', /a\.bin: it is a directory$/],
    ['dangling', /a\.json: no such file$/],
    ['pipe', /a\.bin: it is a pipe or a device, and must be a file$/],
    ['huge', /a\.bin: more than 67108864 bytes/],
    ['sum', /sum: the inputs have more than 67108864 bytes together$/],
    ['legible/a.json', /a\.json: it is no capture in the format pcap or pcapng$/],
    ['legibl', /legibl does not exist; did you mean legible\?$/],
    ['other', /other does not exist; to begin a new corpus, create the folder with mkdir$/],
  ];
  for (const [name, message] of wrong)
    await t.rejects(settingsFor('--corpus', join(dir, name)), { constructor: UsageError, message }, name);
});
