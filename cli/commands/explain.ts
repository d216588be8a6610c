/** `conform explain`: shows what a scenario sends and accepts, or what a clause says, without running anything. */

import type { Requirement } from '../../conformance/index.ts';
import { EXIT } from '../../conformance/report/exit-status.ts';
import type { Rule } from '../../conformance/traffic/rules.ts';
import { globOf } from '../../conformance/util/glob.ts';
import { printable } from '../../conformance/util/printable.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { textTable } from '../../conformance/util/text-table.ts';
import { closestName } from '../core/check-command-line.ts';
import { command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import {
  allScenarios,
  clientScenarios,
  libraryScenarios,
  serverScenarios,
  trafficRules,
} from '../judging/catalogues.ts';
import { colorsFor } from '../terminal/colors.ts';

export const explainCommand = command({
  usage: 'explain <id>',
  describe: 'Explain a scenario or a clause: what is sent, and what is accepted',
  printsResult: true,
  exits: { success: 'done' },
  positionals: {
    id: {
      type: 'string',
      demandOption: true,
      describe:
        'Id of a scenario or of a rule of traffic, as conform list shows it, or a clause of the protocol, such as M6',
    },
  },
  options: {},
  examples: [
    ['$0 explain frame/length-over-cap', 'clause, steps, permitted outcomes, control and likely cause'],
    ['$0 explain M6', 'the text of the clause, and the scenarios that judge it'],
  ],
  run: async ({ id }, context) => {
    const { bold, dim } = colorsFor(context);
    const print = (title: string, lines: readonly string[]): void =>
      context.out(`${[bold(title), ...lines].join('\n')}\n`);
    if (/^[a-z]\d*$/i.test(id)) {
      const { title, text, scenarios } = await clauseOf(id.toUpperCase());
      print(title, [...text, '', scenarios]);
      return EXIT.success;
    }
    const [title = '', ...lines] = (await explained(id)) ?? (await refuse(id));
    print(
      title,
      lines.map((line) => (line.startsWith('  ') ? dim(line) : line)),
    );
    return EXIT.success;
  },
});

/** Undefined for an id that no kind of scenarios has. Those for libraries are looked at last: they take the longest to load. */
async function explained(id: string): Promise<readonly string[] | undefined> {
  const isAsked = (scenario: Requirement): boolean => scenario.id === id;
  const ofServer = (await serverScenarios()).find(isAsked);
  if (ofServer) return (await import('../../conformance/report/explain.ts')).explain(ofServer);
  const ofClient = (await clientScenarios()).find(isAsked);
  if (ofClient) return (await import('../../conformance/clients/judge/explain.ts')).explainClient(ofClient);
  const ofTraffic = (await trafficRules()).find(isAsked);
  if (ofTraffic) return explainRule(ofTraffic);
  const ofLibrary = (await libraryScenarios()).find(isAsked);
  if (ofLibrary)
    return (await import('../../conformance/libraries/run/explain.ts')).explainLibrary(ofLibrary);
  return undefined;
}

/** The lines about a rule of traffic. */
function explainRule({ id, side, clause, level, requirement }: Rule): readonly string[] {
  return [
    id,
    `  ${level}, clause ${clause}; conform explain ${clause} shows its text`,
    requirement,
    '',
    `It binds the ${side}. conform proxy and conform inspect judge the traffic between two programs by it; nothing is sent.`,
  ];
}

/** Throws a UsageError that says what was meant: for a pattern or a section, the command that lists it. */
async function refuse(id: string): Promise<never> {
  const ids = [...(await allScenarios()), ...(await trafficRules())].map((scenario) => scenario.id);
  const name = id.replace(/\/$/, '');
  const inSection = ids.filter((one) => one.startsWith(`${name}/`)).length;
  if (inSection === 0 && !id.includes('*'))
    throw new UsageError(
      `no scenario ${printable(JSON.stringify(id))}; did you mean ${closestName(id, ids)}?`,
    );
  const what =
    inSection > 0
      ? `${name} is a section of ${inSection} scenarios`
      : `${printable(JSON.stringify(id))} is a pattern`;
  const pattern = inSection > 0 ? `${name}/*` : id;
  const test = globOf(pattern);
  const found = ids.find((one) => test.test(one));
  if (found === undefined)
    throw new UsageError(`${what} and matches no scenario; conform list shows their ids`);
  const kind =
    /^(client|library)-/.exec(found)?.[1] ?? (/^(sender|receiver)\//.test(found) ? 'traffic' : undefined);
  const list = `conform list ${kind === undefined ? '' : `--${kind} `}--only ${quoted(pattern)}`;
  throw new UsageError(`${what}, and explain takes one id, such as ${found}; ${list} lists them`);
}

interface ExplainedClause {
  readonly title: string;
  readonly text: readonly string[];
  /** The scenarios that judge it, or why there is none. */
  readonly scenarios: string;
}

/** Throws a UsageError with the closest name for a clause that the protocol does not have. */
async function clauseOf(name: string): Promise<ExplainedClause> {
  const { clauseLines, clauses } = await import('../../conformance/coverage/clauses.ts');
  const { REASONS } = await import('../../conformance/coverage/coverage.ts');
  const all = clauses();
  const clause = all.find((candidate) => candidate.name === name);
  if (clause === undefined) {
    const names = all.map((other) => other.name);
    throw new UsageError(`no clause ${name}; did you mean ${closestName(name, names)}?`);
  }
  const [ofServers, ofClients, ofLibraries] = await Promise.all([
    serverScenarios(),
    clientScenarios(),
    libraryScenarios(),
  ]);
  const rows = [...ofServers, ...ofClients]
    .filter((scenario) => scenario.clause === name)
    .map(({ id, level, requirement }) => ['', id, level, requirement]);
  const asked = ofLibraries.filter((scenario) => scenario.clause === name).length;
  const table = textTable(rows, [{}, {}, {}, {}]).trimEnd();
  return {
    title: `clause ${name}: ${clause.title}`,
    text: clauseLines(clause),
    scenarios: [
      ...(REASONS[name] === undefined
        ? []
        : [`${rows.length === 0 ? 'no scenario' : 'note'}: ${REASONS[name]}`]),
      ...(rows.length === 0
        ? []
        : [
            `scenarios (conform --clause ${name} plays those for servers, conform client those for clients):`,
            table,
          ]),
      ...(asked === 0
        ? []
        : [`for libraries: ${asked}, which conform list --library --clause ${name} shows`]),
    ].join('\n'),
  };
}
