import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { VectorByPath } from '../../conformance/vectors/load.ts';
import { vectorFile } from '../../conformance/vectors/load.ts';
import { conformHere } from '../testing/process.ts';
import { disagreement, VECTOR_PATHS } from '../vectors/verify/verify.ts';

const FRAME_KINDS = ['vectors/encode', 'vectors/decode', 'vectors/frames', 'golden/index'] as const;

t.test('the reference agrees with every vector, and the table says so', async (t) => {
  const { status, out } = await conformHere('fixtures');
  t.equal(status, 0);
  const rows = out.trimEnd().split('\n').slice(1);
  const cells = rows.map((row) => row.split(/ +/));
  const counts = VECTOR_PATHS.map((path) => vectorFile(path).count);
  const expected = VECTOR_PATHS.map((path, at) => [`${path}.json`, `${counts[at]}`, `${counts[at]}`, '0']);
  const total = String(counts.reduce((sum, count) => sum + count));
  t.strictSame(cells, [...expected, ['all', total, total, '0']]);
});

/** The reason for which a test that runs this command is skipped, if it is. */
function without(command: string): { skip: string | false } {
  return {
    skip: spawnSync(command, [command === 'go' ? 'version' : '--version']).error
      ? `there is no ${command}`
      : false,
  };
}

/** For each file, a vector that expects something else than it should. */
const WRONG: { readonly [P in keyof VectorByPath]: (vector: VectorByPath[P]) => VectorByPath[P] } = {
  'vectors/decode': (vector) =>
    vector.valid
      ? { ...vector, value: { ...vector.value, task_id: 'another' } }
      : { ...vector, valid: true, value: {} },
  'vectors/encode': (vector) => ({ ...vector, frame_hex: '0000000100000000' }),
  'vectors/frames': (vector) => ({ ...vector, frames: [...vector.frames, ...vector.frames, EMPTY_FRAME] }),
  'vectors/task-files': (vector) => ({ ...vector, text: `${vector.text}\n` }),
  'vectors/times': (vector) =>
    vector.valid
      ? { ...vector, nanosecond: vector.nanosecond + 1 }
      : { ...vector, valid: true, unix_seconds: 0, nanosecond: 0 },
  'vectors/validation': (vector) =>
    vector.valid ? { ...vector, valid: false, field: 'filename' } : { ...vector, field: 'task_id' },
  'vectors/extensions': (vector) => ({
    ...vector,
    verdict: vector.verdict === 'unknown' ? 'forbidden' : 'unknown',
  }),
  'vectors/polo': (vector) => ({
    ...vector,
    expected: { ...vector.expected, cpu_bonus: vector.expected.cpu_bonus + 1e-9 },
  }),
  'vectors/task-ids': (vector) => ({ ...vector, task_id: vector.task_id.toUpperCase().replaceAll('0', '1') }),
  'golden/index': (vector) =>
    vector.valid
      ? { ...vector, valid: false, refused_by: 'frame' }
      : { ...vector, refused_by: vector.refused_by === 'type' ? 'frame' : 'type' },
};
const EMPTY_FRAME = { type: 1, type_name: 'SUBMIT', length: 0, payload_hex: '' };

function unnoticed<P extends keyof VectorByPath>(path: P): string[] {
  return vectorFile(path)
    .vectors.filter((vector) => disagreement(path, WRONG[path](vector)) === undefined)
    .map(({ id }) => id);
}

for (const path of VECTOR_PATHS) {
  t.test(`a wrong expectation in ${path} is a disagreement`, async (t) => {
    const { vectors } = vectorFile(path);
    t.ok(vectors.length > 0);
    t.strictSame(unnoticed(path), []);
  });
}

t.test('a disagreement is one line', async (t) => {
  const [vector] = vectorFile('vectors/encode').vectors;
  const reason = vector && disagreement('vectors/encode', WRONG['vectors/encode'](vector));
  t.match(reason, /^frame: expected .*, found .*$/);
});

t.test('--list shows the vectors that --only and --level select', async (t) => {
  const { status, out } = await conformHere(
    'fixtures',
    '--list',
    '--only',
    'encode-*',
    '--level',
    'SHOULD',
    '--json',
  );
  t.equal(status, 0);
  const expected = vectorFile('vectors/encode').vectors.filter(({ level }) => level === 'should');
  t.ok(expected.length > 0);
  t.strictSame(
    JSON.parse(out),
    expected.map(({ id, clause, level, note }) => ({ id, file: 'vectors/encode.json', clause, level, note })),
  );
  const text = await conformHere('fixtures', '--list', '--only', 'golden-over-cap');
  t.match(text, { status: 0, out: /^golden-over-cap +F2 +must +\S.*\n$/ });
});

