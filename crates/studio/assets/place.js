// Where the user is: the model, the filters and the order, in the fragment of the URL. The fragment is not sent to the server.

export function read() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const parameters = new URLSearchParams(query);
  const list = (name) => {
    try {
      const value = JSON.parse(parameters.get(name) ?? '[]');
      return Array.isArray(value) ? value : [];
    } catch { return []; }
  };
  let model = '';
  try { model = decodeURIComponent(path); } catch { /* not a place of ours */ }
  return { model, filters: list('filters'), sorts: list('sorts') };
}

export function link({ model, filters = [], sorts = [] }) {
  const parameters = new URLSearchParams();
  if (filters.length) parameters.set('filters', JSON.stringify(filters));
  if (sorts.length) parameters.set('sorts', JSON.stringify(sorts));
  const query = parameters.toString();
  return `#/${encodeURIComponent(model)}${query ? `?${query}` : ''}`;
}

export function go(place) {
  const hash = link(place);
  if (location.hash !== hash) location.hash = hash;
}
