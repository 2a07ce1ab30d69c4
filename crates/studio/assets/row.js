// One row: all its values in full, its relations, and, for many-to-many relations, its connections.

import { button, dialog, icon, make, toast } from './dom.js';
import { post, rowName, schema } from './api.js';
import * as changes from './changes.js';
import { control } from './editor.js';
import { relationOf, shown } from './value.js';

export async function openRow(model, listed, onchanged) {
  let row;
  try { row = await post('row', { model: model.name, key: listed.key }); } catch (failure) { return toast(failure.message, 'bad'); }
  if (!row) { toast('Another program has deleted the row.', 'bad'); return onchanged(); }
  if (row.version === listed.version) Object.assign(listed, row);
  const canEdit = model.isWritable && !changes.isDeleted(model, row);
  const fields = model.fields.map((field) => fieldOf(model, row, field, canEdit));
  const element = dialog(rowName(model, row.key), [
    make('div', { class: 'fields' }, ...fields),
    canEdit ? make('div', { class: 'buttons foot' },
      button('Done', () => element.close(), { kind: 'primary' }),
      button('Duplicate', () => { changes.add(model, copyOf(model, row)); element.close(); }),
      make('span', { class: 'push' }), button('Delete', () => { changes.remove(model, [row]); element.close(); }, { kind: 'danger-quiet', symbol: 'remove', label: 'Delete' })) : null,
  ], { kind: 'side' });
  for (const link of element.querySelectorAll('a')) { link.removeAttribute('tabindex'); link.addEventListener('click', () => element.close()); }
  if (row.version !== listed.version) element.querySelector('header').after(make('p', { class: 'remark' }, icon('warning'), make('span', {}, 'The row has been changed since the list was read: this is its newest version.')));
}

// The values of a row without its key, for another one like it.
function copyOf(model, row) {
  const values = model.fields.filter((field) => field.column && field.column.type !== 'Unsupported' && !field.column.isUpdatedAt);
  const others = values.filter((field) => !(model.key.fields.includes(field.name) && field.column.default));
  return Object.fromEntries(others.map((field) => [field.name, row.cells[field.name]]));
}

function fieldOf(model, row, field, canEdit) {
  const type = field.column ? (field.column.native ? `@db.${field.column.native}` : field.column.type) : field.relation.model;
  const label = make('div', { class: 'label' }, make('span', { class: 'name' }, field.name), make('span', { class: 'type' }, type));
  if (field.relation) {
    const content = [relationOf(model, row, field)];
    if (field.relation.isManyToMany && canEdit) content.push(connectionsOf(model, row, field));
    return make('div', { class: 'field' }, label, make('div', { class: 'value' }, ...content));
  }
  if (!canEdit || field.column.type === 'Unsupported') return make('div', { class: 'field' }, label, make('div', { class: 'value whole' }, shown(field.column, row.cells[field.name])));
  const pending = changes.edited(model, row, field.name);
  const inner = control(field.column, pending === undefined ? row.cells[field.name] : pending, {
    label: field.name,
    onedit: () => { changes.set(model, row, field.name, inner.read()); label.classList.toggle('edited', changes.edited(model, row, field.name) !== undefined); },
  });
  label.classList.toggle('edited', pending !== undefined);
  return make('div', { class: 'field' }, label, make('div', { class: 'value' }, inner.element, field.documentation ? make('p', { class: 'hint' }, field.documentation) : null));
}

// The rows that are connected in a many-to-many relation, up to fifty, and a way to connect others by their key.
function connectionsOf(model, row, { name, relation }) {
  const other = schema.byName.get(relation.model);
  const list = make('ul', { class: 'connections' });
  const element = make('div', {}, list);
  if (!relation.opposite || !other.key) return element;
  let connected = [];
  function show() {
    const pending = changes.connections(model, row, name);
    const isPending = (kind, key) => pending.some((entry) => entry.kind === kind && JSON.stringify(entry.target) === JSON.stringify(key));
    const added = pending.filter((entry) => entry.kind === 'link').map((entry) => entry.target);
    list.replaceChildren(...connected.map((key) => item(key, isPending('unlink', key) ? 'unlink' : '')), ...added.map((key) => item(key, 'link')));
  }
  const item = (key, kind) => make('li', { class: kind }, make('span', { class: 'chip' }, rowName(other, key)),
    kind === '' || kind === 'link'
      ? button('', () => { changes.connect('unlink', model, row, name, key); show(); }, { kind: 'quiet', symbol: 'close', label: `Disconnect ${rowName(other, key)}` })
      : button('keep', () => { changes.connect('link', model, row, name, key); show(); }, { kind: 'small' }));
  const inputs = other.key.fields.map((field) => make('input', { 'aria-label': `${field} of ${other.name} to connect`, placeholder: field, autocomplete: 'off' }));
  const connect = async () => {
    const key = Object.fromEntries(other.key.fields.map((field, index) => [field, inputs[index].value]));
    try {
      if (!await post('row', { model: other.name, key })) return toast(`There is no ${rowName(other, key)}.`, 'bad');
      changes.connect('link', model, row, name, key);
      for (const input of inputs) input.value = '';
      show();
    } catch (failure) { toast(failure.message, 'bad'); }
  };
  element.append(make('form', { class: 'connect', onsubmit: (event) => { event.preventDefault(); connect(); } }, ...inputs, make('button', { class: 'button small' }, 'Connect')));
  const filter = { field: relation.opposite, operator: 'is', row: row.key };
  post('rows', { model: other.name, filters: [filter], take: 50 }).then((answer) => { connected = answer.rows.map((it) => it.key); show(); }, (failure) => toast(failure.message, 'bad'));
  return element;
}
