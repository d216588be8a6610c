/**
 * Which files may be sent as results, by the extension of their name (R4): file name → allowed, forbidden as source
 * code, or unknown.
 */
import { ValidationError } from './errors.ts';

/** The documented extensions of files that may be sent as results, in lower case with their dot (R4). */
export const ALLOWED_RESULT_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    '.md .txt .rtf .docx .pdf .pptx .pth .pt .onnx .h5 .pb .ckpt .safetensors .bin .csv .parquet .xlsx .xls ' +
    '.jpg .jpeg .png .svg .gif .webp'
  ).split(' '),
);

/**
 * The documented extensions of source code (R4). `.R` is listed beside `.r` as the documentation does, though a name's
 * extension is compared in lower case.
 */
export const FORBIDDEN_RESULT_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    '.go .py .js .ts .java .c .cpp .h .hpp .rs .rb .php .swift .kt .scala .sh .bash .zsh .ps1 .bat .cmd .sql ' +
    '.r .R .lua .pl .pm .ex .exs .clj .hs .ml .fs .cs .vb .dart'
  ).split(' '),
);

/** Whether a file of this name may be sent: its last extension, in lower case, is in the allowed list (R4). */
export function isAllowedResultFilename(name: string): boolean {
  return ALLOWED_RESULT_EXTENSIONS.has(extensionOf(name));
}

/**
 * Throws a ValidationError, 'extension-forbidden' for source code and 'extension-unknown' for anything else that is not
 * allowed, names without extension included (R4). Says nothing about the name as a path: that is isSafeFilename's.
 */
export function validateResultFilename(name: string): void {
  const extension = extensionOf(name);
  if (ALLOWED_RESULT_EXTENSIONS.has(extension)) return;
  if (FORBIDDEN_RESULT_EXTENSIONS.has(extension)) {
    throw new ValidationError(
      'extension-forbidden',
      'R4',
      `source code is not sent as a result: ${extension}`,
    );
  }
  const shown = JSON.stringify(extension.slice(0, 32));
  throw new ValidationError('extension-unknown', 'R4', `not an extension of a result: ${shown}`);
}

/** From the last dot on, in lower case; '' without a dot. Unlike path.extname, `.txt` is all extension (R4). */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot === -1 ? '' : name.slice(dot).toLowerCase();
}
