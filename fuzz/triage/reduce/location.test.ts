import t from 'tap';
import { type Action, type Case, EXACT, encodeActions } from '../../case/case.ts';
import { faultSitesOf, siteText } from './location.ts';

const frame = (payload: string, type = 1): Action => ({
  do: 'frame',
  type,
  declared: EXACT,
  payload: Buffer.from(payload),
});
const caseOf = (...actions: Action[]): Case => ({ arrangement: 'at-once', connections: [actions] });
const textsOf = (value: Case): string[] => faultSitesOf(value).map(siteText);

t.test('the value that is not plain, with the path of its field and its bytes', async (t) => {
  const value = caseOf(frame('{"task_id":"","task_description":"a\\u0000b","from_addr":"","to_addr":""}'));
  const sites = faultSitesOf(value);
  t.match(sites, [{ connection: 1, path: 'task_description' }]);
  t.equal(sites.length, 1);
  const [site] = sites;
  const bytes = encodeActions(value.connections[0] ?? []).subarray(site?.from, site?.to);
  t.equal(bytes.toString(), '"a\\u0000b"');
  t.strictSame(textsOf(value), ['bytes 41–50: value of task_description in frame 1: "a\\u0000b"']);
});

t.test('values in nested containers, names, and names that stand twice', async (t) => {
  t.match(faultSitesOf(caseOf(frame('{"":{"é":["",1e400]}}'))), [
    { path: '.é', from: 13, to: 17 },
    { path: '.é[1]', from: 22, to: 27 },
  ]);
  t.match(faultSitesOf(caseOf(frame('{"task_id":"","task_id":0}'))), [
    { path: 'task_id', from: 22, to: 31, what: /again/ },
  ]);
});

t.test('the header, and steps that send nothing', async (t) => {
  const long: Action = { do: 'frame', type: 7, declared: { kind: 'long', by: 5 }, payload: Buffer.from('') };
  t.strictSame(textsOf(caseOf(frame('x'), long, { do: 'fin' })), [
    'byte 8: payload of frame 1: x',
    'bytes 9–12: type 7 of frame 2',
    'bytes 13–16: declared length 5 of frame 2, whose payload has 0 bytes',
    'after byte 16: the end of sending (FIN)',
  ]);
});

t.test('a payload that is no JSON object, or not UTF-8, is one site; a plain frame is one', async (t) => {
  t.strictSame(textsOf(caseOf(frame('[[[['))), ['bytes 8–11: payload of frame 1: [[[[']);
  t.strictSame(textsOf(caseOf(frame('{"a":[}'))), ['bytes 8–14: payload of frame 1: {"a":[}']);
  t.match(
    textsOf(caseOf({ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from([0x7b, 0xff, 0x7d]) })),
    [/^bytes 8–10/],
  );
  t.strictSame(textsOf(caseOf(frame(''))), ['bytes 0–7: frame 1, which is empty']);
  t.strictSame(textsOf(caseOf(frame('{"task_id":""}'))), ['bytes 0–21: frame 1 as a whole: {"task_id":""}']);
  t.strictSame(faultSitesOf({ arrangement: 'at-once', connections: [] }), []);
});

t.test('nothing of the input reaches the words unescaped', async (t) => {
  for (const text of textsOf(
    caseOf(frame('{"\u001b[2J":"\u202e","a":1}'), { do: 'bytes', bytes: Buffer.from('\u001b[2J') }),
  ))
    t.notMatch(text, /[\p{Cc}\p{Cf}]/u);
});
