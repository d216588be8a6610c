/**
 * An option means the same in every command: it names the same thing, in the same form, with the same default. The table has a row
 * for each option that several commands have, so that a change which gives one to a further command has to say what it means.
 */

import t from 'tap';
import type { Options } from 'yargs';
import { nameOf } from '../core/help.ts';
import { COMMANDS } from '../main.ts';

interface Meaning {
  readonly means: string;
  readonly commands: string;
  /** The form and the default of most commands. Default: a text without a default. */
  readonly form?: string;
  /** The commands with another form or default, and the reason. */
  readonly differs?: Readonly<Record<string, readonly [form: string, reason: string]>>;
}

const JUDGES = 'run client library gate';
const BREAKS = 'fuzz replay corpus';
const NOTIFIES = 'submit accept decline execute results update';

const OFF = 'boolean, false';
const NUMBER = 'number, none';
const TEXTS = 'texts, none';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  against: { means: 'another implementation, with which the server is compared', commands: BREAKS },
  all: { means: 'show everything', commands: `${JUDGES} report inspect`, form: OFF },
  bail: { means: 'stop at the first failed MUST', commands: JUDGES, form: OFF },
  'capture-port': {
    means: 'the port of the server in captures of a corpus',
    commands: 'fuzz corpus',
    form: 'number, 1003',
  },
  clause: { means: 'only what judges this clause', commands: `${JUDGES} list`, form: TEXTS },
  config: { means: 'the file with options', commands: `${JUDGES} ${BREAKS} serve tasks ${NOTIFIES}` },
  deadline: { means: 'how long an answer may take', commands: `run library gate ${BREAKS}` },
  dir: {
    means: 'the folder of a task store',
    commands: 'serve submit tasks accept decline execute results',
  },
  'dry-run': { means: 'print what would run, and run nothing', commands: JUDGES, form: OFF },
  exec: { means: 'the command that starts what is judged', commands: `${JUDGES} ${BREAKS} init` },
  'fail-on': {
    means: 'what gives exit status 1',
    commands: 'proxy inspect diff',
    differs: {
      proxy: ['text, never', 'the traffic is for its users, not for the kit'],
      diff: ['text, any', 'its question is whether something changed'],
    },
  },
  file: { means: 'the file of a result', commands: 'encode results' },
  format: {
    means: 'the form of what is written',
    commands: 'report fixtures bench',
    differs: {
      report: ['text, pretty', 'a terminal is the usual place'],
      bench: ['text, table', 'a terminal is the usual place'],
    },
  },
  from: {
    means: 'from_addr of a SUBMIT',
    commands: 'run gate submit',
    differs: { submit: ['text, ""', 'an empty address is what the message then holds'] },
  },
  hex: {
    means: 'bytes as hex digits',
    commands: 'decode encode',
    differs: {
      decode: [TEXTS, 'the digits can be given here'],
      encode: [OFF, 'it writes them'],
    },
  },
  'i-own-this-target': {
    means: 'the permission to do to a server on another machine what harms one',
    commands: `run gate ${BREAKS} proxy bench`,
    form: OFF,
  },
  jobs: {
    means: 'how much happens at the same time',
    commands: 'run client gate fuzz bench',
    form: NUMBER,
    differs: { bench: ['number, 2', 'a fixed number makes two measurements comparable'] },
  },
  json: {
    means: 'print JSON for a program',
    commands: 'inspect list diff decode fixtures tasks',
    form: OFF,
  },
  justification: {
    means: 'the justification of a STATUS_UPDATE',
    commands: 'encode accept decline execute update',
  },
  keep: { means: 'leave what the run put there', commands: 'run gate', form: OFF },
  'known-failures': { means: 'the file of failures that do not count', commands: JUDGES },
  'last-failed': { means: 'only what failed in the last run', commands: JUDGES, form: OFF },
  level: { means: 'only what is of this level', commands: `${JUDGES} list fixtures`, form: TEXTS },
  list: { means: 'list what there is, and do nothing else', commands: 'fixtures serve', form: OFF },
  'max-failures': { means: 'the end of a run after this number of failures', commands: JUDGES, form: NUMBER },
  'max-skipped': { means: 'no verdict with more skipped scenarios', commands: JUDGES, form: NUMBER },
  'max-time': { means: 'the end of a run', commands: JUDGES },
  merge: {
    means: 'join the shards of one run',
    commands: 'report fuzz',
    form: OFF,
    differs: { fuzz: [TEXTS, 'a campaign takes no files as arguments'] },
  },
  only: { means: 'only what has a matching id', commands: `${JUDGES} list fixtures bench`, form: TEXTS },
  output: { means: 'where the result is written', commands: 'corpus report' },
  pid: { means: 'the process of the server', commands: `run gate ${BREAKS}`, form: NUMBER },
  port: {
    means: 'the port of a server',
    commands: 'client inspect serve',
    differs: {
      client: [NUMBER, 'a free port is safe where many clients are started'],
      inspect: ['numbers, none', 'a capture may hold several servers'],
      serve: ['number, 1003', 'the port of the protocol'],
    },
  },
  reporter: { means: 'a report, as NAME or NAME=FILE', commands: `${JUDGES} fuzz proxy`, form: TEXTS },
  require: { means: 'what may not be missing', commands: 'run gate' },
  retries: { means: 'how often a failure is repeated', commands: JUDGES, form: 'number, 2' },
  section: { means: 'only these sections', commands: `${JUDGES} list`, form: TEXTS },
  seed: { means: 'what fixes all that is random', commands: 'run library gate fuzz', form: NUMBER },
  shard: { means: 'one part of the work, as INDEX/TOTAL', commands: `${JUDGES} fuzz` },
  since: { means: 'an earlier report, with which this one is compared', commands: JUDGES },
  skip: { means: 'without what has a matching id', commands: `${JUDGES} list`, form: TEXTS },
  slow: { means: 'also what takes minutes', commands: 'run client gate', form: OFF },
  slowest: { means: 'how many of the slowest are listed', commands: `${JUDGES} report`, form: NUMBER },
  'start-timeout': { means: 'how long a start may take', commands: `run library gate ${BREAKS}` },
  strict: { means: 'a SHOULD counts like a MUST', commands: JUDGES, form: OFF },
  target: {
    means: 'the address of the peer, as host:port',
    commands: `run gate ${BREAKS} proxy submit results update bench init`,
    differs: {
      run: [TEXTS, 'several servers are judged in turn'],
      gate: [TEXTS, 'several servers are judged in turn'],
    },
  },
  'tasks-dir': { means: 'the task store of the server', commands: `run gate ${BREAKS}` },
  time: {
    means: 'how long something is done to a server',
    commands: 'fuzz bench',
    differs: { bench: ['text, 5s', 'it is the time of each row, and a campaign has no rows'] },
  },
  timeout: { means: 'how long the peer may take', commands: NOTIFIES, form: 'text, 5s' },
  to: { means: 'to_addr of a SUBMIT', commands: 'run gate' },
  trace: { means: 'show the bytes on the wire', commands: `${JUDGES} report`, form: OFF },
  'update-known-failures': { means: 'write that file from this run', commands: JUDGES, form: OFF },
  watch: { means: 'the files whose changes cause another judging', commands: JUDGES, form: TEXTS },
};

