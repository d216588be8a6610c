import t from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import { floodNote, type Means, reasonToSkip } from './skips.ts';

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

t.test('what lacks the store says how this run can get it', (t) => {
  const scenario = catalogue.find((one) => one.preloaded !== undefined && !one.slow && !one.heavy);
  if (scenario === undefined) throw new Error('no scenario has a preloaded task');
  const reached = { ...preflight('127.0.0.1', true), profile: { policy: 'accepts' } };
  const means = { preflight: reached, slow: true, heavy: true } as unknown as Means;
  t.match(reasonToSkip(scenario, means), { lacks: 'store', reason: /--tasks-dir names/ });
  const { reason = '' } = reasonToSkip(scenario, { ...means, kill: async () => {} }) ?? {};
  t.match(reason, /add \{dir\} to the command/);
  t.notMatch(reason, /--tasks-dir/);
  t.end();
});
