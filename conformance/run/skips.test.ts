import t from 'tap';
import { catalogue } from '../catalogue/index.ts';
import { floodNote } from './skips.ts';

const heavy = catalogue.filter((scenario) => scenario.heavy);
const preflight = (host: string, isLoopback: boolean) =>
  ({ address: { host, port: 1003 }, isLoopback }) as Parameters<typeof floodNote>[1]['preflight'];

t.test(
  'what floods a target on another machine is left out with a line that names the address',
  async (t) => {
    const remote = preflight('192.0.2.7', false);
    t.match(
      floodNote(catalogue, { heavy: false, preflight: remote }, 'staging'),
      new RegExp(
        `^staging \\(192\\.0\\.2\\.7\\) is not this machine, so ${heavy.length} scenarios that flood it are left out; --i-own-this-target includes them$`,
      ),
    );
    t.match(
      floodNote(heavy.slice(0, 1), { heavy: false, preflight: remote }, '192.0.2.7'),
      /^192\.0\.2\.7 is not .* 1 scenario that floods it is left out; /,
    );
    t.equal(floodNote(catalogue, { heavy: true, preflight: remote }, 'staging'), undefined);
    t.equal(
      floodNote(catalogue, { heavy: false, preflight: preflight('127.0.0.1', true) }, 'localhost'),
      undefined,
    );
    t.equal(floodNote([], { heavy: false, preflight: remote }, 'staging'), undefined);
  },
);
