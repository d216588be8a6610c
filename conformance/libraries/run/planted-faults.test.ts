/**
 * Faults and freedoms in the Python adapter, one by one: each fault has one cause, and no freedom is a failure. Runs what it can
 * change, for a third of them; with CONFORM_ADAPTER_FAULTS=all, as `npm run adapter-faults` sets it, all of them on all cases.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { isQuick, isSmall, type LibraryReport, report } from '../testing/runs.ts';

const ADAPTER = readFileSync('docs/adapters/adapter.py', 'utf8');
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'needs python3';

/** The command that starts the adapter with texts replaced. Throws if one does not occur once. */
function adapterWith(t: Test, ...edits: readonly Pick<Edit, 'from' | 'to'>[]): string {
  let text = ADAPTER;
  for (const { from, to } of edits) {
    if (text.split(from).length !== 2) throw new Error(`not once in adapter.py: ${from}`);
    text = text.replace(from, () => to);
  }
  const folder = mkdtempSync(join(tmpdir(), 'conform-adapter-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'adapter.py');
  writeFileSync(file, text);
  return `python3 ${file}`;
}

interface Edit {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly cause: RegExp;
  /** The sections that it can change. Absent for those that run only with all. */
  readonly changes?: RegExp;
}

const FAULTS: readonly Edit[] = [
  {
    name: 'taskid is taken for task_id',
    from: '        found = given.get(name)\n        value[name]',
    to: '        found = given.get(name, given.get(name.replace("_", "")))\n        value[name]',
    cause: /^a field is read from a name that only resembles its own \(M1\)$/,
    changes: /^library-(decode|task-files|generated)\//,
  },
  {
    name: 'integers pass through a double',
    from: '            raise ValueError(f"{name} is out of range")\n        return found',
    to: '            raise ValueError(f"{name} is out of range")\n        return int(float(found))',
    cause: /^an integer of 64 bits loses its low digits \(M9\)$/,
  },
  {
    name: 'base64 is read without its alphabet',
    from: '    if not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text) or len(text) % 4 != 0:\n        raise ValueError("no standard base64 with padding")\n    return base64.b64decode(text)',
    to: '    return base64.b64decode(text)',
    cause: /^base64 is not checked against its alphabet and padding \(M10\)$/,
  },
  {
    name: 'a bound counts characters',
    from: 'return len(found if isinstance(found, bytes) else found.encode("utf-8", "replace"))',
    to: 'return len(found)',
    cause: /^a bound counts characters where bytes are meant$/,
    changes: /^library-(validate|encode|decode|new-task)\//,
  },
  {
    name: 'the rewards mix both readings',
    from: 'staged_factor = penalty(staged, 600000)',
    to: 'staged_factor = 0.3 * min(max(0, staged) / 600000, 1)',
    cause: /^the rewards mix the two readings of the penalties \(P6\)$/,
  },
  {
    name: 'a truncated frame is not reported',
    from: 'return frames, "truncated" if is_truncated else None',
    to: 'return frames, None',
    cause: /^a stream that ends inside a frame is not reported as truncated \(F4\)$/,
  },
  {
    name: 'the offset of a time has the wrong sign',
    from: '* 60 * (1 if sign == "+" else -1)',
    to: '* 60 * (-1 if sign == "+" else 1)',
    cause: /^the offset of a time is applied with the wrong sign \(L3\)$/,
    changes: /^library-(times|task-files|expiry|durations|polo|generated)\//,
  },
  {
    name: 'a month 13 is taken',
    from: '    if not 1 <= month <= 12:\n        raise ValueError("no such month")\n',
    to: '    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1\n',
    cause: /^the month of a time is not checked \(L3\)$/,
  },
  {
    name: 'the extension begins at the first dot',
    from: 'dot = filename.rfind(".")',
    to: 'dot = filename.find(".")',
    cause: /^the extension is not taken from the last dot \(R4\)$/,
  },
  {
    name: 'a required field is left out when it is empty',
    from: 'if optional and found == ZERO[kind]:',
    to: 'if found == ZERO[kind] and name != "result":',
    cause: /^a required field is left out$/,
    changes: /^library-(encode|new-task|task-files|differences|generated)\//,
  },
  {
    name: 'text is escaped as HTML',
    from: '    text = text.encode("utf-8", "replace").decode("utf-8")\n',
    to: '    text = text.encode("utf-8", "replace").decode("utf-8").replace("<", "&lt;")\n',
    cause: /^text is escaped as HTML/,
  },
  {
    name: 'the accept timeout is two minutes',
    from: 'is_over(task["created_at"], 60, now)',
    to: 'is_over(task["created_at"], 120, now)',
    cause: /^the bound of the accept timeout is wrong \(L1\)$/,
  },
  {
    name: 'a new task is created at a whole second',
    from: '    created_at = format_time(*parse_time(args["now"]))',
    to: '    created_at = format_time(parse_time(args["now"])[0], 0)',
    cause: /^created_at of a new task lacks the milliseconds of the present time \(L3\)$/,
    changes: /^library-new-task\//,
  },
  {
    name: 'a duration ends at a whole second',
    from: 'parse_time(task[SINCE[args["what"]]]), parse_time(args["now"]))',
    to: 'parse_time(task[SINCE[args["what"]]]), (parse_time(args["now"])[0], 0))',
    cause: /^a duration is wrong \(L3\)$/,
    changes: /^library-durations\//,
  },
];

const FREEDOMS: readonly Edit[] = [
  {
    name: 'names are matched with regard to case',
    from: '        found = given.get(name)\n        value[name]',
    to: '        found = given.get(name)  # as it is\n        value[name]',
    cause: /case folding/,
    changes: /^library-(decode|task-files|generated)\//,
  },
  {
    name: 'an offset of 24 hours and of 60 minutes is taken',
    from: 'if int(offset_hour) > 23 or int(offset_minute) > 59:',
    to: 'if int(offset_hour) > 24 or int(offset_minute) > 60:',
    cause: /an offset of 24 hours or 60 minutes/,
  },
  {
    name: '< is not escaped',
    from: "'[\\x00-\\x1f\"\\\\\\\\<>&\\u2028\\u2029]'",
    to: "'[\\x00-\\x1f\"\\\\\\\\]'",
    cause: /<, > and & are escaped otherwise/,
  },
  {
    name: 'optional fields are written when they are empty',
    from: 'if optional and found == ZERO[kind]:',
    to: 'if False:',
    cause: /optional fields are written although they are empty/,
    changes: /^library-(encode|new-task|task-files|differences|generated)\//,
  },
  {
    name: 'fields are written in another order',
    from: 'for name, text in members(message, value)) + "}").encode()',
    to: 'for name, text in sorted(members(message, value))) + "}").encode()',
    cause: /another order of fields/,
  },
  {
    name: 'rewards follow the proportional reading',
    from: 'return min(max(0, ms) / scale_ms, 0.3)',
    to: 'return 0.3 * min(max(0, ms) / scale_ms, 1)',
    cause: /the proportional reading of the polo score/,
  },
];

/** Inputs that take long, and are the same for every message. */
const LARGE = /-depth-|-long|-fills-frame|\/length-|file-data-(?:at|below|above|far-above)|result-text-/;

const ALL = process.env['CONFORM_ADAPTER_FAULTS'] === 'all';

function selected(edits: readonly Edit[]): readonly Edit[] {
  return edits.filter(({ changes }) => ALL || changes !== undefined);
}

function reportOn(t: Test, edit: Edit): Promise<LibraryReport> {
  const line = adapterWith(t, edit);
  const { changes } = edit;
  if (ALL || changes === undefined) return report(line);
  return report(line, { isSelected: (one) => isSmall(one) && changes.test(one.id) });
}

for (const edit of selected(FAULTS))
  t.test(`fault: ${edit.name}`, { skip }, async (t) => {
    const found = await reportOn(t, edit);
    const causes = found.causes('MUST', 'SHOULD');
    t.equal(causes.length, 1, causes.join('; '));
    t.match(causes[0], edit.cause);
  });

for (const edit of selected(FREEDOMS))
  t.test(`freedom: ${edit.name}`, { skip }, async (t) => {
    const found = await reportOn(t, edit);
    t.strictSame(found.causes('MUST', 'SHOULD'), []);
    const named = found.causes('MAY').filter((one) => edit.cause.test(one));
    t.equal(named.length, 1, found.causes('MAY').join('; '));
  });

/** Times, states and names have types of their own. */
const STRICT = {
  from: '# --- The adapter ---',
  to: `${readFileSync('conformance/libraries/testing/strict.py', 'utf8')}\n\n# --- The adapter ---`,
};

t.test('a type for times that holds milliseconds breaks a SHOULD alone', { skip }, async (t) => {
  const line = adapterWith(t, STRICT, { from: '"0")[:9].ljust', to: '"0")[:3].ljust' });
  const found = await report(line, {
    isSelected: (one) =>
      isSmall(one) && /^library-(times|task-files|new-task|durations|expiry|generated)\//.test(one.id),
  });
  t.strictSame(found.causes('MUST'), []);
  t.not(found.causes('SHOULD').length, 0);
  t.match(found.verdicts.get('library-task-files/new-read'), { verdict: 'fail' });
});

t.test('freedom: a negative cpu time is none', { skip }, async (t) => {
  const line = adapterWith(t, { from: 'cpu_minutes = cpu / 60000', to: 'cpu_minutes = max(0, cpu) / 60000' });
  const found = await report(line, { isSelected: ({ id }) => /^library-polo\//.test(id) });
  t.strictSame(found.causes('MUST', 'SHOULD', 'MAY'), []);
});

t.test('freedom: times, states and names are checked, and times are written in UTC', { skip }, async (t) => {
  const line = adapterWith(t, STRICT);
  const found = await report(line, { isSelected: (one) => !LARGE.test(one.id) });
  t.strictSame(found.end, { kind: 'end', because: 'complete' });
  t.strictSame(found.causes('MUST', 'SHOULD'), []);
  const named = found.causes('MAY').join('; ');
  for (const cause of [
    'a time that is not RFC 3339 (L3)',
    'a status that is none of the eight states (U2)',
    'a task file whose time or state is missing or unknown (M13)',
    'a file name that may not be sent (R4)',
  ])
    t.ok(named.includes(cause), `${cause} in ${named}`);
});

// The last one: its large inputs leave a process whose memory makes each further start of an adapter slow.
t.test('the adapter passes', { skip }, async (t) => {
  const found = await report('python3 docs/adapters/adapter.py', { isSelected: isQuick });
  t.strictSame(found.end, { kind: 'end', because: 'complete' });
  t.strictSame(found.causes('MUST', 'SHOULD'), []);
  t.notOk(found.counts['skipped']);
});
