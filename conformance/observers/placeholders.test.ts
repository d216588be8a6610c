import { execFileSync } from 'node:child_process';
import t from 'tap';
import { hasPlaceholder, withValues } from './placeholders.ts';

/** What a shell makes of the words. */
function words(line: string): string[] {
  return execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

const DIRS = [
  '/tmp/plain',
  '/tmp/a b',
  '/tmp/$(touch owned)',
  "/tmp/it's",
  '/tmp/"x"',
  '/tmp/`id`\\',
  '/tmp/$HOME',
];

t.test('a value is one word for the shell, however the placeholder is quoted', (t) => {
  const forms: [string, (dir: string) => string][] = [
    ['{dir}', (dir) => dir],
    ['"{dir}"', (dir) => dir],
    ["'{dir}'", (dir) => dir],
    ['--dir={dir}', (dir) => `--dir=${dir}`],
    ['"--dir={dir}/x y"', (dir) => `--dir=${dir}/x y`],
    ['\'say "{dir}"\'', (dir) => `say "${dir}"`],
    ['\\"{dir}', (dir) => `"${dir}`],
  ];
  for (const dir of DIRS)
    for (const [form, expected] of forms)
      t.strictSame(words(withValues(form, { dir, port: '1' })), [expected(dir)], `${form} ${dir}`);
  t.end();
});

t.test('an unknown placeholder is an error, and braces of a program or of the shell are not', (t) => {
  const values = { port: '1003', dir: '/store' };
  for (const command of ['./server {prot}', './server --port={PORT}', './server "{dri}"', 'run {port} {a-b}'])
    t.throws(
      () => withValues(command, values),
      { code: 'unknown-placeholder', message: /the placeholders are \{port\} and \{dir\}/ },
      command,
    );
  for (const command of [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of the shell
    ...['echo ${HOME}', 'echo "${HOME}"', "awk '{print}'", 'node -e "const {once} = a"', '{ true; }'],
    ...['echo {a,b}', 'find . -exec ls {} +', 'echo \\{a}'],
  ])
    t.equal(withValues(command, values), command);
  t.equal(withValues("node -e 'f({port})'", values), "node -e 'f(1003)'");
  t.ok(hasPlaceholder("'{port}'", 'port'));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
  t.notOk(hasPlaceholder('echo ${port}', 'port'));
  t.end();
});
