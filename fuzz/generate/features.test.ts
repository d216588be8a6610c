import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { featuresOf, featuresOfDifference } from './features.ts';

const submit = (payload: string, type = 1): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) }]],
});

t.test('the features of unusual cases', async (t) => {
  const unusual: [Case, string][] = [
    [submit('{"a\\tb":1}'), 'a name holds \\t'],
    [submit('{"a":-0}'), 'a value -0'],
    [submit('{"a":"x\\\\"}'), 'a value ends in \\\\'],
    [submit('{"a":"\u2028"}'), 'a value holds \\u{2028}'],
    [submit('{"a":1,"a":2,"a":3}'), 'a name stands 3 times'],
    [submit(`{"${'x'.repeat(300)}":1}`), 'a name of 256 or more characters'],
    [submit('{"file_data":{}}', 4), '"file_data" is {}'],
    [submit('{"TASK_ID":"a"}'), "a field's name in other letter case"],
    [submit('[[[1]'), 'brackets that do not match'],
    [submit('', 9), 'type unknown'],
    [submit('', 2), 'type 2 first'],
    [
      {
        arrangement: 'at-once',
        connections: [
          [
            {
              do: 'frame',
              type: 3,
              declared: { kind: 'absolute', length: 0xffffff },
              payload: Buffer.alloc(0),
            },
          ],
        ],
      },
      'type 3 declares more bytes, 8388608 or more',
    ],
    [{ arrangement: 'at-once', connections: [[{ do: 'bytes', bytes: Buffer.from('GET') }]] }, '3 bytes only'],
  ];
  for (const [value, feature] of unusual)
    t.ok(featuresOf(value).has(feature), `${feature}: ${[...featuresOf(value)].join('; ')}`);
});

t.test('an ordinary case has only the kinds of its fields', async (t) => {
  const ordinary = featuresOf(submit('{"task_id":"a","task_description":"b"}'));
  t.strictSame([...ordinary].toSorted(), [
    '"task_description" is a string',
    '"task_id" is a string',
    'header of type 1',
    'type 1',
    'type 1 first',
  ]);
});

t.test('a whole frame and the beginning of one share their header', async (t) => {
  const bytes = Buffer.from('00000002000000487b22', 'hex');
  const begun: Case = { arrangement: 'at-once', connections: [[{ do: 'bytes', bytes }]] };
  const shared = [...featuresOf(begun)].filter((feature) => featuresOf(submit('', 2)).has(feature));
  t.strictSame(shared, ['header of type 2']);
});

t.test('only a connection that ends within the header is short', async (t) => {
  const bytes = (text: string) => ({ do: 'bytes', bytes: Buffer.from(text) }) as const;
  const short: Case = { arrangement: 'at-once', connections: [[bytes('GET'), { do: 'reset' }]] };
  const longer: Case = { arrangement: 'at-once', connections: [[bytes('GET'), bytes(' / HTTP')]] };
  t.ok(featuresOf(short).has('3 bytes in all'));
  t.ok(featuresOf(longer).has('3 bytes only'));
  t.notOk(featuresOf(longer).has('3 bytes in all'));
});

t.test('only the first frame of a connection has its type as the first', async (t) => {
  const two: Case = {
    arrangement: 'at-once',
    connections: [[...(submit('{}').connections[0] ?? []), ...(submit('{}', 2).connections[0] ?? [])]],
  };
  const features = featuresOf(two);
  t.ok(features.has('type 2'));
  t.notOk(features.has('type 2 first'));
});

t.test('unusual names are the features of a difference', async (t) => {
  t.strictSame(
    featuresOfDifference(submit('{"From_addr":[]}')),
    featuresOfDifference(submit('{"TASK_ID":"a"}')),
  );
  for (const name of ['ta\\u017fk_id', 'ta\u017fk_id', 'tas\u212a_id', 'tas\\u004b_id'])
    t.strictSame(
      featuresOfDifference(submit(`{"${name}":1}`)),
      featuresOfDifference(submit('{"TASK_ID":"a"}')),
      name,
    );
  t.not(
    featuresOfDifference(submit('{"tas\\u006b_id":1}')).join(),
    featuresOfDifference(submit('{"TASK_ID":1}')).join(),
  );
  t.strictSame(featuresOfDifference(submit('-0')), ['a value -0', 'type 1']);
});
