/**
 * The script of a page that shows a campaign while it runs, after that of every page. An event holds the body of the report,
 * escaped as in a file. What the viewer has opened, filtered or focused stays so, and while text is selected or the filter has
 * the focus, the page waits. It sends nothing.
 */

export const LIVE_SCRIPT = `
const source = new EventSource('events');
let waiting;
let isOver = false;
const keyOf = (row) => row.id || (row.dataset.root && 'cause ' + row.dataset.root);
const keyed = (root) => [...root.querySelectorAll('details')].filter(keyOf);
const note = (text) => {
  let line = byId('connection');
  if (!line) {
    line = document.createElement('p');
    line.id = 'connection';
    line.setAttribute('role', 'status');
    document.querySelector('header').append(line);
  }
  line.textContent = text;
};
const isBusy = () => form().contains(document.activeElement) || !getSelection().isCollapsed;
const show = () => {
  if (waiting === undefined || isBusy()) return;
  const next = new DOMParser().parseFromString(waiting, 'text/html');
  waiting = undefined;
  const states = new Map(keyed(document).map((row) => [keyOf(row), row.open]));
  const row = document.activeElement.closest('details');
  const focused = row && keyOf(row);
  for (const name of ['header', 'main']) document.querySelector(name).replaceWith(next.querySelector(name));
  for (const one of keyed(document)) if (states.has(keyOf(one))) one.open = states.get(keyOf(one));
  begin();
  restore();
  const back = focused && keyed(document).find((one) => keyOf(one) === focused);
  if (back) back.querySelector('summary').focus({ preventScroll: true });
  if (isOver) note('The campaign has ended. This page stays as it is.');
};
const take = ({ data }) => { waiting = JSON.parse(data); show(); };
source.addEventListener('body', take);
source.addEventListener('end', (event) => { source.close(); isOver = true; take(event); });
source.addEventListener('error', () => note('The page has no connection to the campaign.'));
document.addEventListener('focusout', () => setTimeout(show));
document.addEventListener('selectionchange', show);
`;
