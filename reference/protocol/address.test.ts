import fc from 'fast-check';
import t from 'tap';
import { formatAddress, parseAddress } from './address.ts';

t.test('parseAddress reads host and port', (t) => {
  t.strictSame(parseAddress('127.0.0.1:1003'), { host: '127.0.0.1', port: 1003 });
  t.strictSame(parseAddress('agent-7.example.org:65535'), { host: 'agent-7.example.org', port: 65_535 });
  t.strictSame(parseAddress('[::1]:1'), { host: '::1', port: 1 });
  t.end();
});

t.test('any other text is not an address', (t) => {
  const others = [
    '',
    'host',
    'host:',
    ':1',
    'host:0',
    'host:65536',
    'host:01',
    'host:1 ',
    ' host:1',
    'a b:1',
    '::1:1',
  ];
  others.push('0:0000.0000.0001', 'host:1x', '-a:1', 'a/b:1', 'u@h:1', '[::1]', `${'a'.repeat(300)}:1`);
  for (const text of others) t.equal(parseAddress(text), undefined, text);
  t.end();
});

t.test('an address that was written is read back', (t) => {
  const host = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.domain().filter((name) => name.length <= 253),
  );
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      const read = parseAddress(formatAddress({ host, port }));
      return read?.host === host && read.port === port;
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'[]:.-a1 0/') }), (text) => {
      const read = parseAddress(text);
      return read === undefined || formatAddress(read) === text;
    }),
  );
  t.end();
});
