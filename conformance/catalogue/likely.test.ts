import t from 'tap';
import { describeSign } from '../judge/describe.ts';
import type { Sign } from '../scenario/mismatch-kind.ts';
import type { AnswerOutcome, Scenario, StoreCondition } from '../scenario/scenario.ts';
import { catalogue } from './index.ts';

/** The signs that an outcome or a condition can give when the observation does not match. */
function wireSigns({ accept }: Scenario): Sign[] {
  const kinds = accept.map(({ kind }) => kind);
  const wanted = accept.filter((outcome) => outcome.kind === 'answers');
  if (wanted.length > 0) {
    return [
      'partial frame',
      'bytes after the answer',
      'number of frames',
      ...(kinds.includes('closes') ? [] : (['no answer, closed'] as const)),
      ...(kinds.some((kind) => kind.startsWith('silent')) ? [] : (['no answer, open'] as const)),
      ...wanted.flatMap(answerSigns),
    ];
  }
  return [
    'answered',
    'partial frame',
    ...(kinds.includes('silent') && !kinds.includes('closes') ? (['closed'] as const) : []),
    ...(kinds.every((kind) => kind === 'closes') ? (['kept open'] as const) : []),
  ];
}

function answerSigns({
  types,
  isResponse,
  statuses,
  taskId,
  taskIds,
  message,
  withinMs,
}: AnswerOutcome): Sign[] {
  const fieldSigns = (name: 'status' | 'task_id' | 'message') =>
    (['unreadable', 'missing', 'wrong type', 'wrong value'] as const).map(
      (problem) => `${name} ${problem}` as const,
    );
  return [
    ...(types ? (['frame type'] as const) : []),
    ...(isResponse ? (['not a response'] as const) : []),
    ...(statuses ? fieldSigns('status') : []),
    ...(statuses && !statuses.includes(200) ? (['accepted'] as const) : []),
    ...(statuses && !statuses.includes(400) ? (['rejected'] as const) : []),
    ...(taskId || taskIds ? fieldSigns('task_id') : []),
    ...(message ? fieldSigns('message') : []),
    ...(withinMs === undefined ? [] : (['late'] as const)),
  ];
}

function storeSigns(condition: StoreCondition): Sign[] {
  switch (condition.kind) {
    case 'unchanged':
    case 'only-task':
      return ['file touched', 'file escaped'];
    case 'absent':
      return ['file escaped'];
    case 'kept':
      return ['data not kept'];
    case 'result-file':
      return ['result file missing', 'result file content'];
    case 'valid-task':
      return [
        'task file missing',
        'task file unreadable',
        ...ANY_FIELD,
        ...(condition.isDocumented ? (['stored result_type'] as const) : []),
      ];
    case 'task': {
      const { fields, present = [], empty = [], isPrivate } = condition;
      const names = [...Object.keys(fields), ...present, ...empty];
      return [
        'task file missing',
        'task file unreadable',
        'stored field',
        ...names.map((name): Sign => `stored ${name}`),
        ...(isPrivate ? (['task file permissions'] as const) : []),
      ];
    }
  }
}

const ANY_FIELD: readonly Sign[] = [
  ...['stored field', 'stored status', 'stored created_at', 'stored accepted_at'],
] as readonly Sign[];

function signsFor(scenario: Scenario): Sign[] {
  return [
    ...wireSigns(scenario),
    ...(scenario.store ?? []).flatMap(storeSigns),
    ...(scenario.maxGrowth ? (['growth'] as const) : []),
    'died',
  ];
}

t.test('a cause is bound only to mismatches that its scenario can give', async (t) => {
  const dead = catalogue.flatMap((scenario) => {
    const possible = signsFor(scenario);
    return (scenario.likely ?? []).flatMap(({ when, cause }) =>
      when.filter((sign) => !possible.includes(sign)).map((sign) => `${scenario.id}: ${sign}: ${cause}`),
    );
  });
  t.strictSame(dead, []);
});

t.test('a scenario has one cause for a mismatch', async (t) => {
  const repeated = catalogue.flatMap(({ id, likely = [] }) => {
    const signs = likely.flatMap(({ when }) => when);
    return signs.filter((sign, index) => signs.indexOf(sign) !== index).map((sign) => `${id}: ${sign}`);
  });
  t.strictSame(repeated, []);
});

/** The kinds of evidence. What explains one of them explains no other. */
const EVIDENCE: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['store', /^(stored|task file|result file|data|file) /],
  ['process', /^(growth|died)$/],
  ['no answer', /^no answer|^kept open$/],
  ['an answer where none may come', /^(answered|partial frame)$/],
  ['the verdict in the answer', /^(accepted|rejected)$/],
  [
    'the form of the answer',
    /^(status|task_id|message|frame type|not a response|bytes after|number of|late)/,
  ],
  ['an early close', /^closed$/],
];

/**
 * Causes that explain several kinds of evidence. A fault before the decision, such as a payload that is read in part, shows as
 * no answer or as a rejection; an unhandled end of a connection shows as a hanging connection or as the end of the process.
 */
const SEVERAL: readonly string[][] = [
  ['no answer', 'the verdict in the answer'],
  ['no answer', 'process'],
  ['an answer where none may come', 'no answer'],
  ['no answer', 'an early close'],
  ['no answer', 'the verdict in the answer', 'the form of the answer'],
  ['no answer', 'the form of the answer'],
];

t.test('a cause explains one kind of evidence, or kinds that belong together', async (t) => {
  const evidenceOf = (sign: Sign) => EVIDENCE.find(([, pattern]) => pattern.test(sign))?.[0] ?? sign;
  const kinds = new Map<string, Set<string>>();
  for (const { when, cause } of catalogue.flatMap(({ likely = [] }) => likely))
    kinds.set(cause, new Set([...(kinds.get(cause) ?? []), ...when.map(evidenceOf)]));
  const mixed = [...kinds]
    .map(([cause, evidence]) => [cause, [...evidence].sort()] as const)
    .filter(([, evidence]) => evidence.length > 1)
    .filter(([, evidence]) => !SEVERAL.some((some) => some.toSorted().join() === evidence.join()));
  t.strictSame(mixed, []);
});

t.test('every cause is a sentence, and every sign has words', async (t) => {
  const all = catalogue.flatMap(({ likely = [] }) => likely);
  t.strictSame(
    all.filter(({ cause }) => !/^[A-Z][^\n]*\.$/.test(cause)),
    [],
  );
  const words = all.flatMap(({ when }) => when.map((sign) => [sign, describeSign(sign)] as const));
  t.strictSame(
    words.filter(([sign, text]) => text === sign),
    [],
  );
});
