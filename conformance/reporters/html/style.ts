/**
 * The style of the HTML page: light and dark, wide and narrow, paper. Each pair of colours has a contrast of at least 4.5:1. A
 * line breaks inside a word only if the word is longer than the line.
 */

import { SYMBOLS } from './verdict.ts';

/** The second value has an empty alternative text, for browsers that know it: a word stands next to each symbol. */
const symbols = Object.entries({ ...SYMBOLS, differs: '≠' })
  .map(([word, symbol]) => `.v-${word}::before { content: "${symbol}"; content: "${symbol}" / ""; }`)
  .join('\n');

export const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --dim: #57606a; --paper: #fff; --raised: #f6f8fa; --line: #d0d7de;
  --good: #1a7f37; --bad: #cf222e; --warn: #8a5a00; --link: #0550ae; --mark: #ffe08a; --mark-ink: #1f2328;
  --good-cell: #c6ecd0; --warn-cell: #f5dc98; --none-cell: #e4e8ec; --on-bad: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --paper: #0d1117; --raised: #161b22;
  --line: #30363d; --good: #4ac26b; --bad: #ff7b72; --warn: #e3b341; --link: #79c0ff; --mark: #e3b341; --mark-ink: #1f2328;
  --good-cell: #12371f; --warn-cell: #4d3800; --none-cell: #262c34; --on-bad: #0d1117; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); overflow-wrap: break-word; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .4rem 0; }
a { color: var(--link); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; color: var(--dim); }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
.counts tr > th:first-child { white-space: normal; max-width: 30rem; }
.facts { list-style: none; margin: .3rem 0; padding: 0; }
.facts li { display: inline; }
.facts .short, .whole { white-space: nowrap; }
.facts li + li::before { content: " · "; white-space: normal; }
.letter { display: inline-block; min-width: 1.5rem; text-align: center; border: 1px solid var(--line); border-radius: 4px; }
form { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center;
  padding: .5rem 0; background: var(--paper); border-bottom: 1px solid var(--line); }
form[hidden] { display: none; }
label { white-space: nowrap; }
input, select, button { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line);
  border-radius: 4px; padding: .2rem .4rem; max-width: 100%; }
button { font-size: .8rem; padding: 0 .5rem; cursor: pointer; }
output { color: var(--dim); white-space: nowrap; }
details { border-bottom: 1px solid var(--line); scroll-margin-top: 8rem; }
main > details { content-visibility: auto; contain-intrinsic-size: auto 2.2rem; }
details[hidden] { display: none; }
details[open] { padding-bottom: .5rem; }
summary { display: flex; align-items: baseline; gap: 0 .5rem; padding: .3rem 0; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "▸"; content: "▸" / ""; color: var(--dim); flex: none; width: .9rem; }
details[open] > summary::before { content: "▾"; content: "▾" / ""; }
summary:hover { background: var(--raised); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.causes summary .cause { font-weight: 600; }
.v { flex: none; width: 7.5rem; white-space: nowrap; }
.v::before { display: inline-block; width: 1.3rem; text-align: center; font-family: ui-monospace, monospace; }
.causes .v, .unjudged .v { width: auto; }
.what { flex: 1 1 auto; min-width: 0; }
.why { display: block; color: var(--dim); font-size: .875rem; }
.ms { flex: none; color: var(--dim); font-size: .875rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.columns { display: flex; gap: 0 .5rem; padding: .4rem 0 .3rem 1.4rem; border-bottom: 1px solid var(--line); font-size: .875rem; }
.of-several { flex: none; width: 8rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.id, code, pre, kbd { font-family: ui-monospace, monospace; font-size: .9rem; }
.tag, .facts, figcaption { color: var(--dim); font-size: .875rem; }
.tag { white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .none { color: var(--dim); }
dl { margin: .5rem 0; }
dl div { display: flex; gap: .5rem; }
dt { flex: none; width: 5.5rem; color: var(--dim); }
dd { flex: 1 1 auto; min-width: 0; margin: 0; }
blockquote { margin: .6rem 0; padding: .1rem .8rem; border-left: 3px solid var(--link); background: var(--raised); }
blockquote ul { padding-left: 1.2rem; margin: .4rem 0; }
mark { background: var(--mark); color: var(--mark-ink); border-radius: 2px; }
mark.gap { outline: 2px dashed var(--bad); background: none; color: inherit; }
figure { margin: .5rem 0; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .3rem 0 .6rem; padding: 0; font-size: .875rem; }
.legend li { white-space: nowrap; }
.line { display: flex; gap: .6rem; padding: .3rem 0; border-top: 1px solid var(--line); }
.of-section { flex: none; width: 6rem; }
.of { display: flex; flex-wrap: wrap; gap: .25rem 1rem; min-width: 0; }
.clause { display: flex; gap: .3rem; align-items: baseline; min-width: 0; }
.of-clause { flex: none; font-size: .875rem; }
.cells { display: flex; flex-wrap: wrap; gap: 2px; min-width: 0; }
.legend .cells { display: inline-flex; }
.cells > * { display: block; width: 13px; height: 13px; border-radius: 2px; font: bold 10px/13px ui-monospace, monospace;
  text-align: center; text-decoration: none; color: var(--ink); background: var(--none-cell); print-color-adjust: exact; }
.cells .good { background: var(--good-cell); } .cells .bad { background: var(--bad); color: var(--on-bad); }
.cells .warn { background: var(--warn-cell); }
.cells .v-pass::before { content: none; }
.cells .out { opacity: .2; }
.cells a:hover { outline: 2px solid var(--link); }
.plots { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
.plots figure { flex: 1 1 20rem; max-width: 32rem; }
svg { display: block; width: 100%; }
svg text { font-size: 11px; fill: var(--dim); }
svg polyline, svg path { fill: none; stroke: var(--link); stroke-width: 1.5; }
svg .axes { stroke: var(--line); stroke-width: 1; }
svg .found { stroke: var(--bad); stroke-width: 2; }
pre { margin: 0; padding: .5rem; overflow-x: auto; background: var(--raised); border: 1px solid var(--line);
  border-radius: 4px; line-height: 1.35; }
${symbols}
@media (max-width: 40rem) { body { padding: .6rem; } form { position: static; } pre { font-size: .75rem; }
  details { scroll-margin-top: 0; }
  th, td { padding: .2rem .3rem; } .counts { font-size: .875rem; }
  main > details > summary, .causes summary { flex-wrap: wrap; }
  .what { flex-basis: 80%; }
  main > details > summary .v { width: auto; }
  main > details > summary .of-several, .columns .of-several { width: 1.5rem; text-align: center; }
  .of-several .word, .counts .word { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  dl div { display: block; margin-bottom: .3rem; }
  .line { display: block; } }
@media print { form, button, .dumps { display: none; } body { max-width: none; } a { color: inherit; }
  main > details[data-verdict="pass"] { display: none; } pre { white-space: pre-wrap; }
  details, blockquote, figure { break-inside: avoid; } }
`;
