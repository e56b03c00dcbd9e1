// Marks of one kind on a chart: those of one kline together, and where these are too many, those of neighbours.

const MOST = 300;

// Groups of places in rising `times`, each with the open of its first kline.
export function groupsOf(axis, times, most = MOST) {
  const groups = [];
  for (let place = 0; place < times.length; place += 1) {
    const at = axis.slot(times[place]);
    if (groups.at(-1)?.at === at) groups.at(-1).places.push(place);
    else groups.push({ at, places: [place] });
  }
  const together = Math.ceil(groups.length / most);
  if (together <= 1) return groups;
  return Array.from({ length: Math.ceil(groups.length / together) }, (_, part) => {
    const parts = groups.slice(part * together, (part + 1) * together);
    return { at: parts[0].at, places: parts.flatMap((each) => each.places) };
  });
}
