// The klines at hand are the axis of time: an instant is drawn on the last kline that has opened.

import { lowerBound } from "../packed.js";

export class Axis {
  constructor() {
    this.klines = null; // none while those of another symbol are fetched
  }

  get isEmpty() {
    return !this.klines?.time.length;
  }

  // From the first kline at hand to the end of the last.
  get reach() {
    const { time: times, period_ms: period } = this.klines;
    return [times[0], times.at(-1) + period];
  }

  // The open of the kline that an instant is drawn on.
  slot(at) {
    const times = this.klines.time;
    let low = 0;
    let high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return times[low];
  }

  // Last, lowest and highest value of each kline in which there are any; a kline lasts until the next one opens.
  slotted(timestamps, values) {
    const { time: opens } = this.klines;
    const found = [];
    if (!opens.length) return found;
    const [first, over] = this.reach;
    let place = lowerBound(timestamps, first);
    for (let kline = 0; kline < opens.length && place < timestamps.length; kline += 1) {
      const stop = kline + 1 < opens.length ? opens[kline + 1] : over + 1;
      if (timestamps[place] >= stop) continue;
      const end = Math.max(lowerBound(timestamps, stop, place), place + 1);
      let low = values[place];
      let high = low;
      for (; place < end; place += 1) {
        const value = values[place];
        if (value < low) low = value;
        else if (value > high) high = value;
      }
      found.push({ time: opens[kline] / 1000, last: values[end - 1], low, high });
    }
    return found;
  }
}
