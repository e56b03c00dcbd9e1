// The lines of trades on a price chart: the way from entry to exit, and where its exits stood meanwhile.

const MOST_SHOWN = 300; // of more lines in the window none is drawn: nobody could tell them apart

export class BracketLines {
  // `slot` gives the open of the kline that an instant is drawn on, `colour` the colour of a tone; `tell` is called with
  // how many lines are in sight and not drawn, when that changes.
  constructor({ slot, colour, tell }) {
    Object.assign(this, { slot, colour, tell, lines: [], placed: [], hidden: 0 });
  }

  attached({ chart, series, requestUpdate }) {
    Object.assign(this, { chart, series, requestUpdate });
  }

  setLines(lines) {
    this.lines = lines;
    this.requestUpdate?.();
  }

  updateAllViews() {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleRange();
    const shown = range ? this.lines.filter((line) => line.start <= range.to * 1000 && line.end >= range.from * 1000) : [];
    const hidden = shown.length > MOST_SHOWN ? shown.length : 0;
    if (hidden !== this.hidden) this.tell(hidden);
    this.hidden = hidden;
    const x = (at) => scale.timeToCoordinate(this.slot(at) / 1000);
    const y = (value) => this.series.priceToCoordinate(value);
    this.placed = hidden ? [] : shown.map((line) => ({ line, from: [x(line.start), y(line.first)], to: [x(line.end), y(line.last)] })).filter(({ from, to }) => ![...from, ...to].includes(null));
  }

  paneViews() {
    return [{ zOrder: () => "top", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(({ context }) => this.draw(context)) }) }];
  }

  draw(context) {
    context.lineWidth = 1;
    for (const { line, from, to } of this.placed) {
      context.strokeStyle = this.colour(line.tone);
      context.setLineDash(line.first === line.last ? [] : [4, 3]);
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
    }
  }
}
