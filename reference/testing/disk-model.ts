/**
 * What a disk may hold after a crash: the system calls of a program → every state that a file system may leave behind, as
 * ALICE and CrashMonkey derive it. A change of a directory is certain once an fsync of that directory that began after it
 * has ended; until then it is on the disk or not, whatever other changes are. Bytes of a file are certain once an fsync of
 * the file has ended, or their write, if the file was opened with O_DSYNC; until then the file may hold anything. Names of
 * temporary files and of locks are left out.
 */

/** A system call, with the lines of the trace on which it begins and ends. */
export type DiskCall = { readonly begin: number; readonly end: number } & (
  | { readonly kind: 'write'; readonly file: string; readonly bytes: string }
  | { readonly kind: 'fsync'; readonly path: string }
  /** From now on a write of the file ends when its bytes are on the disk. */
  | { readonly kind: 'dsync'; readonly file: string }
  | { readonly kind: 'name'; readonly file: string; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'ack'; readonly task: string; readonly status: string }
);

/** A file after a crash: its bytes as strace prints them, or undefined where they are not certain. */
export type CrashedFiles = ReadonlyMap<string, string | undefined>;

const CALL = /^(\d+) +(\w+)\((.*?)\)? += (-?\d+)/s;
const UNFINISHED = /^(\d+) +(\w+)\((.*?) *<unfinished \.\.\.>$/s;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*?)\)? += (-?\d+)/s;

/** The calls in the output of `strace -f -y -o`, of which only the ones that succeeded. */
export function readTrace(trace: string): readonly DiskCall[] {
  const open = new Map<string, { readonly begin: number; readonly name: string; readonly args: string }>();
  const calls: DiskCall[] = [];
  for (const [end, line] of trace.split('\n').entries()) {
    const started = UNFINISHED.exec(line);
    if (started !== null) {
      const [, thread = '', name = '', args = ''] = started;
      open.set(thread, { begin: end, name, args });
      continue;
    }
    const resumed = RESUMED.exec(line);
    const [, thread = '', name = '', args = '', result = '-1'] = resumed ?? CALL.exec(line) ?? [];
    if (Number(result) < 0) continue;
    const before = resumed === null ? undefined : open.get(thread);
    const call = callOf(name, (before?.args ?? '') + args);
    if (call !== undefined) calls.push({ ...call, begin: before?.begin ?? end, end } as DiskCall);
  }
  return calls.sort((a, b) => a.begin - b.begin);
}

function callOf(name: string, args: string): object | undefined {
  const paths = [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) => path);
  const descriptor = /^\d+<([^>]*)>/.exec(args)?.[1] ?? '';
  const [first = '', second = ''] = paths;
  switch (name) {
    case 'write':
    case 'pwrite64': {
      const [, task, status] = /^ack (\S+) (\w+)/.exec(first) ?? [];
      if (task !== undefined) return { kind: 'ack', task, status };
      return { kind: 'write', file: descriptor, bytes: first };
    }
    case 'fsync':
    case 'fdatasync':
      return { kind: 'fsync', path: descriptor };
    case 'openat':
      return /\bO_D?SYNC\b/.test(args) ? { kind: 'dsync', file: first } : undefined;
    case 'mkdir':
      return { kind: 'mkdir', path: first };
    case 'link':
    case 'rename':
      return { kind: 'name', file: first, path: second };
    default:
      return undefined;
  }
}

/** The most uncertain changes of which every combination is tried. */
const MAX_FREE = 8;

/**
 * Every state after a crash before the line `at`. With more than 8 uncertain changes, only the states with all, none, the
 * first n, one, and all but one of them.
 */
export function* statesAt(calls: readonly DiskCall[], at: number, root: string): Generator<CrashedFiles> {
  const begun = calls.filter(({ begin }) => begin < at);
  const synced = begun.filter((call) => call.kind === 'fsync' && call.end < at);
  const isSynced = (path: string, since: number): boolean =>
    synced.some((call) => call.kind === 'fsync' && call.path === path && call.begin > since);

  const dsync = new Set(begun.flatMap((call) => (call.kind === 'dsync' ? [call.file] : [])));

  const changes = begun.filter((call) => call.kind === 'name' || call.kind === 'mkdir');
  const free = changes.filter(({ path, end }) => !isSynced(path.slice(0, path.lastIndexOf('/')), end));
  const bytes = new Map<string, string | undefined>();
  for (const call of begun) {
    if (call.kind !== 'write') continue;
    const certain = (dsync.has(call.file) && call.end < at) || isSynced(call.file, call.end);
    bytes.set(call.file, certain ? (bytes.get(call.file) ?? '') + call.bytes : undefined);
  }

  for (const isLost of losses(free.length)) {
    const lost = new Set(free.filter((_, i) => isLost(i)));
    const files = new Map<string, string | undefined>();
    const directories = new Set<string>([root.slice(0, root.lastIndexOf('/'))]);
    for (const change of changes) {
      if (lost.has(change) || !directories.has(change.path.slice(0, change.path.lastIndexOf('/')))) continue;
      if (change.kind === 'mkdir') directories.add(change.path);
      else files.set(change.path.slice(root.length + 1), bytes.get(change.file));
    }
    yield files;
  }
}

/** For each state, whether the change of an index is lost. */
function* losses(count: number): Generator<(i: number) => boolean> {
  if (count <= MAX_FREE) {
    for (let set = 0; set < 2 ** count; set++) yield (i) => ((set >> i) & 1) === 1;
    return;
  }
  for (let n = 0; n <= count; n++) {
    yield (i) => i >= n;
    yield (i) => i === n;
    yield (i) => i !== n;
  }
}
