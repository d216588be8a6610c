import t from 'tap';
import { fileNameOf } from './file-name.ts';
import { readTargetList } from './target-list.ts';

t.test('a line is a target; comments and blank lines are none', async (t) => {
  const text = [
    '\ufeff# all of them'.slice(1),
    '',
    'alpha=127.0.0.1:1003  # the first',
    '  beta = [::1]:1004\t# 2',
    'c.d-e_F=host.example:1',
    '',
  ].join('\r\n');
  t.strictSame(readTargetList(text, 'targets.txt'), [
    { name: 'alpha', address: { host: '127.0.0.1', port: 1003 }, line: 3 },
    { name: 'beta', address: { host: '::1', port: 1004 }, line: 4 },
    { name: 'c.d-e_F', address: { host: 'host.example', port: 1 }, line: 5 },
  ]);
});

t.test(
  'each faulty line is one line of the message, with the file, the line, and what is wrong',
  async (t) => {
    const lines: readonly (readonly [string, RegExp | undefined])[] = [
      ['127.0.0.1:1003', /has no name; a line is such as alpha=192\.0\.2\.1:1003/],
      ['=127.0.0.1:1003', /has no name/],
      ['a b=127.0.0.1:1003', /"a b" is no name: it has letters/],
      ['../a=127.0.0.1:1003', /is no name/],
      ['c=127.0.0.1', /"c=127.0.0.1": the address has no port: it must be host:port/],
      ['d=127.0.0.1:0', /the address is not host:port with a port from 1 to 65535/],
      ['e=127.0.0.1:65536', /with a port from 1 to 65535/],
      ['f=::1:1003', /is an IPv6 address without brackets or port, as in \[::1\]:1003/],
      ['g=:1003', /has no host/],
      ['h=127.0.0.1:1003', undefined],
      ['h=127.0.0.1:1004', /the name h is that of line 10, too/],
      ['i=http://127.0.0.1:1003', /begins like a URL/],
      [`${'x'.repeat(101)}=127.0.0.1:1003`, /is no name.* at most 100/],
    ];
    let message = '';
    try {
      readTargetList(lines.map(([line]) => line).join('\n'), 'targets.txt');
    } catch (error) {
      message = (error as Error).message;
    }
    const found = message.split('\n');
    const wanted = lines.flatMap(([, fault], index) => (fault ? [{ line: index + 1, fault }] : []));
    t.equal(found.length, wanted.length);
    for (const [index, { line, fault }] of wanted.entries()) {
      t.ok(found[index]?.startsWith(`targets.txt, line ${line}: `), `${found[index]}`);
      t.match(found[index], fault);
    }
  },
);

t.test('the message has a bound, and a file without a target is refused', async (t) => {
  t.throws(() => readTargetList('x\n'.repeat(1000), 'targets.txt'), /line 20: .*\nand 980 more$/s);
  t.throws(() => readTargetList('# nothing\n', 'targets.txt'), /^Error|targets.txt names no target/);
});

t.test('a name gives a file name that every file system takes, and no two names the same', async (t) => {
  const names = [
    'alpha',
    'Alpha',
    'ALPHA',
    'nul',
    'con.x',
    'com1',
    '..',
    '.hidden',
    '-rf',
    'a.',
    'a_',
    'x'.repeat(100),
  ];
  const files = names.map(fileNameOf);
  t.equal(new Set(files.map((file) => file.toLowerCase())).size, names.length);
  for (const file of files) {
    t.match(file, /^[a-z0-9_][a-z0-9_.~-]*[a-z0-9_-]$/);
    t.notMatch(file, /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/);
    t.ok(file.length <= 120);
  }
  t.equal(fileNameOf('alpha-1.example'), 'alpha-1.example', 'a safe name stays');
});
