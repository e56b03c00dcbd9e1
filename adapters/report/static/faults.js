// When faults were on, shaded on a price chart, each with its name.

const ROW = 13;
const LEAST = 3;
const LETTER = 6;

export class FaultSpans {
  // `slot` gives the open of the kline that an instant is drawn on, `colour` the colour of a tone.
  constructor({ slot, colour }) {
    Object.assign(this, { slot, colour, faults: [], placed: [] });
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

  updateAllViews() {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleRange();
    if (!range) return;
    const [from, to] = [range.from * 1000, range.to * 1000];
    const half = scale.options().barSpacing / 2;
    const x = (at) => scale.timeToCoordinate(this.slot(at) / 1000);
    this.placed = this.faults.flatMap(({ name, starts, ends }, row) =>
      starts.map((start, place) => ({ name, row, start, end: Math.max(ends[place] - 1, start) })).filter(({ start, end }) => start <= to && end >= from),
    ).map((span) => ({ ...span, left: x(Math.max(span.start, from)) - half, right: x(Math.min(span.end, to)) + half }));
  }

  paneViews() {
    return [{ zOrder: () => "bottom", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(({ context, mediaSize }) => this.draw(context, mediaSize)) }) }];
  }

  draw(context, { height }) {
    context.font = "11px sans-serif";
    const free = new Map(); // how far the names of a row reach
    for (const { name, row, left, right } of this.placed) {
      const width = Math.max(right - left, LEAST);
      context.fillStyle = `${this.colour("warn")}22`;
      context.fillRect(left, 0, width, height);
      if (left < (free.get(row) ?? -Infinity)) continue;
      context.fillStyle = this.colour("warn");
      context.fillText(name, Math.max(left, 0) + 2, ROW * (row + 1));
      free.set(row, left + name.length * LETTER + ROW);
    }
  }
}
