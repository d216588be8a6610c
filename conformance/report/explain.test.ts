import assert from 'node:assert';
import t from 'tap';
import { catalogue } from '../catalogue/index.ts';
import { explain } from './explain.ts';

/** The lines of a scenario's explanation that begin with this label, without it. */
function labelled(id: string, label: string): string[] {
  const scenario = catalogue.find((one) => one.id === id);
  assert(scenario, id);
  const lines = explain(scenario).filter((line) => line.startsWith(label));
  return lines.map((line) => line.slice(label.length).trim());
}

t.test('each likely cause has the observation that it belongs to', async (t) => {
  t.strictSame(labelled('frame/length-below-cap', 'likely:'), [
    'if the target closes without an answer: The cap is lower than 16 MiB.',
    'if no answer comes and the connection stays open: Processing a payload of this size takes longer than the deadline.',
  ]);
  t.strictSame(labelled('submit/status', 'likely:'), []);
});

t.test('outcomes are alternatives, and conditions on the store hold too', async (t) => {
  t.match(labelled('status/store-accepted', 'accepts:'), [/closes/, /keeps the connection open/]);
  t.match(labelled('status/store-accepted', 'and:'), [/^in the store, submitted/]);
});

t.test('what differs from the control is in brackets', async (t) => {
  const shown = (id: string) => {
    const scenario = catalogue.find((one) => one.id === id);
    return scenario && explain(scenario).filter((line) => line.includes('⟦'));
  };
  t.match(shown('json/nan'), [/differs .*"⟦,"x":NaN⟧\}$/]);
  t.match(shown('frame/length-over-cap'), [/length +⟦16777217, over the cap/]);
  t.match(
    shown('frame/length-over-cap-in-part'),
    [/length +⟦16777217, over the cap/],
    'in the first of two steps',
  );
  t.strictSame(shown('frame/legal'), []);
});

t.test('a step that continues a frame is not read as a header', async (t) => {
  t.match(labelled('frame/split-inside-payload', '  000000'), [/type +1 SUBMIT/, /more +0000/]);
  t.match(labelled('transport/second-frame-in-turn', '  000000'), [/type +1 SUBMIT/, /type +⟦1 SUBMIT/]);
});

t.test('every scenario can be explained', async (t) => {
  const lengths = catalogue.map((scenario) => explain(scenario).length);
  t.ok(lengths.every((length) => length >= 6 && length < 120));
});
