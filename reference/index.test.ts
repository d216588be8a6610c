import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import * as reference from './index.ts';

/** The rows of docs/reference.md: documented name, our name, clauses, file. */
const ROWS = (readFileSync('docs/reference.md', 'utf8').split('\n## Differences')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (?:documented|---)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** The number of names in the documentation: its index, constants, variables and fields of structs. */
const DOCUMENTED = 118;

t.test('the page has a row for every documented name', async (t) => {
  const names = ROWS.map(([name]) => name);
  t.equal(new Set(names).size, names.length, 'every name has one row');
  t.equal(names.filter((name) => name?.startsWith('`')).length, DOCUMENTED);
});

t.test('every name of ours on the page is exported by the file on the page', async (t) => {
  const exported: Readonly<Record<string, unknown>> = reference;
  const declarations = readFileSync('reference/index.ts', 'utf8');
  for (const [documented = '', ours = '', , file = ''] of ROWS) {
    const path = `reference/${file.replaceAll('`', '')}`;
    t.ok(existsSync(path), `${documented}: ${path}`);
    const source = readFileSync(path, 'utf8');
    const [name = '', member] = /`([\w.]+)`/.exec(ours)?.[1]?.split('.') ?? [];
    if (/\(`\w+`\)/.test(documented)) t.match(source, new RegExp(`readonly ${name}\\??:`), documented);
    else if (ours.startsWith('type ')) t.match(declarations, new RegExp(`\\b${name}\\b`), documented);
    else if (name === 'Client')
      t.match(source, new RegExp(`class Client[\\s\\S]*${member ?? ''}`), documented);
    else {
      t.not(exported[name], undefined, documented);
      t.match(source, new RegExp(`export (?:async )?(?:const|function|class) ${name}\\b`), documented);
      if (member !== undefined) t.match(source, new RegExp(`async ${member}\\(`), documented);
    }
  }
});

t.test('every documented status is one of TASK_STATUSES', async (t) => {
  for (const [documented = '', ours = ''] of ROWS) {
    if (!documented.startsWith('`TaskStatus') || !ours.includes('TASK_STATUSES')) continue;
    const status = /'(\w+)'/.exec(ours)?.[1] ?? '';
    t.ok(reference.isTaskStatus(status), documented);
    t.equal(documented.toUpperCase(), `\`TASKSTATUS${status}\``);
  }
});

t.test('every clause on the page is a clause of the protocol', async (t) => {
  const protocol = readFileSync('docs/protocol.md', 'utf8');
  for (const [documented = '', , clauses = ''] of ROWS) {
    for (const [, anchor = ''] of clauses.matchAll(/protocol\.md#(\w+)/g)) {
      t.match(protocol, new RegExp(`^### ${anchor}$`, 'im'), documented);
    }
  }
});