t.test('options that select nothing, or contradict each other', async (t) => {
  const dir = t.testdir();
  for (const args of [
    ['--only', 'no-such-vector'],
    ['--only', 'golden-*', '--level', 'MAY'],
    ['--export', dir],
    ['--format', 'go'],
    ['--json'],
    ['--list', '--export', dir, '--format', 'go'],
    ['--export', dir, '--format', 'go', '--only', 'polo-*'],
  ]) {
    t.match(
      await conformHere('fixtures', ...args),
      { status: 2, out: '', err: /^conform: [^\n]+\n$/ },
      args.join(' '),
    );
  }
});

t.test('--format json writes the folder fixtures/ again', async (t) => {
  const dir = join(t.testdir(), 'new', 'folder');
  t.match(await conformHere('fixtures', '--export', dir, '--format', 'json'), {
    status: 0,
    out: /^wrote [^\n]+\n$/,
  });
  for (const path of [
    ...VECTOR_PATHS.map((path) => `${path}.json`),
    'golden/over-cap.bin',
    'schema/polo.schema.json',
  ])
    t.ok(readFileSync(join(dir, path)).equals(readFileSync(join('fixtures', path))), path);
});

t.test('--format json writes the selected vectors, and no other file', async (t) => {
  const dir = t.testdir();
  await conformHere('fixtures', '--export', dir, '--format', 'json', '--only', 'golden-over-cap*');
  const index = JSON.parse(readFileSync(join(dir, 'golden/index.json'), 'utf8'));
  t.match(index, { count: 2, vectors: [{ id: 'golden-over-cap' }, { id: 'golden-over-cap-sign-bit' }] });
  t.notOk(existsSync(join(dir, 'vectors')));
});

t.test('--format bin writes a file for each vector, and an index', async (t) => {
  const dir = t.testdir();
  await conformHere(
    'fixtures',
    '--export',
    dir,
    '--format',
    'bin',
    '--only',
    'frames-header-*',
    '--only',
    'golden-*',
  );
  const index: { id: string; kind: string; file: string; size: number }[] = JSON.parse(
    readFileSync(join(dir, 'index.json'), 'utf8'),
  );
  t.ok(index.some(({ kind }) => kind === 'frames') && index.some(({ kind }) => kind === 'golden'));
  for (const { file, size } of index) t.equal(readFileSync(join(dir, file)).length, size, file);
  const frame = readFileSync(join(dir, 'golden/golden-submit-request.bin'));
  t.ok(frame.equals(readFileSync('fixtures/golden/submit-request.bin')));
});

