import t from 'tap';
import { ProgressLine } from './progress.ts';

t.test('on a terminal each update replaces the line, and clear leaves it empty', async (t) => {
  let screen = '';
  const line = new ProgressLine((text) => {
    // What a terminal does with a carriage return and "erase line".
    screen = text.startsWith('\r\u001b[2K') ? text.slice('\r\u001b[2K'.length) : screen + text;
  }, true);
  line.show('1 of 3, and a long name');
  line.show('2 of 3');
  t.equal(screen, '2 of 3');
  line.clear();
  t.equal(screen, '');
});

t.test('nothing is written where the output is not a terminal', async (t) => {
  let written = '';
  const line = new ProgressLine((text) => {
    written += text;
  }, false);
  line.show('1 of 3');
  line.clear();
  t.equal(written, '');
});
