/** What a user reads who makes a mistake: one line that says what is wrong, where, and what would be right. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { conformHere } from './process.ts';

/** Files and folders that the command lines name. */
const folder = t.testdir({
  'no-store': { 'notes.txt': 'hello' },
  empty: {},
  'text.txt': 'no\n',
  'half.jsonl': '{"record":"plan"}\n',
  'broken.json': '{"jobs": 1,\n  bad}',
  'unknown.json': '{\n  "jobs": 1,\n  "onyl": "x"\n}',
  'list.json': '[]',
  'string.json': '"x"',
  'level.json': '{"level": "must"}',
  'both.json': '{"target": "a:1",\n "exec": "x {port}"}',
  'type.json': '{"retries": "x"}',
  'fraction.json': '{"jobs": 1.5}',
  'number.json': '{"only": 5}',
  'zero.json': '{\n\n"deadline": "0"}',
  'time.json': '{"max-time": "2 minutes"}',
  'from.json': '{"from": "x"}',
  'camel.json': '{"tasksDir": "x"}',
  'shard.json': '{\n"shard": "6/5"}',
  'address.json': '{"jobs": 1,\n"target": ["a"]}',
  'reporter.json': '{"reporter": "htlm"}',
  'require.json': '{"require": "disk"}',
  'clause.json': '{"clause": "M66"}',
  'fuzz.json': '{"fuzz": {\n"runz": 1}}',
  'fuzz-type.json': '{"fuzz": {\n"runs": "x"}}',
  'fuzz-seed.json': '{"fuzz": {\n"only-mutations": "nix"}}',
  'package.json': '{"name": "x",\n "conform": {\n  "level": "may"}}',
});
const at = (...names: string[]): string => join(folder, ...names);
const NO_SERVER = '127.0.0.1:1';

