import t from 'tap';
import { catalogue } from '../../conformance/index.ts';
import { targetsOf } from '../target/target.ts';
import { reportersOf } from '../terminal/outputs.ts';
import { checkPort, parseAddress } from './address.ts';
import { selectionOf } from './filter.ts';
import { addressesOf, parseRequire } from './gate.ts';
import { checkWhole, duration } from './options.ts';
import { isInShard, parseShard } from './shard.ts';

const NO_FILTER = {
  only: undefined,
  skip: undefined,
  section: undefined,
  clause: undefined,
  level: undefined,
};
const NO_TARGET = {
  target: undefined,
  exec: undefined,
  tasksDir: undefined,
  startTimeout: undefined,
  pid: undefined,
  keep: false,
  slow: false,
};

/** Values that no command may accept, and the line that says why. */
const WRONG: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    'an address without a port',
    () => parseAddress('nonsense', '--target'),
    /^--target "nonsense" has no port: it must be host:port; for example/,
  ],
  [
    'a port above 65535',
    () => parseAddress('127.0.0.1:65536', '--target'),
    / is not host:port with a port from 1 to 65535; for example/,
  ],
  ['port 0 of a target', () => parseAddress('127.0.0.1:0', '--target'), /with a port from 1/],
  ['a port to listen on', () => checkPort(-1, '--port'), /^--port -1 is out of range/],
  [
    'an unknown requirement',
    () => parseRequire('store,disk'),
    /^--require "disk" is not one of acceptance, time/,
  ],
  ['a short address', () => addressesOf({ from: '0:1' }), /^--from "0:1" is no address: it has 16 ASCII/],
  [
    'an address with a quote',
    () => addressesOf({ to: '0:0000.0000.000"' }),
    /^--to ".*" is no address.* such as 0:0000.0000.0001$/,
  ],
  ['a fraction', () => checkWhole(0.5, '--jobs', 1), /^--jobs 0\.5 must be a whole number, 1 or more$/],
  ['a low number', () => checkWhole(-1, '--retries', 0), /^--retries -1 must be a whole number, 0 or more$/],
  [
    'a duration over a week',
    () => duration('600h', '--deadline'),
    /^--deadline "600h" is over a week: it must be 168h at the most$/,
  ],
  [
    'no time',
    () => duration('0s', '--timeout'),
    /^--timeout "0s" must be more than 0; for example --timeout 60s$/,
  ],
  ['a time without a unit', () => duration('5', '--timeout'), /^--timeout "5" has no unit; for example/],
  [
    'an unknown id',
    () => selectionOf({ ...NO_FILTER, only: ['nix/*'] }, catalogue),
    /--only "nix\/\*" matches no/,
  ],
  [
    'an unknown section',
    () => selectionOf({ ...NO_FILTER, section: ['nix'] }, catalogue),
    /^--section "nix" is not one of transport, /,
  ],
  [
    'an unknown clause',
    () => selectionOf({ ...NO_FILTER, clause: ['M66'] }, catalogue),
    /^--clause "M66" is no clause of the protocol; did you mean M6\?$/,
  ],
  [
    'a clause without a scenario',
    () => selectionOf({ ...NO_FILTER, clause: ['p1'] }, catalogue),
    /^--clause P1 matches no scenario; conform explain P1 says why$/,
  ],
  [
    'filters that leave nothing',
    () => selectionOf({ ...NO_FILTER, only: ['frame/*'], skip: ['frame/*'] }, catalogue),
    /^the options select no scenario; conform list/,
  ],
  ['a shard above the number of shards', () => parseShard('6/5'), /^--shard 6\/5: there is no part 6 of 5/],
  ['--pid alone', () => targetsOf({ ...NO_TARGET, pid: 1 }), /^--pid needs --target or --exec$/],
  ['--tasks-dir alone', () => targetsOf({ ...NO_TARGET, tasksDir: 'x' }), /^--tasks-dir needs --target/],
  ['--pid of two', () => targetsOf({ ...NO_TARGET, target: ['a:1', 'b:1'], pid: 1 }), /needs one --target/],
  ['a target twice', () => targetsOf({ ...NO_TARGET, target: ['a:1', 'a:1'] }), /have the name a:1$/],
  [
    'an unknown format',
    () => reportersOf(['htm'], 1),
    /^--reporter "htm" is not one of pretty, .*; did you mean html\?$/,
  ],
  ['one format for two targets', () => reportersOf(['tap'], 2), /^--reporter tap is for one target$/],
  ['two reports on one stream', () => reportersOf(['tap', 'json'], 1), /^tap and json cannot both/],
  ['two reports in one file', () => reportersOf(['tap=x', 'json=x'], 1), /^two reporters write "x"$/],
  [
    'two reports in one file, spelt in two ways',
    () => reportersOf(['tap=x/y.txt', 'json=./x/z/../y.txt'], 1),
    /^two reporters write "x\/y.txt", which is also ".\/x\/z\/..\/y.txt"$/,
  ],
  [
    'standard output by its file',
    () => reportersOf(['tap=/dev/stdout', 'json=-'], 1),
    /^tap and json cannot/,
  ],
];

for (const [name, check, message] of WRONG) {
  t.test(name, async (t) => {
    t.throws(check, { name: 'UsageError', message });
  });
}

t.test('two reports through a link, to a file or a folder, are in one file', async (t) => {
  const dir = t.testdir({
    real: { report: '' },
    folder: t.fixture('symlink', 'real'),
    report: t.fixture('symlink', 'real/report'),
  });
  for (const [one, other] of [
    ['report', 'real/report'],
    ['folder/report', 'real/report'],
    ['folder/none', 'real/none'],
  ])
    t.throws(() => reportersOf([`tap=${dir}/${one}`, `json=${dir}/${other}`], 1), /^two reporters write /);
  t.equal(reportersOf([`tap=${dir}/report`, `json=${dir}/none`], 1).length, 3);
  t.strictSame(reportersOf(['tap=/dev/stdout'], 1), [{ format: 'tap' }]);
});

t.test('every scenario is in exactly one shard', async (t) => {
  const shards = [1, 2, 3].map((index) => parseShard(`${index}/3`));
  for (const { id } of catalogue) {
    t.equal(shards.filter((shard) => isInShard(id, shard)).length, 1, id);
  }
});

t.test('requirements and addresses are read', async (t) => {
  t.strictSame(parseRequire('process, store'), ['store', 'process']);
  t.equal(addressesOf({}), undefined);
  t.strictSame(addressesOf({ to: '0:0001.0000.00ff' }), { from: '0:0000.0000.0001', to: '0:0001.0000.00ff' });
});

t.test(
  'scenarios are selected by their clauses, in either case, together with the other filters',
  async (t) => {
    const selected = (filter: Partial<Parameters<typeof selectionOf>[0]>) =>
      catalogue.filter(selectionOf({ ...NO_FILTER, ...filter }, catalogue));
    const both = selected({ clause: ['M6', 'f2'] });
    t.strictSame([...new Set(both.map(({ clause }) => clause))].sort(), ['F2', 'M6']);
    const must = selected({ clause: ['F2'], level: ['MUST'] });
    t.strictSame(
      must,
      both.filter(({ clause, level }) => clause === 'F2' && level === 'MUST'),
    );
    t.not(must.length, 0);
  },
);
