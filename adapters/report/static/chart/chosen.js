// The instant of the trigger that was chosen last, as a line down the prices.

export class ChosenInstant {
  constructor({ axis, prices }) {
    Object.assign(this, { axis, prices, at: null, left: null });
  }

  attach(chart, look) {
    Object.assign(this, { chart, look });
    this.prices.series.attachPrimitive(this);
  }

  restyle(look) {
    this.look = look;
  }

  attached({ requestUpdate }) {
    this.requestUpdate = requestUpdate;
  }

  showTrigger({ timestamp }) {
    this.at = timestamp;
    this.requestUpdate?.();
  }

  showTrade() {
    this.at = null;
    this.requestUpdate?.();
  }

  updateAllViews() {
    this.left = this.at === null || this.axis.isEmpty ? null : this.chart.timeScale().timeToCoordinate(this.axis.slot(this.at) / 1000);
  }

  paneViews() {
    return [{ zOrder: () => "top", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(({ context, mediaSize }) => this.paint(context, mediaSize)) }) }];
  }

  paint(context, { height }) {
    if (this.left === null) return;
    context.strokeStyle = this.look.accent;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(this.left, 0);
    context.lineTo(this.left, height);
    context.stroke();
  }
}
