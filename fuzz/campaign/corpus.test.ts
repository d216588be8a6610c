import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { Corpus } from './corpus.ts';
import { MAX_SIGNATURES } from './stats.ts';

const caseOf = (payload: string): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from(payload) }]],
});

t.test('the number of signatures is bounded, and a smaller case still replaces a larger one', async (t) => {
  const corpus = new Corpus();
  for (let nth = 0; nth < MAX_SIGNATURES; nth += 1) corpus.add(`message ${nth}`, caseOf('ab'));
  t.equal(corpus.size, MAX_SIGNATURES);
  t.equal(corpus.add('another message', caseOf('')), false);
  t.equal(corpus.add('message 7', caseOf('a')), false);
  t.equal(corpus.size, MAX_SIGNATURES);
  t.equal(corpus.add('edges 1 2', caseOf('c')), true, 'the target bounds the number of its edges');
  t.equal(new Corpus(corpus.entries()).add('another message', caseOf('')), false, 'also after it is loaded');
  t.strictSame(new Map(corpus.entries()).get('message 7'), caseOf('a'));
});
