/**
 * The script of the HTML page: filters, links to a scenario or a filter, and keys. It reads the page and the address
 * and sets properties, and never creates markup from text.
 */

export const SCRIPT = `
'use strict';
const form = document.getElementById('filters');
const count = document.getElementById('count');
const rows = [...document.querySelectorAll('main > details')];
const texts = new Map();
const textOf = (row) => {
  if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
  return texts.get(row);
};
const fields = () => [...form.elements].filter((field) => field.name);
const valueOf = (field) => (field.type === 'checkbox' ? (field.checked ? 'true' : '') : field.value);
const filter = () => {
  const wanted = Object.fromEntries(fields().map((field) => [field.name, valueOf(field)]));
  const text = wanted.text.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const { verdict, level, section, differs } = row.dataset;
    row.hidden = Boolean(
      (wanted.verdict && !verdict.split(' ').includes(wanted.verdict)) ||
      (wanted.level && level !== wanted.level) ||
      (wanted.section && section !== wanted.section) ||
      (wanted.differs && differs !== 'true') ||
      (text && !textOf(row).includes(text)));
    if (!row.hidden) shown += 1;
  }
  count.value = shown + ' of ' + rows.length + ' shown';
};
const remember = () => {
  const given = fields().map((field) => [field.name, valueOf(field)]).filter(([, value]) => value);
  const hash = given.length > 0 ? '#?' + new URLSearchParams(given) : ' ';
  history.replaceState(null, '', hash.trim() || location.pathname + location.search);
};
const clear = () => {
  form.reset();
  filter();
};
const follow = () => {
  const hash = location.hash.slice(1);
  if (hash.startsWith('?')) {
    form.reset();
    for (const [name, value] of new URLSearchParams(hash)) {
      const field = fields().find((one) => one.name === name);
      if (field && field.type === 'checkbox') field.checked = value === 'true';
      else if (field) field.value = value;
    }
    filter();
    return;
  }
  let id = hash;
  try { id = decodeURIComponent(hash); } catch {}
  const row = rows.find((one) => one.id === id);
  if (!row) return;
  if (row.hidden) clear();
  row.open = true;
  row.scrollIntoView();
  row.querySelector('summary').focus();
};
const step = (by) => {
  const shown = rows.filter((row) => !row.hidden);
  const at = shown.findIndex((row) => row.contains(document.activeElement));
  const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by))];
  if (next) next.querySelector('summary').focus();
};
form.addEventListener('input', () => { filter(); remember(); });
form.addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', follow);
// Only then: the browser's own way to a fragment takes the focus away.
addEventListener('load', follow);
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') { clear(); remember(); return; }
  if (['INPUT', 'SELECT'].includes(event.target.tagName)) return;
  if (event.key === '/') { event.preventDefault(); form.elements.text.focus(); }
  if (event.key === 'j') step(1);
  if (event.key === 'k') step(-1);
});
form.hidden = false;
filter();
`;
