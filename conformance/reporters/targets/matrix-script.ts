/**
 * The script that shows the matrix of many targets, before that of every page, which filters its rows. It makes a row of each
 * pattern of outcomes at the start, draws it when it comes into view, and adds the rest when it is opened. It sets text and attributes, and never creates
 * markup from text.
 */

import { BY_SEVERITY, styleOf } from '../html/verdict.ts';
import { DATA_WORDS } from './matrix-data.ts';

/** By word: the class of its colour, and its place in the order of severity. */
const SHOWN = Object.fromEntries(
  DATA_WORDS.map((word) => [
    word,
    { color: styleOf(word).split(' ')[0], severity: BY_SEVERITY.indexOf(word) },
  ]),
);

/** How many names of targets stand next to an outcome. */
const NAMED = 20;

export const MATRIX_SCRIPT = `
'use strict';
{
const SHOWN = ${JSON.stringify(SHOWN)};
const { words, kinds, groups, rows, scenarios } = JSON.parse(document.getElementById('matrix').textContent);
const make = (name, properties = {}, ...children) => {
  const element = document.createElement(name);
  Object.assign(element, properties);
  element.append(...children);
  return element;
};
const wordOf = (kind) => words[kinds[kind][0]];
const severityOf = (word) => SHOWN[word].severity;
const targetsOf = (group) => groups[group].length;
const total = groups.reduce((sum, group) => sum + group.length, 0);
const kindOf = ({ k }, group) => (k.length === 1 ? k[0] : k[group]);
const countOf = (count, what) => (count === 1 ? '1 ' + what : count + ' ' + what + 's');
const SVG = 'http://www.w3.org/2000/svg';
const undrawn = new Map();
const strip = (row) => {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'strip');
  svg.setAttribute('viewBox', '0 0 ' + groups.length + ' 1');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  undrawn.set(svg, row);
  return svg;
};
const draw = (svg) => {
  const row = undrawn.get(svg);
  if (!row) return;
  undrawn.delete(svg);
  const paths = new Map();
  for (let from = 0; from < groups.length;) {
    const color = SHOWN[wordOf(kindOf(row, from))].color;
    let to = from + 1;
    while (to < groups.length && SHOWN[wordOf(kindOf(row, to))].color === color) to += 1;
    paths.set(color, (paths.get(color) || '') + 'M' + from + ' 0H' + to + 'V1H' + from + 'z');
    from = to;
  }
  for (const [color, d] of paths) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('class', color);
    path.setAttribute('d', d);
    svg.append(path);
  }
};
const sumsOf = (row) => {
  const sums = new Map();
  if (row.k.length === 1) return [[wordOf(row.k[0]), total]];
  row.k.forEach((kind, group) => sums.set(wordOf(kind), (sums.get(wordOf(kind)) || 0) + targetsOf(group)));
  return [...sums].sort(([a], [b]) => severityOf(a) - severityOf(b));
};
const outcomes = (row) => {
  const byKind = new Map();
  groups.forEach((_, group) => {
    const kind = kindOf(row, group);
    byKind.set(kind, [...(byKind.get(kind) || []), group]);
  });
  const items = [...byKind].sort(([a], [b]) => severityOf(wordOf(a)) - severityOf(wordOf(b))).map(([kind, members]) => {
    const names = members.flatMap((group) => groups[group]);
    const rest = names.length - ${NAMED};
    const word = wordOf(kind);
    return make('li', {}, make('b', { className: SHOWN[word].color, textContent: word }), ' ' + kinds[kind][1] + ' ',
      make('span', { className: 'why', textContent: countOf(names.length, 'target') + (members.length > ${NAMED} ? '' : ', ' +
        (members.length === 1 ? 'group ' : 'groups ') + members.map((group) => group + 1).join(', ')) + ': ' +
        names.slice(0, ${NAMED}).join(', ') + (rest > 0 ? ' and ' + rest + ' more' : '') }));
  });
  return make('ul', { className: 'outcomes' }, ...items);
};
const unique = (row, field) => [...new Set(row.s.map((place) => scenarios[place][field]))].join(' ');
const shown = rows.map((row) => ({ row, sums: sumsOf(row) }));
shown.sort((a, b) => severityOf(a.sums[0][0]) - severityOf(b.sums[0][0]) || a.row.s[0] - b.row.s[0]);
const main = document.querySelector('main');
const all = document.createDocumentFragment();
for (const { row, sums } of shown) {
  const [id] = scenarios[row.s[0]];
  const more = row.s.length - 1;
  const what = make('span', { className: 'what' }, make('span', { className: 'id', textContent: id }), more > 0 ? ' and ' + more + ' more' : '');
  const totals = make('span', { className: 'sums' });
  sums.forEach(([word, count], at) => totals.append(at > 0 ? ', ' : '', make('b', { className: SHOWN[word].color, textContent: count + ' ' + word })));
  const list = make('ul', {}, ...row.s.map((place) => make('li', {}, make('code', { textContent: scenarios[place][0] }),
    ' ' + scenarios[place][3] + ', ' + scenarios[place][2] + ': ' + scenarios[place][4])));
  const details = make('details', { id, className: 'row' }, make('summary', {}, what, strip(row), totals), list);
  const differs = [...(sums.length > 1 ? ['verdict'] : []), ...(row.k.length > 1 ? ['behaviour'] : [])];
  Object.assign(details.dataset, { verdict: sums.map(([word]) => word).join(' '), level: unique(row, 3), section: unique(row, 1),
    clause: unique(row, 2), differs: differs.join(' ') });
  details.addEventListener('toggle', () => details.querySelector('.outcomes') || details.append(outcomes(row)), { once: true });
  all.append(details);
}
main.append(all);
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) { draw(target); seen.unobserve(target); }
}, { rootMargin: '400px' });
for (const svg of undrawn.keys()) seen.observe(svg);
addEventListener('beforeprint', () => [...undrawn.keys()].forEach(draw));
}
`;
