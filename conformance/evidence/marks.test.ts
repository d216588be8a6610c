import assert from 'node:assert';
import t from 'tap';
import { catalogue } from '../catalogue/index.ts';
import { judgeObservation } from '../judge/oracle.ts';
import { answer, FIN, idOf, seen } from '../testing/observations.ts';
import { marksOf } from './marks.ts';

t.test('a failure has marks in both directions, a pass of a legal message none', async (t) => {
  const marksOfAnswer = (id: string, status: string) => {
    const scenario = catalogue.find((one) => one.id === id);
    assert(scenario, id);
    const observation = seen(FIN, [answer({ status })]);
    return marksOf(scenario, judgeObservation(scenario, observation, idOf), observation);
  };
  t.match(marksOfAnswer('json/nan', '200'), {
    marks: { sent: { offset: 191, bytes: 8 }, received: { bytes: 3 } },
  });
  t.match(marksOfAnswer('submit/status', '"200"'), { marks: { received: { bytes: 5 } } });
  t.strictSame(marksOfAnswer('submit/status', '200'), {});
});