/** Words of a command line, and what the one line on standard error contains. The status is 2. */
const MISTAKES: readonly (readonly [readonly string[], RegExp])[] = [
  // Selection.
  [['--level', 'must'], /^--level "must" is not one of MUST, SHOULD, MAY; did you mean MUST\?$/],
  [['--only', 'json/nann'], /^--only "json\/nann" matches no scenario; did you mean json\/nan\?$/],
  [['--only', 'json'], /^--only "json" matches no scenario; it is a section: --only 'json\/\*'$/],
  [['--skip', 'nix/*'], /^--skip "nix\/\*" matches no scenario; conform list shows their ids$/],
  [['--section', 'jsn'], /^--section "jsn" is not one of transport, frame, json, .*; did you mean json\?$/],
  [['list', '--section', 'zzz'], /^--section "zzz" is not one of transport, frame, [a-z, ]+$/],
  [['--clause', 'm99'], /^--clause "m99" is no clause of the protocol; did you mean M9\?$/],
  [['--shard', '6/5'], /^--shard 6\/5: there is no part 6 of 5; parts are 1\/5 to 5\/5$/],
  [['--shard', '0/5'], /^--shard 0\/5: there is no part 0 of 5; parts are 1\/5 to 5\/5$/],
  [['--shard', '2'], /^--shard "2" is not of the form 2\/5: the second part of five$/],
  [['fuzz', '--shard', '2/5', '--runs', '9'], /^--shard needs --seed, the same one for all shards: /],
  [['fuzz', '--shard', '6/5', '--seed', '1'], /^--shard 6\/5: there is no part 6 of 5; /],
  [['fuzz', '--merge', at('absent.json')], /^--merge .*absent\.json: no such file$/],
  [['fuzz', '--merge', at('list.json')], /^--merge .*list\.json: the state file is not of version 1$/],
  [['fuzz', '--merge', 'x.json', '--target', 'a:1'], /--merge.*--target|--target.*--merge/],
  // Numbers and durations.
  [['--seed', '1e30'], /^--seed 1e\+30 must be a whole number, from 0 to 9007199254740991$/],
  [['--jobs', '1e9'], /^--jobs 1000000000 must be a whole number from 1 to 1024$/],
  [['--jobs', '0'], /^--jobs 0 must be a whole number from 1 to 1024$/],
  [['client', '--jobs', '1e9'], /^--jobs 1000000000 must be a whole number from 1 to 1024$/],
  [['--retries', '1.5'], /^--retries 1\.5 must be a whole number from 0 to 100$/],
  [['--retries', '1e9'], /^--retries 1000000000 must be a whole number from 0 to 100$/],
  [['--max-skipped', 'x'], /^--max-skipped "x" is not a number; see conform run --help$/],
  [['--max-skipped', '-1'], /^--max-skipped -1 must be a whole number, 0 or more$/],
  [['--slowest', '0'], /^--slowest 0 must be a whole number, 1 or more$/],
  [['--deadline', '0s'], /^--deadline "0s" must be more than 0; for example --deadline 60s$/],
  [['--start-timeout', '30'], /^--start-timeout "30" has no unit; for example --start-timeout 60s$/],
  [['--max-time', '5'], /^--max-time "5" has no unit; for example --max-time 60s$/],
  [['--max-time', '0s'], /^--max-time "0s" must be more than 0; /],
  [
    ['--max-time', 'soon'],
    /^--max-time "soon" is not a duration, a whole number with the unit ms, s, m or h; /,
  ],
  [['fuzz', '--runs', 'x'], /^--runs "x" is not a number; see conform fuzz --help$/],
  [['fuzz', '--jobs', '1e9'], /^--jobs 1000000000 must be a whole number from 1 to 1024$/],
  // Targets.
  [['--target', '127.0.0.1'], /^--target "127\.0\.0\.1" has no port: it must be host:port; for example /],
  [['--target', '127.0.0.1:0'], /^--target "127\.0\.0\.1:0" is not host:port with a port from 1 to 65535; /],
  [['--target', 'http://127.0.0.1:1003'], /begins like a URL; give only host:port; for example /],
  [['--target', '::1:1003'], /is an IPv6 address without brackets or port, as in \[::1\]:1003; /],
  [['--target', ':1003'], /^--target ":1003" has no host before the colon; /],
  [['--exec', ''], /^the command of --exec is empty; for example \.\/server --port \{port\}$/],
  [
    ['--exec', 'true {port} {DIR}'],
    /^the command has \{DIR\}, and the placeholders are \{port\} and \{dir\}; /,
  ],
  [['--pid', 'abc'], /^--pid "abc" is not a number; /],
  [['--pid', '0', '--target', NO_SERVER], /^--pid 0 must be the id of a process, a whole number, 1 or more$/],
  [['--pid', '99999999', '--target', NO_SERVER], /^--pid 99999999: there is no such process$/],
  [['fuzz', '--pid', '99999999', '--target', NO_SERVER], /^--pid 99999999: there is no such process$/],
  [
    ['--require', 'disk'],
    /^--require "disk" is not one of acceptance, timeouts, permission, store, process$/,
  ],
  [['--require', 'stores'], /^--require "stores" is not one of .*; did you mean store\?$/],
  // Options.
  [
    ['--no-known-failures'],
    /^--no-known-failures is no option: --known-failures takes a value, so leave it out; /,
  ],
  [['--no-srict'], /^unknown option --no-srict; did you mean --strict\?$/],
  [['--update-known-failures'], /^--update-known-failures needs --known-failures FILE$/],
  // Files.
  [['--reporter', 'htlm'], /^--reporter "htlm" is not one of pretty, .*; did you mean html\?$/],
  [['--reporter', 'HTML'], /; did you mean html\?$/],
  [['--reporter', 'html='], /^--reporter "html=" names no file, as in html=FILE$/],
  [['--dry-run', '--reporter', 'htlm'], /; did you mean html\?$/],
  [
    ['--known-failures', at('none.txt')],
    /none\.txt: no such file; with --update-known-failures a run creates it$/,
  ],
  [['--known-failures', at('text.txt')], /text\.txt, line 1: an entry has the form: id {2}# reason$/],
  [['--known-failures', at('empty')], /empty: it is a directory$/],
  [['report', at('empty')], /empty: it is a directory$/],
  [['report', at('none.jsonl')], /none\.jsonl: no such file$/],
  [['report', at('text.txt')], /text\.txt, line 1 is not JSON; --reporter jsonl writes such reports$/],
  [['report', at('half.jsonl')], /half\.jsonl, line 1 is not the plan of a report of format 1; /],
  [
    ['report', at('half.jsonl'), '--format', 'HTML'],
    /^--format "HTML" is not one of .*; did you mean html\?$/,
  ],
  [['report', at('half.jsonl'), '--output', at('empty')], /cannot be written \(EISDIR: it is a folder, /],
  [['replay', at('none')], /none does not exist$/],
  [['replay', at('empty')], /empty contains no finding$/],
  [['replay', at('text.txt'), '--deadline', 'x'], /^--deadline "x" is not a duration/],
  [
    ['fuzz', '--findings', at('text.txt')],
    /^--findings .* cannot be written \(ENOTDIR: a part of its path is a file\)$/,
  ],
  [
    ['fuzz', '--corpus', at('none')],
    /none does not exist; to begin a new corpus, create the folder with mkdir$/,
  ],
  // Arguments.
  [['explain'], /^the argument <id> is missing; see conform explain --help$/],
  [['report'], /^the argument <files> is missing; see conform report --help$/],
  [['replay'], /^the argument <path> is missing; see conform replay --help$/],
  [['diff'], /^the arguments <before> and <after> are missing; see conform diff --help$/],
  [['diff', 'a'], /^the argument <after> is missing; see conform diff --help$/],
  [
    ['explain', 'json/*'],
    /^"json\/\*" is a pattern, and explain takes one id, such as json\/[\w-]+; conform list --only 'json\/\*' lists them$/,
  ],
  [
    ['explain', 'frame'],
    /^frame is a section of \d+ scenarios, and explain takes one id, such as frame\/[\w-]+; /,
  ],
  [['explain', 'client-reading/'], /; conform list --client --only 'client-reading\/\*' lists them$/],
  [['explain', 'nix/*'], /^"nix\/\*" is a pattern and matches no scenario; conform list shows their ids$/],
  [['explain', 'json/nann'], /^no scenario "json\/nann"; did you mean json\/nan\?$/],
  [['explain', 'M99'], /^no clause M99; did you mean M9\?$/],
  [['update', 'x', 'NOPE', '--target', NO_SERVER], /^<status> "NOPE" is not one of NEW, ACCEPTED, /],
  [['update', 'x', 'accepted', '--target', NO_SERVER], /; did you mean ACCEPTED\?$/],
  // Nodes.
  [['serve', '--port', 'abc'], /^--port "abc" is not a number; see conform serve --help$/],
  [['serve', '--port', '70000'], /^--port 70000 is out of range; a port is a whole number from 0 to 65535$/],
  [
    ['serve', '--port', '0', '--dir', '/dev/null/x'],
    /^--dir \/dev\/null\/x cannot be written \(ENOTDIR: a part of its path is a file\)$/,
  ],
  [['serve', '--log-level', 'inf'], /^--log-level "inf" is not one of .*; did you mean info\?$/],
  [
    ['tasks', '--dir', at('no-store')],
    /no-store is no task store: it has no folder received and no submitted$/,
  ],
  [['tasks', '--dir', at('text.txt')], /text\.txt is a file, and must be a directory$/],
  [['accept', 'x', '--dir', at('empty')], /empty is no task store: /],
  // Configuration.
  [['--config', at('none.json')], /none\.json: no such file$/],
  [['--config', at('empty')], /empty: it is a directory$/],
  [
    ['--config', at('broken.json')],
    /broken\.json, line 2, column 3: it is not JSON: Expected double-quoted property name$/,
  ],
  [['--config', at('text.txt')], /text\.txt, line 1, column 1: it is not JSON: Unexpected token 'o'$/],
  [
    ['--config', at('unknown.json')],
    /unknown\.json, line 3: there is no option "onyl"; did you mean only\?$/,
  ],
  [['--config', at('camel.json')], /line 1: there is no option "tasksDir"; did you mean tasks-dir\?$/],
  [
    ['--config', at('list.json')],
    /list\.json: it must hold an object of options, such as .*, and holds a list$/,
  ],
  [['--config', at('string.json')], /such as .*, and holds a string$/],
  [
    ['--config', at('level.json')],
    /line 1: level must be one of MUST, SHOULD, MAY, or a list of such, and is "must"; did you mean MUST\?$/,
  ],
  [
    ['--config', at('both.json')],
    /both\.json, line 2: target and exec exclude each other; leave one of them out$/,
  ],
  [['--config', at('type.json')], /line 1: retries must be a whole number from 0 to 100, and is "x"$/],
  [['--config', at('fraction.json')], /line 1: jobs must be a whole number from 1 to 1024, and is 1\.5$/],
  [
    ['--config', at('number.json')],
    /line 1: only must be a text such as "frame\/\*", or a list of such, and is 5$/,
  ],
  [['--config', at('zero.json')], /line 3: deadline must be a text such as "20s", and is "0"$/],
  [['--config', at('time.json')], /line 1: max-time must be a text such as "2m", and is "2 minutes"$/],
  [['--config', at('from.json')], /line 1: from must be a text such as "0:0000\.0000\.0001", and is "x"$/],
  [['--config', at('shard.json')], /shard\.json, line 2: --shard 6\/5: there is no part 6 of 5; /],
  [['--config', at('address.json')], /address\.json, line 2: --target "a" has no port: /],
  [
    ['--config', at('reporter.json')],
    /reporter\.json, line 1: --reporter "htlm" is not one of .*; did you mean html\?$/,
  ],
  [['--config', at('require.json')], /require\.json, line 1: --require "disk" is not one of /],
  [
    ['--config', at('clause.json')],
    /clause\.json, line 1: --clause "M66" is no clause of the protocol; did you mean M6\?$/,
  ],
  [
    ['--config', at('package.json')],
    /package\.json, line 3: level must be one of .*, and is "may"; did you mean MAY\?$/,
  ],
  [
    ['fuzz', '--config', at('fuzz.json')],
    /fuzz\.json, line 2: there is no option "fuzz\.runz"; did you mean runs\?$/,
  ],
  [
    ['fuzz', '--config', at('fuzz-type.json')],
    /line 2: fuzz\.runs must be a whole number, 1 or more, and is "x"$/,
  ],
  [
    ['fuzz', '--config', at('fuzz-seed.json')],
    /fuzz-seed\.json, line 2: --only-mutations "nix" matches none of /,
  ],
];

for (const [words, message] of MISTAKES) {
  t.test(words.map((word) => word.replace(folder, '…')).join(' '), async (t) => {
    const { status, out, err } = await conformHere(...words);
    const [, line = ''] = /^conform: (.*)\n$/.exec(err) ?? [];
    t.match(line, message, err);
    t.equal(status, 2);
    t.equal(out, '');
  });
}

t.test('what is no store stays as it is', async (t) => {
  t.strictSame(readdirSync(at('no-store')), ['notes.txt']);
  t.strictSame(readdirSync(at('empty')), []);
  t.notOk(existsSync('findings'));
});

t.test('a correction wins over the file', async (t) => {
  const only = ['--dry-run', '--only', 'frame/legal'];
  t.match(await conformHere('--config', at('shard.json'), '--shard', '1/1', ...only), { status: 0 });
});
