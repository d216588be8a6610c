import t from 'tap';
import { markdown } from './escape.ts';

t.test('text forms no markup, link, mention or issue number in Markdown', async (t) => {
  const text = markdown('# [a](https://b) ![c](d) @user #1 *e* _f_ `g` ~h~ <i> | $j$ https://k');
  t.match(text.replaceAll(/&#\d+;(?:<!-- -->)?/g, ''), /^[a-z\d ]*$/);
  t.match(text, /&#64;<!-- -->user &#35;<!-- -->1 /);
});
