import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const FIXTURES = new URL('../../fixtures/', import.meta.url);
const README = readFileSync(new URL('README.md', FIXTURES), 'utf8');
const DECODE = readFileSync(new URL('vectors/decode.json', FIXTURES), 'utf8');
const ENCODE: { readonly vectors: readonly { readonly id: string; readonly frame_hex?: string }[] } =
  JSON.parse(readFileSync(new URL('vectors/encode.json', FIXTURES), 'utf8'));

/** The code block that begins with this comment. */
function blockOf(file: string): string {
  return (
    README.split('```')
      .find((block) => block.startsWith(`python\n# ${file}\n`))
      ?.slice('python\n'.length) ?? ''
  );
}

const python = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']);

t.test(
  'the Python of the README runs, and agrees with every vector of level must',
  { skip: python.status === 0 ? false : 'no Python from 3.10 on' },
  (t) => {
    const directory = t.testdir({ 'check.py': blockOf('check.py'), 'codec.py': blockOf('codec.py') });
    const run = () =>
      spawnSync('python3', ['-B', `${directory}/check.py`], {
        cwd: fileURLToPath(FIXTURES),
        encoding: 'utf8',
      });
    const { stdout, stderr } = run();
    t.equal(stderr, '');
    t.match(stdout, /^decode: (\d+) of \1\nencode: (\d+) of \2\n$/);
    t.match(stdout, `decode: ${DECODE.split('"level":"must"').length - 1} of`);

    writeFileSync(`${directory}/codec.py`, blockOf('codec.py').replace('"big"', '"little"'));
    t.match(
      run().stdout,
      /^ {2}encode-submit-request-empty \(M12\): /m,
      'and shows what a broken codec gets wrong',
    );
    t.end();
  },
);

t.test('the frame of the README is that of its vector', (t) => {
  const [, id = ''] = /`(encode-[a-z-]+)` in `vectors/.exec(README) ?? [];
  const block = README.split('```').find((text) => text.startsWith('text\n00 00')) ?? '';
  const hex = block
    .match(/^(?:[0-9a-f]{2} ?)+/gm)
    ?.join('')
    .replaceAll(' ', '');
  t.equal(hex, ENCODE.vectors.find((vector) => vector.id === id)?.frame_hex ?? 'no such vector');
  t.end();
});
