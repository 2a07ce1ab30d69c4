// Controls for values. A control tells null, an empty text and, in a new row, the default apart.

import { button, make } from './dom.js';

const NULL = '\u0000null';
const DEFAULT = '\u0000default';

// Returns { element, read, focus }. `read` returns a value, null, or undefined for the default. `onedit` is called after each edit.
export function control(column, cell, { label, canOmit = false, canBeNull = !column.required && !column.list, onedit = () => {} }) {
  if (column.list) return listControl(column, cell, { label, canOmit, onedit });
  if (column.type === 'Boolean') return choice(['true', 'false'], column, cell, { label, canOmit, canBeNull, onedit });
  if (column.type === 'Enum') return choice(column.values, column, cell, { label, canOmit, canBeNull, onedit });
  return textControl(column, cell, { label, canOmit, canBeNull, onedit });
}

const placeholder = (column) => (column.isUpdatedAt ? 'the time of the change' : column.default ? `default: ${column.default}` : 'not set');

function choice(values, column, cell, { label, canOmit, canBeNull, onedit }) {
  const option = (value, text) => make('option', { value }, text);
  const options = values.map((value) => option(value, value));
  if (canBeNull || cell === null) options.unshift(option(NULL, 'null'));
  if (canOmit) options.unshift(option(DEFAULT, `(${placeholder(column)})`));
  const select = make('select', { 'aria-label': label, onchange: onedit }, ...options);
  select.value = cell === undefined ? DEFAULT : cell === null ? NULL : cell;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  const read = () => ({ [NULL]: null, [DEFAULT]: undefined })[select.value] ?? (select.value === NULL ? null : select.value === DEFAULT ? undefined : select.value);
  return { element: select, read, focus: () => select.focus() };
}

function textControl(column, cell, { label, canOmit, canBeNull, onedit }) {
  let state = cell === undefined ? 'default' : cell === null ? 'null' : 'value';
  const isLong = ['String', 'Json', 'Bytes'].includes(column.type);
  const area = make('textarea', {
    'aria-label': label, rows: isLong ? 2 : 1, spellcheck: 'false', autocomplete: 'off', value: typeof cell === 'string' ? cell : '',
    class: column.type === 'Json' || column.type === 'Bytes' ? 'code' : '',
    oninput: () => { state = 'value'; show(); onedit(); },
  });
  const mode = (name, text, title) => button(text, () => { state = name; area.value = ''; show(); onedit(); area.focus(); }, { kind: 'small', title, 'aria-pressed': 'false' });
  const modes = [];
  if (canBeNull || cell === null) modes.push(['null', mode('null', 'null', 'Set to null (Alt+N)')]);
  if (column.type === 'String') modes.push(['value', mode('value', 'empty', 'Set to an empty text')]);
  if (canOmit) modes.push(['default', mode('default', 'default', 'Leave it to the default')]);
  if (column.type === 'DateTime') modes.push(['now', button('now', () => { state = 'value'; area.value = now(column); show(); onedit(); }, { kind: 'small', title: 'Set to the current time' })]);
  function show() {
    area.placeholder = state === 'null' ? 'null' : state === 'default' ? placeholder(column) : column.type === 'String' ? 'empty' : '';
    for (const [name, element] of modes) {
      if (name !== 'now') element.setAttribute('aria-pressed', String(name === state && (name !== 'value' || area.value === '')));
    }
  }
  area.addEventListener('keydown', (event) => {
    if (event.altKey && event.key.toLowerCase() === 'n' && (canBeNull || cell === null)) { event.preventDefault(); state = 'null'; area.value = ''; show(); onedit(); }
  });
  show();
  const read = () => (state === 'null' ? null : state === 'default' ? undefined : area.value);
  const element = make('div', { class: 'control' }, area, modes.length ? make('div', { class: 'modes' }, ...modes.map(([, it]) => it)) : null);
  return { element, read, focus: () => { area.focus(); area.select(); } };
}

function now(column) {
  const text = new Date().toISOString();
  const native = column.native ?? '';
  return native === 'Date' ? text.slice(0, 10) : native.startsWith('Time(') || native === 'Time' || native.startsWith('Timetz') ? text.slice(11, 23) : text;
}

function listControl(column, cell, { label, canOmit, onedit }) {
  let isDefault = cell === undefined;
  const items = make('ul', { class: 'items' });
  const element = make('fieldset', { class: 'control list' }, make('legend', { class: 'sr' }, label), items,
    make('div', { class: 'modes' },
      button('Add a value', () => { isDefault = false; add('').focus(); onedit(); }, { kind: 'small', symbol: 'add' }),
      canOmit ? button('default', () => { isDefault = true; items.replaceChildren(); onedit(); }, { kind: 'small' }) : null));
  function add(text) {
    const inner = control({ ...column, list: false, required: true, default: null }, text, { label: `${label}, value ${items.children.length + 1}`, onedit });
    const item = make('li', {}, inner.element, button('', () => { item.remove(); onedit(); }, { kind: 'quiet', symbol: 'close', label: 'Remove this value' }));
    item.inner = inner;
    items.append(item);
    return inner;
  }
  for (const text of cell ?? []) add(text);
  const read = () => (isDefault && !items.children.length ? undefined : [...items.children].map((item) => item.inner.read()));
  return { element, read, focus: () => (items.firstElementChild?.inner ?? { focus: () => element.querySelector('button').focus() }).focus() };
}

// Opens a control over a cell of the grid. Enter keeps the value, Escape does not; Tab keeps it and calls `onnext`.
export function edit(cell, column, value, { label, canOmit, onkeep, onnext, onclose }) {
  const inner = control(column, value, { label, canOmit });
  const keep = () => { const now = inner.read(); close(); onkeep(now); };
  let isClosed = false;
  function close() {
    if (isClosed) return;
    isClosed = true;
    removeEventListener('pointerdown', outside, true);
    element.remove();
    onclose();
  }
  const outside = (event) => { if (!element.contains(event.target)) keep(); };
  const element = make('div', {
    class: 'popover', role: 'dialog', 'aria-label': `Edit ${label}`,
    onkeydown: (event) => {
      event.stopPropagation();
      const isButton = event.target.closest('button') !== null;
      if (event.key === 'Escape') { event.preventDefault(); close(); }
      else if (event.key === 'Enter' && !event.shiftKey && !isButton) { event.preventDefault(); keep(); }
      else if (event.key === 'Tab' && !event.shiftKey && event.target.closest('textarea, select') && !column.list) { event.preventDefault(); keep(); onnext(); }
    },
  }, inner.element,
  make('div', { class: 'popover-foot' }, make('span', { class: 'hint' }, make('kbd', {}, 'Enter'), ' keep ', make('kbd', {}, 'Esc'), ' cancel'),
    button('Cancel', close, { kind: 'small' }), button('Keep', keep, { kind: 'small primary' })));
  document.body.append(element);
  const box = cell.getBoundingClientRect();
  const width = Math.max(box.width, element.offsetWidth);
  element.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  element.style.top = `${Math.max(8, Math.min(box.top, innerHeight - element.offsetHeight - 8))}px`;
  element.style.minWidth = `${Math.min(box.width, 600)}px`;
  addEventListener('pointerdown', outside, true);
  inner.focus();
}
