import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { type Received, serve } from '../testing/servers.ts';
import { campaign } from './campaign.ts';

/** Writes as far as the file system permits it. */
function store(path: string, content: string | Buffer): void {
  try {
    writeFileSync(path, content);
  } catch {
    // A path that cannot be written is not stored.
  }
}

const STORED = { created_at: '2025-06-01T12:00:00Z', status: 'NEW' };

/** What a server does with the fields of a frame in the folder of its store. */
const SERVERS: readonly [
  what: string,
  write: (folder: string, type: number, fields: Record<string, unknown>) => void,
  isBreach: boolean,
][] = [
  [
    'the id of a SUBMIT is a path',
    (folder, type, fields) => {
      if (type === 1)
        store(
          join(folder, 'received', `${fields['task_id']}.json`),
          JSON.stringify({ ...fields, ...STORED }),
        );
    },
    true,
  ],
  [
    'the name of a result file is a path',
    (folder, type, { filename, file_data: data }) => {
      if (type === 4) store(join(folder, 'results', String(filename)), Buffer.from(String(data), 'base64'));
    },
    true,
  ],
  [
    'a log, a lock and a new log for each task next to the store',
    (folder, type, fields) => {
      appendFileSync(join(folder, '..', 'server.log'), `${type} ${JSON.stringify(fields)}\n`);
      appendFileSync(join(folder, '..', 'new.log'), `${type} ${JSON.stringify(fields)}\n`);
      writeFileSync(join(folder, '.lock'), String(fields['task_id']));
      writeFileSync(join(folder, '..', 'lock'), JSON.stringify(fields));
    },
    false,
  ],
];

for (const [what, write, isBreach] of SERVERS) {
  t.test(what, async (t) => {
    // A longer path out of the store still ends in the folder of the test.
    const own = await mkdtemp(join(tmpdir(), 'conform-t-'));
    t.teardown(() => rm(own, { recursive: true }));
    const parent = join(own, 'a', 'b', 'c');
    const folder = join(parent, 'store');
    for (const side of ['received', 'submitted', 'results'])
      mkdirSync(join(folder, side), { recursive: true });
    for (const name of ['x.json', 'x', 'server.log'])
      await writeFile(join(parent, name), 'it was here before\n');
    const server = await serve(({ type, text }: Received) => {
      try {
        const fields = JSON.parse(text);
        if (typeof fields === 'object' && fields !== null) write(folder, type, fields);
      } catch {
        // Malformed messages are not stored.
      }
      return undefined;
    });
    t.teardown(server.close);
    const target = { address: server.address, tasksDir: folder };
    const weights = { 'value/loaded': 300, 'value/filename': 300 };
    let findings: readonly object[] = [];
    for await (const event of campaign({ target, seed: 3, runs: 900, jobs: 8, weights, newTaskId }))
      if (event.kind === 'end') findings = event.progress.findings;
    t.match(findings, isBreach ? [{ invariant: 'keeps-to-store', detail: /\.\.\/x/ }] : []);
    t.equal(findings.length, isBreach ? 1 : 0);
  });
}
