/**
 * The script of the HTML page: filters, links to a scenario or a filter, keys, and copies of commands. It reads the page and
 * the address and sets properties, and never creates markup from text.
 */

export const SCRIPT = `
'use strict';
const byId = (id) => document.getElementById(id);
const form = () => byId('filters');
const rowsOf = () => [...document.querySelectorAll('main > details')];
const texts = new WeakMap();
const textOf = (row) => {
  if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
  return texts.get(row);
};
const fields = () => [...form().elements].filter((field) => field.name);
const valueOf = (field) => (field.type === 'checkbox' ? (field.checked ? 'true' : '') : field.value);
const standardOf = (field) => {
  if (field.type === 'checkbox') return field.defaultChecked ? 'true' : '';
  const chosen = field.options && [...field.options].find((option) => option.defaultSelected);
  return chosen ? chosen.value : '';
};
// A row of several scenarios has several words.
const has = (words, wanted) => words === wanted || words.split(' ').includes(wanted);
const set = (field, value) => {
  if (field.type === 'checkbox') field.checked = value === 'true';
  else field.value = value;
};
let places = new WeakMap();
let order = '';
const arrange = (rows, wanted) => {
  if (wanted === order) return;
  order = wanted;
  const by = wanted === 'slow' ? (row) => -row.dataset.ms : (row) => places.get(row);
  const end = rows[rows.length - 1].nextSibling;
  for (const row of [...rows].sort((a, b) => by(a) - by(b))) row.parentNode.insertBefore(row, end);
};
const filter = () => {
  const wanted = Object.fromEntries(fields().map((field) => [field.name, valueOf(field)]));
  const text = wanted.text.trim().toLowerCase();
  const rows = rowsOf();
  if (rows.length > 0) arrange(rows, wanted.order);
  const shown = new Set();
  for (const row of rows) {
    const { verdict, level, section, clause, differs } = row.dataset;
    row.hidden = Boolean(
      (wanted.verdict && !has(verdict, wanted.verdict)) ||
      (wanted.level && !has(level, wanted.level)) ||
      (wanted.section && !has(section, wanted.section)) ||
      (wanted.clause && !has(clause, wanted.clause)) ||
      (wanted.differs && !has(differs, wanted.differs)) ||
      (text && !textOf(row).includes(text)));
    if (!row.hidden) shown.add('#' + encodeURIComponent(row.id));
  }
  byId('count').value = shown.size + ' of ' + rows.length + ' shown';
  for (const cell of document.querySelectorAll('.map .cells a')) cell.classList.toggle('out', !shown.has(cell.getAttribute('href')));
};
const remember = () => {
  const given = fields().filter((field) => valueOf(field) !== standardOf(field)).map((field) => [field.name, valueOf(field)]);
  const hash = given.length > 0 ? '#?' + new URLSearchParams(given) : ' ';
  history.replaceState(null, '', hash.trim() || location.pathname + location.search);
};
const clear = () => {
  form().reset();
  filter();
};
const restore = () => {
  form().reset();
  const hash = location.hash.slice(1);
  for (const [name, value] of new URLSearchParams(hash.startsWith('?') ? hash : '')) {
    const field = fields().find((one) => one.name === name);
    if (field) set(field, value);
  }
  filter();
};
const follow = () => {
  const hash = location.hash.slice(1);
  if (hash.startsWith('?')) {
    restore();
    byId('filters').scrollIntoView();
    return;
  }
  let id = hash;
  try { id = decodeURIComponent(hash); } catch {}
  const row = rowsOf().find((one) => one.id === id);
  if (!row) return;
  if (row.hidden) clear();
  if (row.hidden) {
    for (const field of fields()) set(field, '');
    filter();
  }
  row.open = true;
  row.scrollIntoView();
  row.querySelector('summary').focus();
};
const step = (by) => {
  const shown = rowsOf().filter((row) => !row.hidden);
  const at = shown.findIndex((row) => row.contains(document.activeElement));
  const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by))];
  if (next) next.querySelector('summary').focus();
};
const select = (code) => {
  const range = document.createRange();
  range.selectNodeContents(code);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
};
const copy = async (again) => {
  const code = again.querySelector('code');
  const button = again.querySelector('button');
  let done = true;
  try { await navigator.clipboard.writeText(code.textContent); }
  catch { select(code); done = document.execCommand('copy'); }
  button.textContent = done ? 'Copied' : 'Selected';
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
};
const addButton = (again) => {
  if (again.querySelector('button')) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  again.append(' ', button);
};
const prepare = (row) => {
  row.querySelectorAll('.again').forEach(addButton);
  for (const link of row.querySelectorAll('.to-clause')) {
    const text = byId(decodeURIComponent(link.querySelector('a').hash.slice(1)));
    if (text) link.replaceWith(text.firstElementChild.cloneNode(true));
  }
};
const begin = () => {
  places = new WeakMap(rowsOf().map((row, place) => [row, place]));
  order = '';
  form().hidden = false;
  document.querySelectorAll('details[open]').forEach(prepare);
};
document.addEventListener('toggle', (event) => { if (event.target.open) prepare(event.target); }, true);
document.addEventListener('input', (event) => {
  if (event.target.form && event.target.form === form()) { filter(); remember(); }
});
document.addEventListener('submit', (event) => event.preventDefault());
document.addEventListener('click', (event) => {
  const again = event.target.closest('.again');
  if (again && event.target.localName === 'button') copy(again);
  // The address may be the same already, and then it does not change.
  const link = event.target.closest('a');
  if (link && link.hash && link.hash === location.hash) follow();
});
addEventListener('hashchange', follow);
// Only then: the browser's own way to a fragment takes the focus away.
addEventListener('load', follow);
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') { clear(); remember(); return; }
  if (['INPUT', 'SELECT'].includes(event.target.tagName)) return;
  if (event.key === '/') { event.preventDefault(); form().elements.text.focus(); }
  if (event.key === 'j') step(1);
  if (event.key === 'k') step(-1);
  if (event.key === 'c') {
    const row = document.activeElement.closest('details');
    const again = row && row.querySelector('.again');
    if (again) { addButton(again); copy(again); }
  }
});
begin();
filter();
`;
