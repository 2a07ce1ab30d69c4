// The filters above the rows: a field, a comparison and a value each.

import { button, make } from './dom.js';
import { control } from './editor.js';
import { rowName, schema } from './api.js';

const WORDS = {
  equals: 'is', not: 'is not', contains: 'contains', startsWith: 'begins with', endsWith: 'ends with', in: 'is one of',
  gt: 'is greater than', gte: 'is at least', lt: 'is less than', lte: 'is at most', has: 'has the value', isEmpty: 'is empty',
  isNull: 'is null', isNotNull: 'is not null', is: 'is',
};
const RELATION = { isNull: 'has none', isNotNull: 'has some' };
const WITHOUT_VALUE = ['isNull', 'isNotNull', 'isEmpty'];

const operators = (field) => (field.relation ? Object.keys(RELATION) : field.column.operators);
const words = (field, operator) => (field.relation ? RELATION[operator] : undefined) ?? WORDS[operator] ?? operator;
const isFilterable = (field) => field.relation || field.column.operators.length > 0;

// A filter to begin with.
export function suggested(model) {
  const fields = model.fields.filter((field) => field.column && isFilterable(field));
  const field = fields.find((it) => it.column.type === 'String' && it.column.operators[0] === 'contains') ?? fields[0];
  return { field: field.name, operator: field.column.operators[0], value: field.column.list ? [] : '' };
}

// Returns the form of all filters; `onapply` gets those that are complete.
export function form(model, filters, onapply) {
  const rows = filters.filter((filter) => model.byName.has(filter.field)).map((filter) => one(model, filter));
  if (!rows.length) return make('div', { hidden: true });
  const apply = () => onapply(rows.map((row) => row.read()).filter((filter) => filter !== null));
  for (const row of rows) {
    row.element.append(button('', () => { rows.splice(rows.indexOf(row), 1); apply(); }, { kind: 'quiet', symbol: 'close', label: 'Remove this filter' }));
  }
  return make('form', {
    class: 'filters', 'aria-label': 'Filters',
    onsubmit: (event) => { event.preventDefault(); apply(); },
    onkeydown: (event) => { if (event.key === 'Enter' && !event.shiftKey && event.target.matches('textarea')) { event.preventDefault(); apply(); } },
  }, ...rows.map((row) => row.element), make('div', { class: 'buttons' }, make('button', { class: 'button primary small' }, 'Apply filters'), button('Clear', () => onapply([]), { kind: 'small' })));
}

function one(model, filter) {
  const element = make('div', { class: 'filter' });
  let { field: name, operator, value } = filter;
  let inner = null;
  function show(focus) {
    const field = model.byName.get(name);
    const fields = make('select', { 'aria-label': 'Field', onchange: (event) => { name = event.target.value; operator = operators(model.byName.get(name))[0]; value = ''; show('operator'); } },
      ...model.fields.filter(isFilterable).map((it) => make('option', { value: it.name }, it.name)));
    fields.value = name;
    const remove = element.querySelector(':scope > .quiet');
    if (operator === 'is') {
      // From a row of another model: only shown.
      element.replaceChildren(make('span', { class: 'chip' }, `${name} is ${rowName(schema.byName.get(field.relation.model) ?? { name: '' }, filter.row ?? {})}`));
      if (remove) element.append(remove);
      return;
    }
    const comparisons = make('select', { 'aria-label': 'Comparison', onchange: (event) => { value = inner?.read() ?? ''; operator = event.target.value; show('value'); } },
      ...operators(field).map((it) => make('option', { value: it }, words(field, it))));
    comparisons.value = operator;
    inner = null;
    const parts = [fields, comparisons];
    if (!WITHOUT_VALUE.includes(operator)) {
      const list = operator === 'in' || (operator === 'equals' && field.column.list);
      const column = { ...field.column, list, required: true, default: null };
      const start = list ? (Array.isArray(value) ? value : ['']) : (Array.isArray(value) ? '' : value);
      inner = control(column, start, { label: 'Value' });
      parts.push(inner.element);
    }
    element.replaceChildren(...parts);
    if (remove) element.append(remove);
    if (focus === 'operator') comparisons.focus();
    if (focus === 'value') inner?.focus();
  }
  show();
  const read = () => {
    if (operator === 'is') return filter;
    return inner ? { field: name, operator, value: inner.read() } : { field: name, operator };
  };
  return { element, read };
}
