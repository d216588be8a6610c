import t from 'tap';
import { catalogue, isQuick } from '../testing/runs.ts';
import { explainLibrary } from './explain.ts';

t.test('every scenario is explained in a few short lines', async (t) => {
  const shown = catalogue.filter(isQuick).map((scenario) => ({ scenario, lines: explainLibrary(scenario) }));
  const without = (is: (one: (typeof shown)[number]) => boolean): string[] =>
    shown.filter((one) => !is(one)).map(({ scenario }) => scenario.id);
  t.ok(shown.length > 600, String(shown.length));
  t.strictSame(
    without(({ lines, scenario }) => lines[0]?.startsWith(`${scenario.id} (`) === true),
    [],
  );
  t.strictSame(
    without(({ lines }) => lines.length <= 7 && lines.every((line) => line.length < 1500)),
    [],
  );
  t.strictSame(
    without(({ lines }) => !/\p{Cc}/u.test(lines.join(''))),
    [],
    'no control characters',
  );
  t.strictSame(
    without(
      ({ lines, scenario }) =>
        lines.some((line) => line.startsWith('expected: ')) === (scenario.by === 'case'),
    ),
    [],
  );
});
