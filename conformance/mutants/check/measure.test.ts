/** The command judges a mutant and a conforming variant, each in a process of its own. */

import t from 'tap';
import { type Measured, measureServers, type Server, servers } from './measure.ts';

function serverNamed(name: string): Server {
  const server = servers.find((other) => other.name === name);
  if (server === undefined) throw new Error(`there is no server named ${name}`);
  return server;
}

t.test(
  'a user with a broken server reads the fault, and one with a conforming server reads none',
  async (t) => {
    const judged = ['id-missing', 'rejects-everything'].map(serverNamed);
    const begun: string[] = [];
    const onServer = (name: string): void => void begun.push(name);
    // Of one section: the bench measures the whole catalogue.
    const options = { jobs: 2, onServer, section: 'submit' };
    const [mutant, variant] = (await measureServers(judged, options)) as [Measured, Measured];
    t.strictSame(begun, ['id-missing', 'rejects-everything']);
    t.match(mutant, {
      name: 'id-missing',
      kind: 'mutant',
      verdict: 'does not conform',
      firstFailure: 'submit/task-id-echoed',
      isNamed: true,
    });
    t.match(variant, { name: 'rejects-everything', kind: 'variant', verdict: 'conforms' });
    t.notOk('firstFailure' in variant || 'isNamed' in variant);
    for (const { ms, lines } of [mutant, variant]) t.ok(ms > 0 && lines > 5);
  },
);

t.test('an interrupted measurement rejects', async (t) => {
  const interrupted = new AbortController();
  const options = { jobs: 1, onServer: () => interrupted.abort(), signal: interrupted.signal };
  await t.rejects(measureServers([serverNamed('id-missing')], options), { name: 'AbortError' });
});
