import t from 'tap';
import { colorsFor, replacesLines } from './colors.ts';

t.test('what a terminal is sent follows from the environment', async (t) => {
  for (const [isTerminal, env, hasColors, isLive] of [
    [true, {}, true, true],
    [true, { TERM: 'xterm-256color' }, true, true],
    [true, { TERM: 'dumb' }, false, false],
    [true, { NO_COLOR: '1' }, false, true],
    [true, { NO_COLOR: '' }, true, true],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false, true],
    [true, { FORCE_COLOR: '0' }, false, true],
    [true, { FORCE_COLOR: 'false' }, false, true],
    [true, { FORCE_COLOR: '1' }, true, true],
    [true, { CI: 'true' }, true, false],
    [true, { CI: '' }, true, true],
    [true, { CI: 'false' }, true, true],
    [false, { FORCE_COLOR: '1' }, false, false],
    [false, {}, false, false],
  ] as const) {
    const name = JSON.stringify({ isTerminal, env });
    t.equal(colorsFor({ isTerminal }, env).bad('x') !== 'x', hasColors, name);
    t.equal(replacesLines({ isTerminal }, env), isLive, name);
  }
});