function formOf({ type, default: preset, array }: Options): string {
  const kind = type === 'boolean' || type === 'number' ? type : 'text';
  const shown = preset === undefined ? 'none' : preset === '' ? '""' : String(preset);
  return `${kind}${array ? 's' : ''}, ${shown}`;
}

interface Found {
  readonly command: string;
  readonly form: string;
}

const found = new Map<string, Found[]>();
for (const command of COMMANDS)
  for (const [name, option] of Object.entries(command.options))
    found.set(name, [...(found.get(name) ?? []), { command: nameOf(command), form: formOf(option) }]);

t.test('options of several commands mean the same in each', async (t) => {
  const shared = [...found].filter(([, uses]) => uses.length > 1);
  t.strictSame(shared.map(([name]) => name).sort(), Object.keys(MEANINGS).sort());
  for (const [name, uses] of shared) {
    const { commands = '', form = 'text, none', differs = {} } = MEANINGS[name] ?? {};
    t.strictSame(uses.map(({ command }) => command).sort(), commands.split(' ').sort(), `--${name}`);
    for (const use of uses) t.equal(use.form, differs[use.command]?.[0] ?? form, `${use.command} --${name}`);
  }
});

t.test('every option and every argument has a line of help', async (t) => {
  for (const command of COMMANDS)
    for (const [name, { describe = '' }] of Object.entries({ ...command.positionals, ...command.options }))
      t.match(describe, /^\S.*[^.\s]$/, `${nameOf(command)} ${name}`);
});
