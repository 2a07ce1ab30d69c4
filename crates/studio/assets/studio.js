// The page: the list of models, the grid of one of them, pending changes, colours and keys.

import { $, button, dialog, icon, isTyping, make, toast } from './dom.js';
import { load, post, schema } from './api.js';
import * as changes from './changes.js';
import * as place from './place.js';
import { Grid } from './grid.js';

const main = $('#main');
let grid = null;

// Colours: as the system has them, or chosen

const THEMES = ['automatic', 'light', 'dark'];
const themeButton = $('#theme-button');
function theme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem('nicol-studio-theme', name);
  themeButton.replaceChildren(icon(name));
  themeButton.title = themeButton.ariaLabel = `Colours: ${name}`;
}
theme(THEMES.includes(localStorage.getItem('nicol-studio-theme')) ? localStorage.getItem('nicol-studio-theme') : 'automatic');
themeButton.addEventListener('click', () => theme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]));

// The list of models

const nav = $('#models');
const modelsButton = $('#models-button');
const find = $('#find-model');
const estimates = new Map();
modelsButton.append(icon('menu'));
const showModels = (is) => { nav.classList.toggle('open', is); modelsButton.setAttribute('aria-expanded', String(is)); };
modelsButton.addEventListener('click', () => { const is = !nav.classList.contains('open'); showModels(is); if (is) find.focus(); });

function listModels() {
  const wanted = find.value.trim().toLowerCase();
  const at = place.read().model;
  const items = schema.models.filter((model) => `${model.name} ${model.table}`.toLowerCase().includes(wanted)).map((model) => {
    const rows = estimates.get(model.name);
    return make('li', {}, make('a', { href: place.link({ model: model.name }), 'aria-current': model.name === at ? 'page' : null },
      make('span', {}, model.name), model.isView ? make('span', { class: 'tag' }, 'view') : null, rows === undefined ? null : make('span', { class: 'rows', title: `about ${rows} rows` }, short(rows))));
  });
  $('ul', nav).replaceChildren(...items, items.length ? '' : make('li', { class: 'hint' }, 'No model has this name.'));
}
const short = (rows) => new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(rows);
find.addEventListener('input', listModels);
find.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') $('ul a', nav)?.click();
  if (event.key === 'Escape') { find.value = ''; listModels(); grid?.move(1, 1); }
});

// The place

function show() {
  const at = place.read();
  const model = schema.byName.get(at.model);
  // After sorting by keyboard, the focus is where it was.
  const before = grid?.model === model && grid?.table.contains(document.activeElement) ? grid : null;
  grid?.close();
  grid = null;
  showModels(false);
  listModels();
  document.title = model ? `${model.name} – nicol studio` : 'nicol studio';
  if (model) {
    grid = new Grid(main, model, at);
    if (before) Object.assign(grid, { wantsFocus: true, cell: before.cell });
    grid.load();
  } else if (schema.models.length) {
    place.go({ model: schema.models[0].name });
  } else {
    main.replaceChildren(make('div', { class: 'nothing' }, icon('table'), make('p', {}, 'The schema has no models yet.')));
  }
}
addEventListener('hashchange', show);

// Pending changes

const pending = $('#pending');
function showPending() {
  const count = changes.count();
  pending.hidden = count === 0;
  document.body.classList.toggle('has-pending', count > 0);
  pending.replaceChildren(make('p', {}, `${count} `, make('span', {}, 'pending '), count === 1 ? 'change' : 'changes'),
    button('Undo', changes.undo, { kind: 'small', title: 'Undo (Ctrl+Z)' }), button('Discard', changes.discard, { kind: 'small' }), button('Review and apply', review, { kind: 'small primary', title: 'Review and apply (Ctrl+S)' }));
}
const review = () => changes.review(() => { grid?.load(); readEstimates(); });
changes.onChange(() => { showPending(); grid?.render(); });

// Keys

const KEYS = [
  ['Arrows', 'Walk through the cells'], ['Enter', 'Edit the cell, or follow the relation'], ['Esc', 'Leave without a change'], ['Space', 'Open the row'], ['Delete', 'Mark the row to be deleted, or not'],
  ['Ctrl+C', 'Copy the value'], ['Page Up, Page Down', 'Turn the page'], ['N', 'Add a row'], ['F', 'Add a filter'], ['R', 'Read again'], ['M', 'Find a model'], ['G', 'Go to the rows'],
  ['Ctrl+S', 'Review and apply the changes'], ['Ctrl+Z', 'Undo the last change'], ['Shift+click', 'Sort by a further column'], ['?', 'Show this list'],
];
const help = () => dialog('Keyboard shortcuts', [make('dl', { class: 'keys' }, ...KEYS.map(([key, words]) => make('div', {}, make('dt', {}, make('kbd', {}, key)), make('dd', {}, words))))]);
$('#help-button').append(icon('help'));
$('#help-button').addEventListener('click', help);
addEventListener('keydown', (event) => {
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key === 's') { event.preventDefault(); if (!$('dialog')) review(); return; }
  if (isTyping(event) || event.altKey) return;
  if (isCommand && event.key === 'z') { event.preventDefault(); return changes.undo(); }
  if (isCommand) return;
  const action = {
    '?': help, n: () => grid?.model.isWritable && grid.model.canCreate && grid.addRow(), r: () => grid?.load(), g: () => grid?.move(1, 1),
    f: () => $('main [title^="Add a filter"]')?.click(), m: () => { showModels(true); find.focus(); find.select(); },
  }[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// The beginning

async function readEstimates() {
  try {
    for (const [name, rows] of Object.entries(await post('estimates'))) estimates.set(name, rows);
    listModels();
  } catch { /* only numbers are missing */ }
}

try {
  await load();
  $('#database').textContent = schema.title;
  $('#read-only').hidden = !schema.readOnly;
  if (schema.notice) {
    $('#read-only').title = schema.notice;
    main.before(make('p', { id: 'notice', class: 'remark' }, icon('warning'), make('span', {}, schema.notice)));
  }
  show();
  readEstimates();
} catch (failure) {
  main.replaceChildren(make('p', { class: 'problem', role: 'alert' }, failure.message));
  toast(failure.message, 'bad');
}
