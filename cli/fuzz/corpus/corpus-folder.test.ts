import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type Case, Corpus, readCase } from '../../../fuzz/index.ts';
import { CorpusFolder } from './corpus-folder.ts';

const caseOf = (length: number): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'bytes', bytes: Buffer.alloc(length) }]],
});
const lengthOf = ({ connections }: Case): number | undefined =>
  connections.flat().map((action) => (action.do === 'bytes' ? action.bytes.length : undefined))[0];

t.test('what one campaign writes, another adopts once', async (t) => {
  const dir = t.testdir({});
  const [one, other, later] = [new CorpusFolder(dir), new CorpusFolder(dir), new CorpusFolder(dir)];
  t.strictSame(await other.adopt(), []);
  await one.write(new Corpus([['closed', caseOf(9)]]));
  t.strictSame((await other.adopt()).map(lengthOf), [9]);
  t.strictSame(await other.adopt(), [], 'not again');
  t.strictSame(await one.adopt(), [], 'its own are not adopted');
  await other.write(new Corpus([['closed', caseOf(5)]]));
  t.equal((await readdir(dir)).length, 1, 'a signature that the folder has a case of is not added');
  t.strictSame(await new CorpusFolder(dir, await readdir(dir)).adopt(), [], 'nor is what was read before');
  t.strictSame((await later.adopt()).map(lengthOf), [9]);
});

t.test(
  'a campaign that continues adopts nothing that it has shown, and completes what it wrote',
  async (t) => {
    const dir = t.testdir({});
    const corpus = new Corpus([
      ['closed', caseOf(9)],
      ['answered', caseOf(7)],
    ]);
    await new CorpusFolder(dir).write(new Corpus([['closed', caseOf(9)]]));
    const continued = new CorpusFolder(dir, [], ['closed', 'answered']);
    t.strictSame(await continued.adopt(), []);
    await continued.write(corpus);
    t.equal((await readdir(dir)).length, 2);
  },
);

t.test('a campaign replaces its case by a smaller one', async (t) => {
  const dir = t.testdir({});
  const folder = new CorpusFolder(dir);
  const corpus = new Corpus([['closed', caseOf(9)]]);
  await folder.write(corpus);
  corpus.add('closed', caseOf(2));
  await folder.write(corpus);
  const [name = '', ...others] = await readdir(dir);
  t.strictSame(others, []);
  const { signature, case: json } = JSON.parse(await readFile(join(dir, name), 'utf8'));
  t.equal(signature, 'closed');
  t.equal(lengthOf(readCase(json)), 2);
});

t.test('what is no case of another campaign is left out', async (t) => {
  const dir = t.testdir({
    'aaaaaaaaaaaa-aaaaaaaaaaaa.json': '{',
    'bbbbbbbbbbbb-bbbbbbbbbbbb.json': '{"case": {"arrangement": "never"}}',
    'cccccccccccc-cccccccccccc.json': {},
    'dddddddddddd-dddddddddddd.json.0a1b2c3d.tmp': '{}',
    'mine.json': '{}',
    'notes.txt': '',
  });
  t.strictSame(await new CorpusFolder(dir).adopt(), []);
  await writeFile(
    join(dir, 'eeeeeeeeeeee.json'),
    '{"signature":"x","case":{"arrangement":"at-once","connections":[[{"do":"fin"}]]}}',
  );
  const folder = new CorpusFolder(dir);
  t.equal((await folder.adopt()).length, 1, 'a name of an earlier version');
  await rm(dir, { recursive: true });
  await t.rejects(folder.adopt(), { code: 'ENOENT' });
});
