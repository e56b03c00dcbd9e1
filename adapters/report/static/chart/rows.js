// Columns of one length as rows.

export function rowsOf(columns, names = Object.keys(columns)) {
  return columns[names[0]].map((_, place) => Object.fromEntries(names.map((name) => [name, columns[name][place]])));
}
