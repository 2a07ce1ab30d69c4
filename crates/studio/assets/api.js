// Requests to the server.

export class Failure extends Error {
  constructor(answer) {
    super(answer.message);
    Object.assign(this, answer);
  }
}

export async function post(path, body = {}, signal) {
  let response;
  try {
    response = await fetch(`/api/${path}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal,
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Failure({ kind: 'lost', message: 'nicol studio does not answer: is it still running in the terminal?' });
  }
  if (response.ok) return response.json();
  if (response.status === 401) {
    throw new Failure({ kind: 'stranger', message: 'nicol studio was started anew: open the URL that it has printed in the terminal' });
  }
  const text = await response.text();
  let answer;
  try { answer = JSON.parse(text); } catch { answer = { kind: 'request', message: text }; }
  throw new Failure(answer);
}

// The schema, once it is loaded.
export const schema = { models: [], byName: new Map(), readOnly: true };

export async function load() {
  Object.assign(schema, await post('schema'));
  for (const model of schema.models) {
    model.byName = new Map(model.fields.map((field) => [field.name, field]));
    model.isWritable = !schema.readOnly && !model.isView && model.key !== null;
  }
  schema.byName = new Map(schema.models.map((model) => [model.name, model]));
}

export const keyOf = (row) => JSON.stringify(row.key);

// A row in words: `User 3`.
export function rowName(model, key) {
  return `${model.name} ${Object.values(key).map((cell) => textOf(cell)).join(', ')}`;
}

// A value as one line of text.
export function textOf(cell) {
  if (cell === null || cell === undefined) return 'null';
  if (Array.isArray(cell)) return `[${cell.join(', ')}]`;
  return typeof cell === 'object' ? `${cell.cut}…` : cell;
}

export const isEqual = (a, b) => JSON.stringify(a) === JSON.stringify(b);