t.test(
  'Python reads the exported module, which prints what it got and what was wanted',
  without('python3'),
  async (t) => {
    const dir = t.testdir();
    const { status, out } = await conformHere('fixtures', '--export', dir, '--format', 'python');
    t.equal(status, 0);
    t.match(out, /^wrote \d+ vectors in 1 file to .*; \d+ of more than 64 KiB left out\n$/);
    writeFileSync(join(dir, 'check.py'), CHECK);
    writeFileSync(join(dir, 'adapter.py'), readFileSync('docs/adapters/adapter.py'));
    const { stdout, stderr } = spawnSync('python3', ['check.py'], {
      cwd: dir,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    t.equal(stderr, '');
    const [found = '', right, wrong = ''] = stdout.split('-- next\n');
    const { encode, bytes } = JSON.parse(found);
    const files = FRAME_KINDS.flatMap((path) => vectorFile(path).vectors);
    const small = vectorFile('vectors/encode').vectors.filter((v) => v.level === 'must' && 'frame_hex' in v);
    t.ok(encode >= small.length);
    const hex = new Map(files.flatMap((v) => ('payload_hex' in v ? [[v.id, v.payload_hex] as const] : [])));
    t.ok(hex.size > 0);
    for (const [id, expected] of hex) if (bytes[id] !== expected) t.equal(bytes[id], expected, id);

    t.equal(right, '0\n', 'the example adapter agrees');
    t.match(wrong, /^decode-\S+ \(\w+\): .*\n {3}got: \{'task_id': 'x'\}\n {2}want: \{'task_id': ''\}/m);
    t.match(wrong, /^encode-\S+ \(\w+\): .*\n {3}got: ''\n {2}want: '00000001 and the length/m);
    t.match(wrong, /^frames-\S+ \(\w+\): .*\n {3}got: \(\[\], 'clean'\)\n {2}want: /m);
  },
);

const CHECK = `
import json
import adapter
from vectors import VECTORS, check
legal = [v for v in VECTORS if v["kind"] == "encode" and v["level"] == "must" and v["accepted"]]
for v in legal:
    kind, length = int.from_bytes(v["bytes"][:4], "big"), int.from_bytes(v["bytes"][4:8], "big")
    assert kind in (1, 2, 3, 4) and length == len(v["bytes"]) - 8, v["id"]
    assert isinstance(json.loads(v["bytes"][8:]), dict), v["id"]
print(json.dumps({"encode": len(legal), "bytes": {v["id"]: v["bytes"].hex() for v in VECTORS}}))
print("-- next")
def read(stream):
    frames, error = adapter.read_frames(stream, True)
    return frames, error or "clean"
print(check(adapter.decode, adapter.encode, read))
print("-- next")
print(check(lambda message, payload: {"task_id": "x"}, lambda *_: b"", lambda _: ([], "clean")))
`;

t.test(
  'a C compiler accepts the exported source, which prints what it got and what was wanted',
  without('cc'),
  async (t) => {
    const dir = t.testdir();
    const patterns = ['decode-*empty*', 'decode-submit-response-*', 'frames-*'];
    const only = patterns.flatMap((pattern) => ['--only', pattern]);
    await conformHere('fixtures', '--export', dir, '--format', 'c', ...only);
    writeFileSync(join(dir, 'main.c'), MAIN);
    const flags = ['-std=c99', '-pedantic', '-Wall', '-Wextra', '-Werror', '-o', 'main'];
    const compiled = spawnSync('cc', [...flags, 'main.c', 'check.c', 'vectors.c'], {
      cwd: dir,
      encoding: 'utf8',
    });
    t.equal(compiled.stderr, '');
    const { stdout } = spawnSync(join(dir, 'main'), { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    t.match(stdout, /^decode-\S+ \(\w+\): .*\n {3}got: status = 0\n {2}want: status = -?\d+\n/m);
    t.match(stdout, /^decode-\S+ \(\w+\): .*\n {3}got: accepted\n {2}want: refused\n/m);
    t.match(stdout, /^frames-\S+ .*\n {3}got: 0 frames, then clean\n {2}want: \d+ frames, then /m);
    t.match(stdout, /^\d+ and [1-9]\d* failed\n$/m);
  },
);

const MAIN = `
#include "vectors.h"
static int decode(const char *message, const unsigned char *payload, size_t length, struct conform_field *fields, size_t count) {
  (void)message; (void)payload; (void)length; (void)fields; (void)count;
  return 1;
}
static const char *read(const unsigned char *stream, size_t length, struct conform_frame *frames, size_t most, size_t *count) {
  (void)stream; (void)length; (void)frames; (void)most;
  *count = 0;
  return "clean";
}
int main(void) {
  size_t decoded = conform_check_decode(decode, "must", stdout);
  size_t read_wrongly = conform_check_frames(read, "must", stdout);
  printf("%lu and %lu failed\\n", (unsigned long)decoded, (unsigned long)read_wrongly);
  return 0;
}
`;

t.test('Go source has one element on each line, in ASCII', async (t) => {
  const dir = t.testdir();
  await conformHere('fixtures', '--export', dir, '--format', 'go', '--level', 'MUST');
  const text = readFileSync(join(dir, 'vectors.go'), 'latin1');
  t.match(text, /^\/\/ Code generated .* DO NOT EDIT\.\n/);
  t.match(text, /\n\t\{ID: "golden-over-cap", Kind: "golden", .*, Bytes: \[\]byte\(".*"\)\},\n/);
  t.match(text, /Value: Value\{"task_id": "[^"]*", "status": int64\(200\), "message": "[^"]*"\}\},\n/);
  t.match(text, /Payloads: \[\]Payload\{\{1, 8, 15\}\}\},\n/);
  t.match(readFileSync(join(dir, 'check.go'), 'latin1'), /\nfunc CheckDecode\(t T, decode func/);
  t.notMatch(text, /[^\t\n\x20-\x7e]/);
});

t.test('Go compiles the package, which prints what it got and what was wanted', without('go'), async (t) => {
  const dir = t.testdir({ 'go.mod': 'module example\n\ngo 1.18\n', 'reader_test.go': READER });
  const kinds = [
    'decode-submit-response-*',
    'decode-task-result-result-*',
    'encode-submit-response*',
    'frames-*',
  ];
  const only = [...kinds, 'decode-task-file-*'].flatMap((pattern) => ['--only', pattern]);
  await conformHere('fixtures', '--export', join(dir, 'vectors'), '--format', 'go', ...only);
  const { stdout, stderr } = spawnSync('go', ['test', '-v', './...'], {
    ...{ cwd: dir, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off' },
  });
  t.equal(stderr, '');
  for (const name of ['Decode', 'Encode', 'Frames'])
    t.match(stdout, new RegExp(`--- PASS: Test${name}Right`), name);
  t.match(stdout, /decode-\S+ \(\w+\): .*\n {9}got: task_id = "x"\n {8}want: ""\n/);
  t.match(stdout, /decode-\S+ \(\w+\): .*\n {9}got: message = missing\n {8}want: "[^"]+"\n/);
  t.match(stdout, /decode-\S+ \(\w+\): .*\n {9}got: task_id = "x"\n {8}want: refused\n/);
  t.match(stdout, /encode-\S+ \(\w+\): .*\n {9}got: 00\n {8}want: a header as in 00000001/);
  t.match(stdout, /frames-\S+ \(\w+\): .*\n {9}got: \[\], then clean\n {8}want: \[\{1 8 \d+\}/);
});

/** The tests of a user: a reader over encoding/json, and one that is wrong in every way. */
const READER = `
package example

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"testing"

	"example/vectors"
)

type response struct {
	TaskID  string \`json:"task_id"\`
	Status  int64  \`json:"status"\`
	Message string \`json:"message"\`
}

func decode(message string, payload []byte) (vectors.Value, error) {
	if message == "TaskResult" {
		var fields map[string]interface{}
		if err := json.Unmarshal(payload, &fields); err != nil {
			return nil, err
		}
		return vectors.Value(fields), nil
	}
	if message != "SubmitResponse" {
		return nil, vectors.ErrUnsupported
	}
	var r response
	if err := json.Unmarshal(payload, &r); err != nil {
		return nil, err
	}
	return vectors.Value{"task_id": r.TaskID, "status": r.Status, "message": r.Message}, nil
}

func encode(message string, value vectors.Value) ([]byte, error) {
	id, _ := value["task_id"].(string)
	status, _ := value["status"].(int64)
	text, _ := value["message"].(string)
	payload, err := json.Marshal(response{id, status, text})
	header := make([]byte, 8, 8+len(payload))
	binary.BigEndian.PutUint32(header, 1)
	binary.BigEndian.PutUint32(header[4:], uint32(len(payload)))
	return append(header, payload...), err
}

func read(stream []byte) (frames []vectors.Frame, ending string) {
	r := bytes.NewReader(stream)
	for {
		var header [8]byte
		if _, err := io.ReadFull(r, header[:]); err == io.EOF {
			return frames, "clean"
		} else if err != nil {
			return frames, "truncated"
		}
		length := binary.BigEndian.Uint32(header[4:])
		if length > 16<<20 {
			return frames, "too-large"
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(r, payload); err != nil {
			return frames, "truncated"
		}
		frames = append(frames, vectors.Frame{Type: binary.BigEndian.Uint32(header[:]), Payload: payload})
	}
}

func TestDecodeRight(t *testing.T) { vectors.CheckDecode(t, decode, "must") }
func TestEncodeRight(t *testing.T) { vectors.CheckEncode(t, encode, "must") }
func TestFramesRight(t *testing.T) { vectors.CheckFrames(t, read, "must") }

func TestDecodeWrong(t *testing.T) {
	vectors.CheckDecode(t, func(string, []byte) (vectors.Value, error) { return vectors.Value{"task_id": "x"}, nil }, "must")
	vectors.CheckDecode(t, func(string, []byte) (vectors.Value, error) { return vectors.Value{"status": int64(200)}, nil }, "must")
}
func TestEncodeWrong(t *testing.T) {
	vectors.CheckEncode(t, func(string, vectors.Value) ([]byte, error) { return []byte{0}, nil }, "must")
}
func TestFramesWrong(t *testing.T) {
	vectors.CheckFrames(t, func([]byte) ([]vectors.Frame, string) { return nil, "clean" }, "must")
}
`;

t.test('an export replaces files of an earlier export, and no other file', async (t) => {
  const dir = t.testdir({ others: { 'vectors.py': 'mine' }, file: '' });
  const export_ = (name: string, ...args: string[]) =>
    conformHere('fixtures', '--export', join(dir, name), '--format', 'python', ...args);
  t.match(await export_('ours', '--only', 'golden-*'), { status: 0 });
  const first = readFileSync(join(dir, 'ours/vectors.py'), 'utf8');
  t.match(await export_('ours', '--only', 'golden-over-cap'), { status: 0 });
  t.not(readFileSync(join(dir, 'ours/vectors.py'), 'utf8'), first);
  t.match(await export_('others'), { status: 2, err: /others\/vectors\.py/ });
  t.equal(readFileSync(join(dir, 'others/vectors.py'), 'utf8'), 'mine');
  t.match(await export_('file'), { status: 2, out: '' });
});
