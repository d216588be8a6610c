/** `conform inspect`: judges traffic that was recorded: captures of packets, reports, and recordings of the proxy. */

import { EXIT, EXIT_MEANINGS, type ExitStatus } from '../../../conformance/report/exit-status.ts';
import type { Level } from '../../../conformance/scenario/requirement.ts';
import { command } from '../../core/command.ts';
import type { Context } from '../../core/context.ts';
import { UsageError } from '../../core/errors.ts';
import { exportCorpus } from '../../inspect/export-corpus.ts';
import { exportVectors } from '../../inspect/export-vectors.ts';
import { checkPort } from '../../options/address.ts';
import { colorsFor, replacesLines } from '../../terminal/colors.ts';
import { ProgressLine } from '../../terminal/progress.ts';

/** Conversations that are shown whatever they hold, and all that are shown; more need --all. */
const SHOWN_FIRST = 20;
const SHOWN = 100;
/** Bytes of a file between two lines of progress. */
const PROGRESS_BYTES = 4 * 1024 * 1024;
const MiB = 1024 * 1024;

export const inspectCommand = command({
  usage: 'inspect <files..>',
  onSignal: 'stops',
  printsResult: true,
  describe: 'Judge recorded traffic: packet captures, reports, recordings of the proxy',
  exits: {
    success: 'the files were read, and nothing of the level of --fail-on is broken',
    failed: 'with --fail-on: a side broke a rule of that level, or of a higher one',
    usage: 'the command line is wrong, or a file is no traffic, is damaged, or holds no conversation',
    interrupted: EXIT_MEANINGS.interrupted,
  },
  positionals: {
    files: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Captures (pcap, pcapng), or JSON Lines with transcripts',
    },
  },
  options: {
    port: {
      type: 'number',
      array: true,
      requiresArg: true,
      describe: 'Port of a receiver in a capture; repeatable [default: 1003, or the only one]',
    },
    'fail-on': {
      choices: ['must', 'should'] as const,
      requiresArg: true,
      describe: 'End with status 1 if a side broke a MUST, or a SHOULD as well',
    },
    all: { type: 'boolean', default: false, describe: 'Show every conversation' },
    json: { type: 'boolean', default: false, describe: 'Print JSON Lines: conversations, tasks, a summary' },
    'export-corpus': {
      type: 'string',
      requiresArg: true,
      describe: 'Write what senders sent into this folder, each stream once, as inputs of conform fuzz',
    },
    'export-vectors': {
      type: 'string',
      requiresArg: true,
      describe: 'Write what senders sent into this file, as test vectors: each stream with its frames',
    },
  },
  examples: [
    ['sudo tcpdump -i lo -w traffic.pcap port 1003', 'record first, until Ctrl-C'],
    ['$0 inspect traffic.pcap', 'both sides of each connection, judged'],
    ['$0 inspect traffic.pcap --fail-on must', 'a gate for an end-to-end test'],
    ['$0 inspect traffic.pcap --export-corpus my-corpus', 'seed inputs for conform fuzz'],
  ],
  run: async (options, context) => {
    const {
      files,
      port: ports = [],
      failOn,
      all,
      json,
      exportCorpus: corpus,
      exportVectors: vectors,
    } = options;
    for (const port of ports) checkPort(port, '--port');
    const [
      { Inspection },
      { inspectFile },
      { conversationText, summaryText },
      { conversationJson, summaryJson },
    ] = await Promise.all([
      import('../../../conformance/inspect/inspection.ts'),
      import('../../inspect/source.ts'),
      import('../../inspect/text.ts'),
      import('../../inspect/json.ts'),
    ]);
    const colors = colorsFor(context);
    const progress = new ProgressLine(context.err, replacesLines(context) && !json);
    const inspection = new Inspection();
    let shown = 0;
    const wrong: UsageError[] = [];
    for (const file of files) {
      let next = PROGRESS_BYTES;
      const reading = {
        inspection,
        ports,
        signal: context.interrupted,
        onConversation: (inspected: Parameters<typeof conversationJson>[0]): void => {
          if (json) context.out(conversationJson(inspected));
          else if (all || shown < SHOWN_FIRST || (inspected.findings.length > 0 && shown < SHOWN)) {
            progress.clear();
            context.out(conversationText(inspected, colors));
            shown += 1;
          }
        },
        onProgress: (bytes: number, of: number): void => {
          if (bytes < next) return;
          next = bytes + PROGRESS_BYTES;
          const { conversations } = inspection.statistics;
          progress.show(
            `${Math.floor(bytes / MiB)} of ${Math.ceil(of / MiB)} MiB, ${conversations} conversations`,
          );
        },
      };
      try {
        const lines = await inspectFile(file, reading);
        progress.clear();
        for (const line of lines) context.err(`conform: ${line}\n`);
      } catch (error) {
        progress.clear();
        if (!(error instanceof UsageError)) throw error;
        wrong.push(error);
      }
      if (context.interrupted.aborted) break;
    }
    const { conversations, broken } = inspection.statistics;
    if (conversations > 0) {
      if (json) for (const line of summaryJson(inspection)) context.out(line);
      else {
        if (shown < conversations)
          context.out(
            colors.dim(`${conversations - shown} more conversations are not shown; --all shows them\n`),
          );
        context.out(summaryText(inspection, colors));
      }
    }
    if (context.interrupted.aborted) return EXIT.interrupted;
    if (wrong.length === 0) {
      if (corpus !== undefined) await exportCorpus(files, ports, corpus, context);
      if (vectors !== undefined) await exportVectors(files, ports, vectors, context);
    }
    return statusOf(wrong, broken, failOn, context);
  },
});

function statusOf(
  wrong: readonly UsageError[],
  broken: readonly { readonly level: Level }[],
  failOn: 'must' | 'should' | undefined,
  context: Context,
): ExitStatus {
  for (const { message } of wrong) context.err(`conform: ${message}\n`);
  if (wrong.length > 0) return EXIT.usage;
  const levels: readonly Level[] =
    failOn === undefined ? [] : failOn === 'must' ? ['MUST'] : ['MUST', 'SHOULD'];
  return broken.some(({ level }) => levels.includes(level)) ? EXIT.failed : EXIT.success;
}
