// When faults were on, shaded on a price chart, each with its name.

const ROW = 13;
const LEAST = 3;
const LETTER = 6;

export class FaultSpans {
  constructor({ axis, prices, faults }) {
    Object.assign(this, { axis, prices, known: faults, faults: [], placed: [] });
  }

  attach(chart, look) {
    this.look = look;
    this.prices.series.attachPrimitive(this);
  }

  restyle(look) {
    this.look = look;
  }

  clear() {
    this.setFaults([]);
  }

  choose(symbol) {
    this.setFaults(this.known.filter(({ symbols }) => symbols.includes(symbol)));
  }

  attached({ chart, requestUpdate }) {
    Object.assign(this, { chart, requestUpdate });
  }

  setFaults(faults) {
    this.faults = faults;
    this.requestUpdate?.();
  }

  // What was on at some time from one instant to another.
  within(from, to) {
    const isOn = ({ starts, ends }) => starts.some((start, place) => start < to && Math.max(ends[place], start + 1) > from);
    return this.faults.filter(isOn);
  }

  told(values, at) {
    return this.within(at, at + this.axis.klines.period_ms).map(({ name, about, effect }) => `  ${name}: ${about}${effect && `; ${effect}`}`);
  }

  updateAllViews() {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleRange();
    if (!range) return;
    const [from, to] = [range.from * 1000, range.to * 1000];
    const half = scale.options().barSpacing / 2;
    const x = (at) => scale.timeToCoordinate(this.axis.slot(at, true) / 1000);
    this.placed = this.faults.flatMap(({ name, starts, ends }, row) =>
      starts.map((start, place) => ({ name, row, start, end: Math.max(ends[place] - 1, start) })).filter(({ start, end }) => start <= to && end >= from),
    ).map((span) => ({ ...span, left: x(Math.max(span.start, from)) - half, right: x(Math.min(span.end, to)) + half }));
  }

  paneViews() {
    return [{ zOrder: () => "bottom", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(({ context, mediaSize }) => this.paint(context, mediaSize)) }) }];
  }

  paint(context, { height }) {
    context.font = "11px sans-serif";
    const free = new Map(); // how far the names of a row reach
    for (const { name, row, left, right } of this.placed) {
      const width = Math.max(right - left, LEAST);
      context.fillStyle = `${this.look.warn}22`;
      context.fillRect(left, 0, width, height);
      if (left < (free.get(row) ?? -Infinity)) continue;
      context.fillStyle = this.look.warn;
      context.fillText(name, Math.max(left, 0) + 2, ROW * (row + 1));
      free.set(row, left + name.length * LETTER + ROW);
    }
  }
}
