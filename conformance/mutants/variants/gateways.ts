/** Freedoms of the way to the server: gateways that do not pass on the end of a stream, or accept slowly (T4, T5). */

import type { ConformingVariant } from '../server/mutant.ts';

const TOUCHES = [
  'transport/half-close-*',
  'transport/beside-half-*',
  'transport/reset-*',
  'frame/coalesced',
  'frame/then-*',
  'frame/truncated-header-4',
  'frame/truncated-payload-*',
  'frame/second-*',
  'frame/length-over-*',
  'frame/type-five-*',
  'frame/stranger-http-*',
  'submit/a*',
  'submit/half-close',
  'submit/malformed-t*',
  'json/comment-block',
  '*/half-closed',
  '*/truncated',
  '*/then-submit',
  'results/store-text',
  'store/nothing-of-truncated*',
];
/** Whether the server sees the end of a stream is unknown there, so what depends on it stays open. */
const leavesOpen = ['*'];

export const gateways: readonly ConformingVariant[] = [
  {
    name: 'gateway-keeps-ends',
    clause: 'T4',
    freedom: 'A gateway in front of the server does not pass on the end of a stream, and never closes.',
    touches: TOUCHES,
    does: () => ({}),
    gateway: { onClientEnd: 'nothing', onServerEnd: 'nothing' },
    leavesOpen,
  },
  {
    name: 'gateway-keeps-ends-of-clients',
    clause: 'T4',
    freedom: 'A gateway in front of the server does not pass on the end of a stream of a client.',
    touches: TOUCHES,
    does: () => ({}),
    gateway: { onClientEnd: 'nothing', onServerEnd: 'end' },
    leavesOpen,
  },
  {
    name: 'gateway-closes-at-ends',
    clause: 'T4',
    freedom: 'A gateway in front of the server closes a connection when its client has ended its stream.',
    touches: TOUCHES,
    does: () => ({}),
    gateway: { onClientEnd: 'close', onServerEnd: 'end' },
    // An answer is lost if its client has ended its stream before (T4), which is a warning.
    warns: ['submit/half-close', 'transport/half-close-after-a-while'],
    leavesOpen,
  },
  {
    name: 'gateway-with-short-queue',
    clause: 'T3',
    freedom:
      'A gateway in front of the server lets five connections wait, and accepts one every 4 ms. The system of a client repeats an attempt after a second.',
    touches: [
      'transport/*',
      'submit/a*',
      'frame/split-*',
      'frame/truncated-*',
      'json/comment-*',
      'store/submitted-*',
    ],
    does: () => ({}),
    gateway: { onClientEnd: 'end', onServerEnd: 'end', backlog: 5, acceptMs: 4 },
    process: 'own',
    warns: ['transport/64-at-once'],
    leavesOpen: ['transport/*'],
  },
];
