// Values and relations of rows as elements.

import { make } from './dom.js';
import { textOf } from './api.js';
import * as place from './place.js';

export const number = new Intl.NumberFormat('en');
export const isRight = (field) => field.column && !field.column.list && ['Int', 'BigInt', 'Float', 'Decimal'].includes(field.column.type);


// A value as an element.
export function shown(column, cell) {
  if (column.type === 'Unsupported') return make('span', { class: 'faint', title: `The type ${column.values} is not supported` }, 'not shown');
  if (cell === null || cell === undefined) return make('span', { class: 'null' }, 'null');
  if (cell.cut !== undefined) return make('span', {}, `${cell.cut}… `, make('span', { class: 'faint' }, `${number.format(cell.length)} characters`));
  if (Array.isArray(cell)) {
    if (!cell.length) return make('span', { class: 'faint' }, '[]');
    return make('span', { class: 'list' }, ...cell.map((item) => make('span', { class: 'chip' }, item === '' ? '\u00a0' : item)));
  }
  if (cell === '') return make('span', { class: 'faint' }, 'empty');
  if (column.type === 'Enum') return make('span', { class: 'chip' }, cell);
  if (column.type === 'Boolean') return make('span', { class: `boolean ${cell}` }, cell);
  if (column.type === 'Json' || column.type === 'Bytes') return make('code', {}, cell);
  if (column.type === 'DateTime') return make('time', { datetime: cell, title: cell }, cell.replace('T', ' ').replace(/\.000Z$|Z$/, ''));
  return make('span', { class: 'text' }, cell);
}

// A link to the rows at the other end of a relation.
export function relationOf(model, row, { name, relation }) {
  const pick = (names) => Object.fromEntries(names.map((field) => [field, row.cells[field]]));
  if (relation.isOwner) {
    const values = relation.fields.map((field) => row.cells[field]);
    if (values.some((value) => value === null || value === undefined)) return make('span', { class: 'null' }, 'null');
    const list = relation.references.map((field, index) => ({ field, operator: 'equals', value: values[index] }));
    return make('a', { href: place.link({ model: relation.model, filters: list }), tabindex: -1 }, `${relation.model} ${values.map(textOf).join(', ')}`);
  }
  if (!relation.opposite || (relation.isManyToMany && !model.key)) return make('span', { class: 'faint' }, relation.model);
  const filter = { field: relation.opposite, operator: 'is', row: relation.isManyToMany ? row.key : pick(relation.fields) };
  return make('a', { href: place.link({ model: relation.model, filters: [filter] }), tabindex: -1 }, relation.many ? name : relation.model);
}
