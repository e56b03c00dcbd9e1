// The axis of time: a place for each kline at hand, and one for each that is missing in between, so that a hole is as
// long as it was. An instant is drawn on the kline that it belongs to, as instants.js says.

import { within } from "../instants.js";
import { lowerBound } from "../packed.js";

export class Axis {
  constructor() {
    this.klines = null; // none while those of another symbol are fetched
    this.times = []; // the start of each place
  }

  // The klines of a window, which is shown from one instant to another even where there are none.
  take(klines, from, to) {
    this.klines = klines;
    this.times = klines ? filled(klines, from, to) : [];
  }

  get isEmpty() {
    return !this.times.length;
  }

  // From the first place at hand to the end of the last.
  get reach() {
    return [this.times[0], this.times.at(-1) + this.klines.period_ms];
  }

  // How many places lie before an instant, with the part of the one in which it is.
  place(at) {
    const { times } = this;
    const { period_ms: period } = this.klines;
    const last = lowerBound(times, at + 1) - 1;
    if (last < 0) return (at - times[0]) / period;
    const length = last + 1 < times.length ? times[last + 1] - times[last] : period;
    return last + (at - times[last]) / length;
  }

  // The instant of such a place.
  instant(place) {
    const { times } = this;
    const { period_ms: period } = this.klines;
    const last = Math.min(Math.floor(place), times.length - 1);
    if (last < 0) return times[0] + place * period;
    const length = last + 1 < times.length ? times[last + 1] - times[last] : period;
    return times[last] + (place - last) * length;
  }

  // The open of the kline that an instant is drawn on: the last one that has begun before it, with its open or before.
  slot(at, isAtOpen = false) {
    const { time: opens } = this.klines;
    const places = opens.length ? opens : this.times;
    return places[Math.max(lowerBound(places, within(at, isAtOpen) + 1) - 1, 0)];
  }

  // Whether the kline that an instant belongs to is at hand; what comes first has none before it.
  has(at, isAtOpen = false) {
    const [first, last] = this.reach;
    return at >= first && within(at, isAtOpen) < last;
  }

  // When the place that begins at an instant is over: what it shows is of then.
  closeOf(open) {
    return this.times[lowerBound(this.times, open + 1)] ?? open + this.klines.period_ms;
  }

  // Last, lowest and highest value of each place in which there are any: after its start, up to its end.
  slotted(timestamps, values) {
    const { times } = this;
    const found = [];
    if (!times.length) return found;
    let place = timestamps[0] === times[0] ? 0 : lowerBound(timestamps, times[0] + 1); // what comes first has none before it
    for (let each = 0; each < times.length && place < timestamps.length; each += 1) {
      const stop = (each + 1 < times.length ? times[each + 1] : this.reach[1]) + 1;
      if (timestamps[place] >= stop) continue;
      const end = Math.max(lowerBound(timestamps, stop, place), place + 1);
      let low = Infinity;
      let high = -Infinity;
      let last = null;
      for (; place < end; place += 1) {
        const value = values[place];
        if (value === null) continue;
        last = value;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (last !== null) found.push({ time: times[each] / 1000, last, low, high });
    }
    return found;
  }
}

// The starts of klines and, at the same steps, of those that are missing between them and up to the ends.
function filled({ time: opens, period_ms: period }, from, to) {
  const found = [];
  const until = (end) => {
    while (found.length && found.at(-1) + period < end) found.push(found.at(-1) + period);
  };
  const first = from - (from % period);
  if (!opens.length || first < opens[0]) found.push(first);
  for (const open of opens) {
    until(open);
    if (open !== found.at(-1)) found.push(open);
  }
  until(to);
  return found;
}

// What a series says at an instant: its last value up to then, with its own time where that is another; "" before it.
export function saidAt(at, timestamps, values, write, timeOf) {
  let place = lowerBound(timestamps, at + 1) - 1;
  while (place >= 0 && values[place] === null) place -= 1;
  if (place < 0) return "";
  const own = timestamps[place];
  return `${write(values[place])}${own === at ? "" : ` (${timeOf(own)})`}`;
}
