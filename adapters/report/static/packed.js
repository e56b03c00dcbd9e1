// Columns of numbers as packed_series.py and packed_klines.py writes them: whole multiples of a step, as differences.

const TEXT = new TextDecoder();

// The bytes of a block of the page, inflated.
export async function inflated(text) {
  const packed = Uint8Array.fromBase64?.(text) ?? decoded(atob(text));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function decoded(letters) {
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place += 1) bytes[place] = letters.charCodeAt(place);
  return bytes;
}

export const parsed = async (text) => JSON.parse(TEXT.decode(await inflated(text)));

// What stands in a block of columns: its head, the times, and the differences of each further column.
function opened(bytes) {
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(TEXT.decode(bytes.subarray(4, 4 + length)));
  let place = 4 + length;
  const columns = head.widths.map((width) => {
    const column = differences(bytes, place, head.rows, width);
    place += head.rows * width;
    return column;
  });
  const times = columns[0];
  for (let row = 0, at = head.first; row < head.rows; row += 1) times[row] = at += times[row] * head.unit;
  return { head, times, columns: columns.slice(1), value: valueOf(head.step) };
}

// The lowest bytes of all rows stand first, then the next ones; of each two numbers one is negative.
function differences(bytes, start, rows, width) {
  const column = new Float64Array(rows);
  const place = start + rows;
  if (width === 1) for (let row = 0; row < rows; row += 1) column[row] = signed(bytes[start + row]);
  else if (width === 2) for (let row = 0; row < rows; row += 1) column[row] = signed(bytes[start + row] | (bytes[place + row] << 8));
  else if (width === 3) for (let row = 0; row < rows; row += 1) column[row] = signed(bytes[start + row] | (bytes[place + row] << 8) | (bytes[place + rows + row] << 16));
  else if (width) longDifferences(bytes, start, width, column);
  return column;
}

const signed = (number) => (number >>> 1) ^ -(number & 1);

function longDifferences(bytes, start, width, column) {
  const rows = column.length;
  for (let row = 0; row < rows; row += 1) {
    let number = 0;
    for (let plane = width - 1; plane >= 0; plane -= 1) number = number * 256 + bytes[start + plane * rows + row];
    column[row] = number % 2 ? -(number + 1) / 2 : number / 2;
  }
}

const valueOf = ([times, over]) => (multiple) => (multiple * times) / over;

// A series: timestamp and value.
export function curve(bytes) {
  const { times, columns: [values], value } = opened(bytes);
  for (let row = 0, sum = 0; row < values.length; row += 1) values[row] = value(sum += values[row]);
  return { timestamp: times, value: values };
}

// Klines: time of the open, and the four prices.
export function klines(bytes) {
  const { head, times, columns: [open, close, high, low], value } = opened(bytes);
  for (let row = 0, before = 0; row < head.rows; row += 1) {
    const first = before + open[row];
    before = first + close[row];
    open[row] = value(first);
    close[row] = value(before);
    high[row] = value(Math.max(first, before) + high[row]);
    low[row] = value(Math.min(first, before) - low[row]);
  }
  return { period_ms: head.period_ms, time: times, open, high, low, close };
}

// The first place of rising numbers, from one on, that is not below `wanted`.
export function lowerBound(numbers, wanted, from = 0) {
  let low = from;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
