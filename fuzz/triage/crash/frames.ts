/** The frames of a stack, and which of them name the fault: those of the target's own code. */

/** One function call. */
export interface Frame {
  /** The function; empty if it is not known. */
  readonly name: string;
  /** Module and offset, or file and line. */
  readonly place: string;
  /** Where the code is, to tell the code of a runtime from that of the target. */
  readonly path: string;
}

/**
 * Frames that are part of a cause: the function that fails and its caller, because a helper fails for many callers. The
 * callers of these depend on the input: the parser of a string is reached from that of an object and from that of an array.
 */
const FRAMES = 2;
/** Functions of a recursion that are part of a cause. */
const RECURSIVE = 3;

/** Functions of runtimes and standard libraries: what fails in them is the fault of their caller. */
const FOREIGN_NAMES = new RegExp(
  [
    '^_*(?:interceptor|asan|ubsan|tsan|msan|lsan|sanitizer|libc|GI|pthread|restore_rt|fortify|stack_chk|assert)_',
    '^__(?:assert|stack_chk|chk_fail|restore|clone)',
    '^_?start$|^(?:start_thread|clone3?|raise|gsignal|abort|tgkill|operator (?:new|delete).*)$',
    '^(?:mem(?:cpy|move|set|cmp|chr)|str\\w{2,6}|(?:v?s?n?|v?f)printf|malloc|calloc|realloc|free)$',
    '^(?:std|core|alloc|__rustc|rust_begin_unwind|__rust\\w*|__cxxabiv1|__gnu_cxx)(?:::|$)|^<(?:alloc|core|std)::',
    '^(?:runtime[./]|panic$)',
    '^(?:java|javax|jdk|sun|com\\.sun)\\.|^(?:JSON|Array|Map|Set|Buffer|String|Promise)\\.',
  ].join('|'),
);
const FOREIGN_PATHS = new RegExp(
  [
    'lib(?:asan|ubsan|tsan|lsan|msan|clang_rt\\S*|c|pthread|m|stdc\\+\\+|gcc_s|c\\+\\+)(?:-[\\d.]+)?\\.so|/ld-linux|/compiler-rt/|/libsanitizer/',
    '/sysdeps/|csu/libc-start',
    '/lib/python[\\d.]+/|/site-packages/|^<frozen ',
    '^node:|/node_modules/|^<anonymous>$|^native$',
    '/rustc/|/library/(?:std|core|alloc)/src/|/\\.cargo/registry/',
    '/go(?:-[\\d.]+)?/src/|/libexec/src/|/go/pkg/mod/',
    '^java\\.base/|^(?:java|javax|jdk|sun)\\.|^jdk\\.',
  ].join('|'),
);

/** Whether the frame is of the target's own code, as far as its name and its path say. */
export function isOwn({ name, path }: Frame): boolean {
  return !FOREIGN_NAMES.test(name) && !FOREIGN_PATHS.test(path);
}

/** The target's own frames; all of them if there are none of its own. */
function ownOf(frames: readonly Frame[]): readonly Frame[] {
  const own = frames.filter(isOwn);
  return own.length > 0 ? own : frames;
}

function nameOf({ name, place }: Frame): string {
  return name === '' ? place : name;
}

/** The innermost functions, each once: a recursion has any depth. */
export function namesOf(frames: readonly Frame[]): readonly string[] {
  return [...new Set(ownOf(frames).map(nameOf))].filter((name) => name !== '').slice(0, FRAMES);
}

/**
 * The functions of a recursion, sorted. Which of them is the innermost when the stack ends depends on the input; so do the
 * functions that it calls, which occur once.
 */
export function recursionOf(frames: readonly Frame[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of ownOf(frames).map(nameOf)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const repeated = [...counts].filter(([, count]) => count > 1).map(([name]) => name);
  return (repeated.length > 0 ? repeated : [...counts.keys()]).sort().slice(0, RECURSIVE);
}
