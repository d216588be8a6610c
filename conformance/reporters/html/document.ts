/** An HTML document that holds all it needs, and whose content security policy permits only its own script and style. */

import { createHash } from 'node:crypto';

/** How a page looks, what it runs, and where it may connect to: nowhere unless this says so. */
export interface Kind {
  readonly style: string;
  readonly script: string;
  readonly policy: readonly string[];
}

/** `title` and `body` are escaped. */
export function documentOf(title: string, body: string, kind: Kind): string {
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(kind)}">\n`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    `<title>${title}</title>\n<style>${kind.style}</style>\n</head>\n<body>\n`,
    body,
    `<script>${kind.script}</script>\n</body>\n</html>\n`,
  ].join('');
}

export function policyOf({ style, script, policy }: Kind): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${digest(style)}'`,
    `script-src 'sha256-${digest(script)}'`,
    ...policy,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
