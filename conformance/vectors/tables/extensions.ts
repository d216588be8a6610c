/** File names and their extensions (R4): every extension of both lists, and names that are easy to get wrong. */
import type { ExtensionVector } from '../build/vector.ts';

const ALLOWED =
  '.md .txt .rtf .docx .pdf .pptx .pth .pt .onnx .h5 .pb .ckpt .safetensors .bin .csv .parquet .xlsx .xls .jpg .jpeg ' +
  '.png .svg .gif .webp';

const FORBIDDEN =
  '.go .py .js .ts .java .c .cpp .h .hpp .rs .rb .php .swift .kt .scala .sh .bash .zsh .ps1 .bat .cmd .sql .r .lua .pl ' +
  '.pm .ex .exs .clj .hs .ml .fs .cs .vb .dart';

function vector(
  slug: string,
  note: string,
  filename: string,
  extension: string,
  verdict: ExtensionVector['verdict'],
): ExtensionVector {
  return {
    id: `extensions-${slug}`,
    note,
    clause: 'R4',
    level: 'must',
    source: 'derived',
    filename,
    extension,
    verdict,
  };
}

function listed(list: string, verdict: 'allowed' | 'forbidden'): readonly ExtensionVector[] {
  return list.split(' ').flatMap((extension) => {
    const slug = extension.slice(1);
    const upper = extension.toUpperCase();
    return [
      vector(slug, `${extension} is ${verdict}.`, `result${extension}`, extension, verdict),
      vector(
        `${slug}-upper-case`,
        'Extensions are compared in lower case.',
        `RESULT${upper}`,
        extension,
        verdict,
      ),
    ];
  });
}

const odd: readonly ExtensionVector[] = [
  vector('mixed-case', 'Extensions are compared in lower case.', 'a.PdF', '.pdf', 'allowed'),
  vector('double-allowed-last', 'Only the last extension counts.', 'a.py.txt', '.txt', 'allowed'),
  vector('double-forbidden-last', 'Only the last extension counts.', 'a.txt.py', '.py', 'forbidden'),
  vector('double-unknown-last', 'Only the last extension counts.', 'a.txt.exe', '.exe', 'unknown'),
  vector('triple', 'Only the last extension counts.', 'a.tar.gz.md', '.md', 'allowed'),
  vector('two-dots', 'Two dots in a row.', 'a..txt', '.txt', 'allowed'),
  vector('none', 'A name without a dot has no extension.', 'README', '', 'unknown'),
  vector('empty', 'An empty name.', '', '', 'unknown'),
  vector(
    'extension-without-dot',
    'A name without a dot has no extension, even if it spells one.',
    'txt',
    '',
    'unknown',
  ),
  vector('dotfile-allowed', 'The whole name is the extension.', '.txt', '.txt', 'allowed'),
  vector('dotfile-forbidden', 'The whole name is the extension.', '.py', '.py', 'forbidden'),
  vector('dotfile-unknown', 'The whole name is the extension.', '.gitignore', '.gitignore', 'unknown'),
  vector('dot', 'A dot alone.', '.', '.', 'unknown'),
  vector('trailing-dot', 'An extension without letters.', 'a.txt.', '.', 'unknown'),
  vector('trailing-dot-forbidden', 'An extension without letters.', 'a.py.', '.', 'unknown'),
  vector('trailing-space', 'A space is part of the extension.', 'a.txt ', '.txt ', 'unknown'),
  vector('trailing-space-forbidden', 'A space is part of the extension.', 'a.py ', '.py ', 'unknown'),
  vector('space-inside', 'A space is part of the extension.', 'a. txt', '. txt', 'unknown'),
  vector(
    'space-before-dot',
    'A space before the dot is not part of the extension.',
    'a .txt',
    '.txt',
    'allowed',
  ),
  vector('trailing-newline', 'A line feed is part of the extension.', 'a.txt\n', '.txt\n', 'unknown'),
  vector('trailing-nul', 'A NUL is part of the extension.', 'a.txt\0', '.txt\0', 'unknown'),
  vector(
    'nul-before-extension',
    'A NUL does not end the name, as it would in C.',
    'a.py\0.txt',
    '.txt',
    'allowed',
  ),
  vector('unknown', 'The extension is in neither list.', 'a.exe', '.exe', 'unknown'),
  vector('html', 'The extension is in neither list.', 'a.html', '.html', 'unknown'),
  vector('json', 'The extension is in neither list.', 'a.json', '.json', 'unknown'),
  vector('zip', 'The extension is in neither list.', 'a.zip', '.zip', 'unknown'),
  vector('doc', 'Not listed; .docx is.', 'a.doc', '.doc', 'unknown'),
  vector('ppt', 'Not listed; .pptx is.', 'a.ppt', '.ppt', 'unknown'),
  vector('tif', 'The extension is in neither list.', 'a.tif', '.tif', 'unknown'),
  vector('tsx', 'Not listed; .ts is.', 'a.tsx', '.tsx', 'unknown'),
  vector('pyc', 'Not listed; .py is.', 'a.pyc', '.pyc', 'unknown'),
  vector('longer-than-allowed', 'An extension is compared whole.', 'a.txtx', '.txtx', 'unknown'),
  vector('shorter-than-allowed', 'An extension is compared whole.', 'a.tx', '.tx', 'unknown'),
  vector(
    'full-width',
    'Full-width letters are other letters.',
    'a.\uff54\uff58\uff54',
    '.\uff54\uff58\uff54',
    'unknown',
  ),
  vector('full-width-dot', 'A full-width dot is not a dot.', 'a\uff0etxt', '', 'unknown'),
  vector('cyrillic', 'A Cyrillic letter is another letter.', 'a.t\u0445t', '.t\u0445t', 'unknown'),
  vector('long-s', 'U+017F is not the letter s.', 'a.xl\u017f', '.xl\u017f', 'unknown'),
  vector('stream', 'A stream of NTFS is part of the extension.', 'a.txt:b', '.txt:b', 'unknown'),
  vector('query', 'What follows a question mark is part of the extension.', 'a.txt?b', '.txt?b', 'unknown'),
  vector('backup', 'A tilde is part of the extension.', 'a.txt~', '.txt~', 'unknown'),
  vector('unicode-name', 'The name before the extension is free.', '報告.pdf', '.pdf', 'allowed'),
];

export const extensions: readonly ExtensionVector[] = [
  ...listed(ALLOWED, 'allowed'),
  ...listed(FORBIDDEN, 'forbidden'),
  ...odd,
];
