// Changes that are collected until they are applied: one entry for each row that is added, changed or deleted, and for each connection.

import { button, dialog, icon, make, toast } from './dom.js';
import { isEqual, keyOf, post, schema } from './api.js';

let entries = [];
let past = [];
let number = 0;
const target = new EventTarget();

export const onChange = (action) => target.addEventListener('change', action);
export const count = () => entries.length;
export const created = (model) => entries.filter((entry) => entry.kind === 'create' && entry.model === model.name);

function update(next) {
  past.push(entries);
  entries = next;
  target.dispatchEvent(new Event('change'));
}

export function undo() {
  if (!past.length) return;
  entries = past.pop();
  target.dispatchEvent(new Event('change'));
}

export function discard() {
  if (entries.length) update([]);
}

export const drop = (id) => update(entries.filter((entry) => entry.id !== id));

const isOf = (entry, kind, model, row) => entry.kind === kind && entry.model === model.name && keyOf(entry) === keyOf(row);
const find = (kind, model, row) => entries.find((entry) => isOf(entry, kind, model, row));

// The value that a field will have, or undefined if it stays as it is.
export const edited = (model, row, name) => find('update', model, row)?.data[name];
export const isDeleted = (model, row) => find('delete', model, row) !== undefined;

export function set(model, row, name, cell) {
  const old = find('update', model, row);
  const data = { ...old?.data, [name]: cell };
  if (isEqual(cell, row.cells[name])) delete data[name];
  const rest = entries.filter((entry) => entry !== old);
  if (!Object.keys(data).length) return old ? update(rest) : undefined;
  const before = Object.fromEntries(Object.keys(data).map((field) => [field, row.cells[field]]));
  const entry = { id: old?.id ?? ++number, kind: 'update', model: model.name, key: row.key, version: row.version, before, data };
  update(old ? entries.map((other) => (other === old ? entry : other)) : [...rest, entry]);
}

export function add(model, data = {}) {
  const entry = { id: ++number, kind: 'create', model: model.name, data };
  update([...entries, entry]);
  return entry.id;
}

export function setCreated(id, name, cell) {
  update(entries.map((entry) => {
    if (entry.id !== id) return entry;
    const data = { ...entry.data, [name]: cell };
    if (cell === undefined) delete data[name];
    return { ...entry, data };
  }));
}

// Marks rows to be deleted; what was to be changed in them is forgotten.
export function remove(model, rows) {
  const kept = entries.filter((entry) => !rows.some((row) => entry.key && isOf(entry, entry.kind, model, row)));
  const added = rows.map((row) => ({ id: ++number, kind: 'delete', model: model.name, key: row.key, version: row.version }));
  update([...kept, ...added]);
}

export const restore = (model, row) => update(entries.filter((entry) => !isOf(entry, 'delete', model, row)));

export function connect(kind, model, row, relation, other) {
  const opposite = kind === 'link' ? 'unlink' : 'link';
  const same = (entry, of) => isOf(entry, of, model, row) && entry.relation === relation && isEqual(entry.target, other);
  if (entries.some((entry) => same(entry, kind))) return;
  const rest = entries.filter((entry) => !same(entry, opposite));
  if (rest.length < entries.length) return update(rest);
  update([...entries, { id: ++number, kind, model: model.name, key: row.key, relation, target: other }]);
}

export const connections = (model, row, relation) =>
  entries.filter((entry) => (entry.kind === 'link' || entry.kind === 'unlink') && isOf(entry, entry.kind, model, row) && entry.relation === relation);

// As the server takes them: without what only the page needs.
const asRequests = () => entries.map(({ id, ...entry }) => {
  const before = entry.before && Object.fromEntries(Object.entries(entry.before).filter(([, cell]) => cell !== undefined));
  return before ? { ...entry, before } : entry;
});

// The list of changes, where they are applied.
export async function review(onapplied) {
  if (!entries.length) return;
  const list = make('ol', { class: 'changes' });
  const message = make('div', { role: 'alert' });
  const apply = button('Apply', () => run('apply'), { kind: 'primary' });
  const test = button('Try and show SQL', () => run('try'), { title: 'Runs the changes, shows their statements, and rolls back' });
  const element = dialog('Pending changes', [
    make('p', { class: 'hint' }, 'All of these are applied in one transaction, in this order, or none of them.'),
    list, message,
    make('div', { class: 'buttons' }, apply, test, make('span', { class: 'push' }), button('Discard all', () => { discard(); element.close(); }, { kind: 'danger-quiet' })),
  ], { kind: 'wide' });

  function show(report) {
    list.replaceChildren(...entries.map((entry, index) => {
      const failed = report.failures.find((failure) => failure.index === index);
      const statements = report.statements[index] ?? [];
      return make('li', { class: `${entry.kind}${failed ? ' failed' : ''}` },
        make('div', { class: 'change' },
          make('span', { class: 'words' }, report.words[index] ?? ''),
          button('', () => { drop(entry.id); entries.length ? run('describe') : element.close(); }, { kind: 'quiet', symbol: 'close', label: `Drop this change: ${report.words[index] ?? ''}` })),
        failed ? make('p', { class: 'error' }, icon('warning'), make('span', {}, said(failed))) : null,
        failed?.current ? differences(entry, failed.current) : null,
        statements.length ? make('pre', { class: 'sql', tabindex: 0 }, statements.join(';\n\n')) : null);
    }));
  }

  async function run(mode) {
    for (const it of [apply, test]) it.disabled = true;
    try {
      const report = await post('changes', { mode, changes: asRequests() });
      if (report.isApplied) {
        const done = entries.length;
        entries = [];
        past = [];
        target.dispatchEvent(new Event('change'));
        element.close();
        toast(done === 1 ? 'The change was applied.' : `${done} changes were applied.`, 'good');
        return onapplied();
      }
      show(report);
      message.replaceChildren();
      if (report.failures.length) message.append(make('p', { class: 'problem' }, mode === 'describe' ? 'Some values do not fit: correct or drop them.' : 'Nothing was changed: correct or drop what failed.'));
      else if (mode === 'try') message.append(make('p', { class: 'notice' }, 'The changes would succeed. They were rolled back.'));
    } catch (failure) {
      message.replaceChildren(make('p', { class: 'problem' }, failure.message));
    }
    for (const it of [apply, test]) it.disabled = schema.readOnly;
  }

  // What another program has changed, and what to do about it.
  function differences(entry, current) {
    const names = Object.keys(entry.before ?? {}).filter((name) => !isEqual(entry.before[name], current.cells[name]));
    const now = names.map((name) => `${name} is now ${JSON.stringify(current.cells[name])}`).join(', ');
    const accept = () => {
      entries = entries.map((other) => (other.id === entry.id
        ? { ...other, version: current.version, before: other.before && Object.fromEntries(Object.keys(other.before).map((name) => [name, current.cells[name]])) }
        : other));
      target.dispatchEvent(new Event('change'));
      run('describe');
    };
    return make('p', { class: 'buttons' }, make('span', { class: 'hint' }, now || 'Other fields of the row were changed.'), button('Keep my change', accept));
  }

  await run('describe');
}

const said = (failed) => (failed.field ? `${failed.field}: ${failed.message}` : failed.message);

addEventListener('beforeunload', (event) => { if (entries.length) event.preventDefault(); });
