/** A renderer for each format. */

import type { Renderer } from './common/renderer.ts';
import type { Format } from './format.ts';
import { html } from './html/page.ts';
import { badge, badgeSvg } from './machine/badge.ts';
import { json, jsonLines } from './machine/json.ts';
import { junit } from './machine/junit.ts';
import { sarif } from './machine/sarif.ts';
import { tap } from './machine/tap.ts';
import { matrix } from './targets/matrix-page.ts';
import { overview } from './targets/overview.ts';
import { NO_COLORS } from './text/colors.ts';
import { github } from './text/github.ts';
import { issue } from './text/issue.ts';
import { markdown } from './text/markdown.ts';
import { type PrettyOptions, pretty } from './text/pretty.ts';

const PLAIN: PrettyOptions = { colors: NO_COLORS, live: false };

/** A renderer for one text; it keeps state, so use each one once. Only 'pretty' and 'overview' have options. Default: no colours, not live. */
export function renderer(format: Format, options: PrettyOptions = PLAIN): Renderer {
  switch (format) {
    case 'pretty':
      return pretty(options);
    case 'tap':
      return tap();
    case 'json':
      return json();
    case 'jsonl':
      return jsonLines();
    case 'junit':
      return junit();
    case 'markdown':
      return markdown();
    case 'github':
      return github();
    case 'issue':
      return issue();
    case 'sarif':
      return sarif();
    case 'html':
      return html();
    case 'badge':
      return badge();
    case 'badge-svg':
      return badgeSvg();
    case 'overview':
      return overview(options);
    case 'matrix':
      return matrix();
  }
}
