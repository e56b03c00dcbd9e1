// Keys move and zoom the chart; with Shift they go from kline to kline.

const MOVES = { ArrowLeft: [-0.25, -0.25], ArrowRight: [0.25, 0.25], "+": [0.25, -0.25], "=": [0.25, -0.25], "-": [-0.5, 0.5] };

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export function onKey(event, windows, legend) {
  if (event.shiftKey && STEPS[event.key]) {
    event.preventDefault();
    legend.step(STEPS[event.key], windows.shown);
    return;
  }
  const [from, to] = windows.shown;
  const span = to - from;
  const move = MOVES[event.key];
  if (event.key === "Home") windows.zoomTo(0);
  else if (move) windows.show(from + move[0] * span, to + move[1] * span);
  else return;
  event.preventDefault();
}
