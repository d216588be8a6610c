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

t.test('a log gets nothing unless it is asked for', async (t) => {
  let written = '';
  const line = new ProgressLine((text) => {
    written += text;
  }, false);
  line.show('1 of 3');
  line.clear();
  t.equal(written, '');
});

t.test('lines are apart by the time that each kind of output has', async (t) => {
  for (const [isTerminal, shown] of [
    [true, ['\r\u001b[2K200', '\r\u001b[2K400', '\r\u001b[2K1000']],
    [false, ['1000\n']],
  ] as const) {
    const written: string[] = [];
    let at = 0;
    const apart = { logMs: 1000, terminalMs: 200, now: () => at };
    const line = new ProgressLine((text) => written.push(text), isTerminal, apart);
    for (at of [0, 199, 200, 399, 400, 599, 1000, 1199]) line.show(String(at));
    t.strictSame(written, shown);
  }
});
