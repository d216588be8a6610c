/** The style of the matrix of many targets, after that of every page. */

export const MATRIX_STYLE = `
.groups .letter { flex: none; }
.names { columns: 16rem; margin: .3rem 0; padding-left: 2.5rem; }
.row .what { flex: 1 1 14rem; }
.row .strip { flex: 1 1 24rem; min-width: 0; height: 1rem; border: 1px solid var(--line); border-radius: 2px; }
.row .strip path { stroke: none; fill: var(--none-cell); }
.row .strip .good { fill: var(--good-cell); } .row .strip .bad { fill: var(--bad); } .row .strip .warn { fill: var(--warn-cell); }
.row .sums { flex: 0 0 14rem; font-size: .875rem; }
@media (max-width: 40rem) { .row .strip, .row .sums { flex-basis: 100%; } }
`;
