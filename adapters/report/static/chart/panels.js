// Panels below the price, equity and drawdown: the chart grows by one, and shrinks when its series is gone.

const HEIGHT = 90;

export class Panels {
  constructor(box) {
    Object.assign(this, { box, added: 0 });
  }

  attach(chart) {
    this.chart = chart;
  }

  // Add a series in a panel of its own.
  add(kind, options) {
    const series = this.chart.addSeries(kind, options, this.chart.panes().length);
    this.grow(1);
    return series;
  }

  // Add a further one to the panel of a series.
  beside(series, kind, options) {
    return this.chart.addSeries(kind, options, series.getPane().paneIndex());
  }

  // Take series away; one panel goes with them where they had one.
  remove(series, hadPanel) {
    series.forEach((each) => this.chart.removeSeries(each));
    if (hadPanel) this.grow(-1);
  }

  grow(by) {
    const plain = this.box.offsetHeight - this.added * HEIGHT;
    this.added += by;
    this.box.style.height = `${plain + this.added * HEIGHT}px`;
  }
}
