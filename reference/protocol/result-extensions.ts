/**
 * Decides by the extension of a file name whether the file may be sent as a result (R4): file name → allowed,
 * forbidden because it is source code, or unknown.
 */
import { ValidationError } from './errors.ts';

/** The documented extensions of files that may be sent as results (R4), in lower case and with the dot. */
export const ALLOWED_RESULT_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    '.md .txt .rtf .docx .pdf .pptx .pth .pt .onnx .h5 .pb .ckpt .safetensors .bin .csv .parquet .xlsx .xls ' +
    '.jpg .jpeg .png .svg .gif .webp'
  ).split(' '),
);

/**
 * The documented extensions of source code (R4), with the dot. The documentation lists both `.r` and `.R`, and so
 * does this set, although the extension of a name is compared in lower case.
 */
export const FORBIDDEN_RESULT_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    '.go .py .js .ts .java .c .cpp .h .hpp .rs .rb .php .swift .kt .scala .sh .bash .zsh .ps1 .bat .cmd .sql ' +
    '.r .R .lua .pl .pm .ex .exs .clj .hs .ml .fs .cs .vb .dart'
  ).split(' '),
);

/** Whether a file of this name may be sent: its last extension, in lower case, is in ALLOWED_RESULT_EXTENSIONS (R4). */
export function isAllowedResultFilename(name: string): boolean {
  return ALLOWED_RESULT_EXTENSIONS.has(extensionOf(name));
}

/**
 * Throws a ValidationError 'extension-forbidden' for source code, and 'extension-unknown' for any other extension
 * that is not allowed and for a name without one (R4). Does not check whether the name is safe in a path;
 * `isSafeFilename` does.
 */
export function validateResultFilename(name: string): void {
  const extension = extensionOf(name);
  if (ALLOWED_RESULT_EXTENSIONS.has(extension)) return;
  if (FORBIDDEN_RESULT_EXTENSIONS.has(extension)) {
    throw new ValidationError(
      'extension-forbidden',
      'R4',
      `source code may not be sent as a result: ${extension}`,
    );
  }
  const shown = JSON.stringify(extension.slice(0, 32));
  throw new ValidationError('extension-unknown', 'R4', `not an allowed extension of a result: ${shown}`);
}

/**
 * The text from the last dot on, in lower case; '' without a dot. For `.txt` it is `.txt`, unlike path.extname (R4).
 */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot === -1 ? '' : name.slice(dot).toLowerCase();
}
