// Parallel coordinates that can be brushed: a drag along an axis keeps the trials within, on all axes together.

import { h, put } from "./dom.js";
import { count } from "./format.js";

const SIZE = { width: 1040, height: 470, left: 80, right: 960, top: 64, bottom: 440 };
const NEAR = 26; // how far from an axis a drag on it may begin
const MOST = 3000; // of more trials so many are drawn: the best, and others evenly by their rank
const MOST_BEST = 500;
const LEAST = 4; // a shorter drag takes the brush away
const INK = "#222222";
const FAINT = "#6f747d";
const BEST = "#d81b60";
const BRUSH = "#0072b2";
const GHOST = "#c9ccd155";

function thinned(trials) {
  if (trials.length <= MOST) return trials;
  const others = trials.length - MOST_BEST;
  const width = MOST - MOST_BEST;
  const even = Array.from({ length: width }, (_, place) => trials[Math.round((place * (others - 1)) / (width - 1))]);
  return [...even, ...trials.slice(-MOST_BEST)];
}

export class ParallelLines {
  // `axes` have a name, the share of each trial from below and marks; `order` are the trials that are drawn, the best
  // last; `colour` is the place of each trial's colour among `colours`. `changed` is called when a brush has moved.
  constructor({ axes, order, colour, colours }, changed) {
    Object.assign(this, { axes, order, colour, colours, changed, brushes: new Map(), chosen: null });
    this.canvas = h("canvas", { tabIndex: 0, role: "img", "aria-label": "Parallel coordinates. Drag along an axis to keep the trials within; Escape shows all." });
    this.said = h("span", { className: "soft small", role: "status" });
    this.clear = h("button", { type: "button", onclick: () => this.forget() }, "Show all");
    this.element = h("div", {}, h("div", { className: "row", style: "margin-bottom:8px" }, this.clear, this.said), h("div", { className: "paper" }, this.canvas));
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("keydown", (event) => event.key === "Escape" && this.forget());
    this.draw();
  }

  x(place) {
    return SIZE.left + (place * (SIZE.right - SIZE.left)) / Math.max(this.axes.length - 1, 1);
  }

  y(share) {
    return SIZE.bottom - share * (SIZE.bottom - SIZE.top);
  }

  keeps(trial) {
    for (const [place, [low, high]] of this.brushes) {
      const share = this.axes[place].shares[trial];
      if (share === null || share < low || share > high) return false;
    }
    return true;
  }

  forget() {
    this.brushes.clear();
    this.draw();
    this.changed();
  }

  choose(trial) {
    this.chosen = trial;
    this.draw();
  }

  // Where a pointer is in the picture, whatever size it is shown in.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * SIZE.width) / box.width, ((event.clientY - box.top) * SIZE.height) / box.height];
  }

  press(event) {
    const [x, from] = this.at(event);
    const place = this.axes.findIndex((_, each) => Math.abs(this.x(each) - x) <= NEAR);
    if (place < 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const [, to] = this.at(moved);
      const shares = [from, to].map((y) => (SIZE.bottom - y) / (SIZE.bottom - SIZE.top)).sort((a, b) => a - b);
      if (Math.abs(to - from) < LEAST) this.brushes.delete(place);
      else this.brushes.set(place, shares);
      this.later ??= requestAnimationFrame(() => this.draw());
    };
    const end = (ended) => {
      move(ended);
      this.canvas.removeEventListener("pointermove", move);
      this.changed();
    };
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", end, { once: true });
  }

  draw() {
    this.later = null;
    const scale = Math.max(devicePixelRatio || 1, 1);
    this.canvas.width = SIZE.width * scale;
    this.canvas.height = SIZE.height * scale;
    this.canvas.style.width = `min(100%, ${SIZE.width}px)`;
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, SIZE.width, SIZE.height);
    const kept = this.order.filter((trial) => this.keeps(trial));
    const isFew = kept.length <= 400;
    const drawn = thinned(kept);
    if (this.brushes.size) this.stroke(pen, thinned(this.order), GHOST, 0.6);
    this.strokeByColour(pen, drawn, isFew ? 1.3 : 0.7, isFew ? 0.8 : 0.5);
    if (kept.length) this.stroke(pen, [kept.at(-1)], BEST, 2.6);
    if (this.chosen !== null) this.stroke(pen, [this.chosen], INK, 2.6);
    this.axes.forEach((axis, place) => this.drawAxis(pen, axis, place));
    this.kept = kept;
    const hint = this.brushes.size ? `${count(kept.length)} of ${count(this.order.length)} trials are within` : `${count(this.order.length)} trials: drag along an axis to keep those within`;
    put(this.said, drawn.length < kept.length ? `${hint}; ${count(drawn.length)} of them are drawn` : hint);
    this.clear.disabled = !this.brushes.size;
  }

  // Lines of one colour that follow one another are drawn at once: a trial that is better lies over one that is not.
  strokeByColour(pen, trials, width, opacity) {
    pen.globalAlpha = opacity;
    for (let start = 0; start < trials.length; ) {
      let end = start;
      while (end < trials.length && this.colour[trials[end]] === this.colour[trials[start]]) end += 1;
      this.stroke(pen, trials.slice(start, end), this.colours[this.colour[trials[start]]], width);
      start = end;
    }
    pen.globalAlpha = 1;
  }

  stroke(pen, trials, colour, width) {
    pen.beginPath();
    for (const trial of trials) {
      this.axes.forEach((axis, place) => {
        const share = axis.shares[trial];
        if (share === null) return;
        if (place) pen.lineTo(this.x(place), this.y(share));
        else pen.moveTo(this.x(place), this.y(share));
      });
    }
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  }

  drawAxis(pen, { name, marks }, place) {
    const x = this.x(place);
    pen.strokeStyle = FAINT;
    pen.lineWidth = 1.2;
    pen.strokeRect(x, SIZE.top, 0, SIZE.bottom - SIZE.top);
    pen.textBaseline = "middle";
    pen.textAlign = "center";
    pen.fillStyle = INK;
    pen.font = "bold 12px DejaVu Sans, system-ui, sans-serif";
    pen.fillText(name, x, SIZE.top - 20, (SIZE.right - SIZE.left) / Math.max(this.axes.length - 1, 1) - 8);
    pen.textAlign = "right";
    pen.font = "11px DejaVu Sans, system-ui, sans-serif";
    for (const [share, text] of marks) {
      const wide = Math.min(pen.measureText(text).width, 110);
      pen.fillStyle = "#ffffffcc";
      pen.fillRect(x - 10 - wide, this.y(share) - 7, wide + 5, 14);
      pen.fillStyle = INK;
      pen.fillText(text, x - 7, this.y(share), 110);
    }
    const brush = this.brushes.get(place);
    if (!brush) return;
    pen.fillStyle = `${BRUSH}33`;
    pen.strokeStyle = BRUSH;
    const box = [x - 9, this.y(brush[1]), 18, this.y(brush[0]) - this.y(brush[1])];
    pen.fillRect(...box);
    pen.strokeRect(...box);
  }
}
