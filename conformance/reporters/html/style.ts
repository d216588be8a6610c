/**
 * The style of the HTML page: light and dark, wide and narrow. Each pair of colours has a contrast of at least 4.5:1.
 */

export const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --dim: #57606a; --paper: #fff; --raised: #f6f8fa; --line: #d0d7de;
  --good: #1a7f37; --bad: #cf222e; --warn: #8a5a00; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --paper: #0d1117; --raised: #161b22;
  --line: #30363d; --good: #4ac26b; --bad: #ff7b72; --warn: #e3b341; --link: #79c0ff; } }
* { box-sizing: border-box; }
body { overflow-wrap: anywhere; margin: 0 auto; max-width: 70rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; color: var(--dim); }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child { text-align: left; }
form { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center;
  padding: .5rem 0; background: var(--paper); border-bottom: 1px solid var(--line); }
form[hidden] { display: none; }
input, select { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line);
  border-radius: 4px; padding: .2rem .4rem; max-width: 100%; }
output { color: var(--dim); }
details { border-bottom: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 2.2rem;
  scroll-margin-top: 8rem; }
details[hidden] { display: none; }
details[open] { padding-bottom: .5rem; }
summary { padding: .3rem 0; cursor: pointer; overflow-wrap: anywhere; }
summary:hover { background: var(--raised); }
summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.id, code, pre, kbd { font-family: ui-monospace, monospace; font-size: .9rem; }
code { overflow-wrap: anywhere; }
.tag, .facts, figcaption { color: var(--dim); font-size: .875rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .none { color: var(--dim); }
figure { margin: .5rem 0; }
.plots { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
.plots figure { flex: 1 1 20rem; max-width: 32rem; }
svg { display: block; width: 100%; }
svg text { font-size: 11px; fill: var(--dim); }
svg polyline, svg path { fill: none; stroke: var(--link); stroke-width: 1.5; }
svg .axes { stroke: var(--line); stroke-width: 1; }
svg .found { stroke: var(--bad); stroke-width: 2; }
pre { margin: 0; padding: .5rem; overflow-x: auto; background: var(--raised); border: 1px solid var(--line);
  border-radius: 4px; line-height: 1.35; }
pre.text { white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 40rem) { body { padding: .6rem; } form { position: static; } pre { font-size: .75rem; }
  details { scroll-margin-top: 0; } }
@media print { form { display: none; } }
`;
