import t from 'tap';
import { EXACT } from '../case/case.ts';
import { CaseError } from '../case/case-json.ts';
import type { Finding } from './finding.ts';
import { findingFiles, readFinding } from './finding-files.ts';

const finding: Finding = {
  id: 'reacts-00000000',
  invariant: 'reacts',
  clause: 'S8',
  detail: 'seen',
  symptom: 'reacts S8: no reaction',
  cause: 'the process waits',
  where: [{ connection: 1, from: 8, to: 10, what: 'payload of frame 1: {}' }],
  value: {
    arrangement: 'at-once',
    connections: [[{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from('{}') }]],
  },
  failed: 2,
  attempts: 3,
  isMinimal: true,
  distinguishing: ['a value {}'],
  origin: { lane: 'base', seed: 1, index: 2 },
  mutations: ['bytes/flip'],
  originalBytes: 100,
  transcript: ['sent 10 bytes'],
  wire: [],
  target: { usual_ms: 1 },
};

t.test('the names in a file are permanent', async (t) => {
  const files = findingFiles(finding);
  t.strictSame(
    [...files.keys()],
    ['json', 'bin', 'sh', 'mjs', 'py'].map((end) => `reacts-00000000.${end}`),
  );
  t.strictSame(JSON.parse(String(files.get('reacts-00000000.json'))), {
    id: 'reacts-00000000',
    invariant: 'reacts',
    clause: 'S8',
    requirement: 'The target answers a complete frame, or closes its connection, within the deadline.',
    detail: 'seen',
    symptom: 'reacts S8: no reaction',
    cause: 'the process waits',
    where: [
      {
        connection: 1,
        from: 8,
        to: 10,
        what: 'payload of frame 1: {}',
        text: 'bytes 8–9: payload of frame 1: {}',
      },
    ],
    failed: 2,
    plays: 3,
    minimal: true,
    bytes: 10,
    original_bytes: 100,
    peculiar: ['a value {}'],
    origin: { lane: 'base', seed: 1, index: 2 },
    mutations: ['bytes/flip'],
    case: {
      arrangement: 'at-once',
      connections: [[{ do: 'frame', type: 1, declared: 'exact', payload: '{}' }]],
    },
    transcript: ['sent 10 bytes'],
    target: { usual_ms: 1 },
  });
  t.strictSame(files.get('reacts-00000000.bin'), Buffer.from('00000001000000027b7d', 'hex'));
});

t.test('a file is read back', async (t) => {
  const { id, invariant, symptom, value } = finding;
  const read = readFinding(String(findingFiles(finding).get('reacts-00000000.json')));
  t.match(read, { id, invariant, symptom, value: { arrangement: value.arrangement } });
});

t.test('a file that is not a finding is refused', async (t) => {
  for (const text of ['', 'null', '[]', '{"id":"x"}', '{"id":"x","symptom":"y","invariant":"toString"}'])
    t.throws(() => readFinding(text), CaseError);
});

t.test(
  'an id that a terminal, a shell or a file system could take for something else is refused',
  async (t) => {
    const text = (id: string): string =>
      String(findingFiles(finding).get(`${finding.id}.json`)).replace(
        '"reacts-00000000"',
        JSON.stringify(id),
      );
    t.equal(readFinding(text('reacts-00000000')).id, 'reacts-00000000');
    for (const id of [
      '',
      '\u001b[2J',
      'a\nb',
      'a\u009bb',
      'a\u2028b',
      '../a',
      '$(id)',
      'a b',
      '*/',
      'é',
      'a'.repeat(101),
    ])
      t.throws(() => readFinding(text(id)), {
        constructor: CaseError,
        message: /^the id of the finding has other/,
      });
  },
);
