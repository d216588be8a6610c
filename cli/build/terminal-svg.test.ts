import { readFileSync } from 'node:fs';
import t from 'tap';
import { terminalSvg } from './terminal-svg.ts';

const OPTIONS = { command: 'run', title: 'a <run>', columns: 10, rows: 4, from: 'FAIL', isAnimated: false };

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, text = '']) => text.replace(/<[^>]+>/g, ''));

t.test('at rest, shows the end: colours, replaced lines, long lines, escaped markup', async (t) => {
  const svg = terminalSvg(
    [
      { atMs: 1, text: '1/3: half\r' },
      { atMs: 5, text: '\x1b[2K\rFAIL old\r\nother\r\n' },
      { atMs: 9, text: '\x1b[1m\x1b[31mFAIL\x1b[39m <b>\x1b[22m12345\r\nend\x1b[5n' },
    ],
    OPTIONS,
  );
  t.strictSame(texts(svg), ['FAIL &lt;b&gt;12', '345', 'end']);
  t.match(svg, /<tspan class="c1 c31">FAIL<\/tspan><tspan class="c1"> &lt;b&gt;<\/tspan>12</);
  t.match(svg, /<title id="title">a &lt;run&gt;</);
  t.notMatch(svg, /animation|FAIL old|half/);
});

t.test('a recording shows each state at its time, and scrolls', async (t) => {
  const text = Array.from({ length: 6 }, (_, index) => `line ${index}\n`).join('');
  const svg = terminalSvg(
    [
      { atMs: 100, text: 'wait' },
      { atMs: 300, text: `\x1b[2K\r${text}` },
    ],
    {
      ...OPTIONS,
      isAnimated: true,
    },
  );
  t.strictSame(texts(svg), ['$ run', 'wait', ...Array.from({ length: 6 }, (_, index) => `line ${index}`)]);
  t.match(svg, /animation:on 1ms 1300ms forwards,off 1ms 1500ms forwards">wait</);
  t.match(svg, /to \{ transform: translateY\(-54px\) \}/);
});

t.test('the pictures of the README refer to nothing outside, and hold the run as text', async (t) => {
  for (const name of ['failure', 'run']) {
    const svg = readFileSync(new URL(`../../docs/images/${name}.svg`, import.meta.url), 'utf8');
    t.notMatch(svg, /href|url\(|<image|<script|@import|<foreignObject/);
    const shown = texts(svg).join('\n');
    t.match(shown, /^FAIL submit\/description-over-cap-two-byte \(MUST, clause S5\)$/m);
    t.match(shown, /^does not conform: \d+ scenarios at level MUST failed \(exit 1\)$/m);
    t.notMatch(shown, /\/tmp\/|\/home\//, 'no path of the machine');
  }
});
