// What is said of a mark: of which kind it is, and what is known of it, with units.

import { written } from "./format.js";
import { words } from "./vocabulary.js";

const BEHIND = { usd: " USD", price: " USD" }; // units that a value has behind it

const isKnown = (value) => value !== null && value !== undefined && value !== "";

// What is shown of a kind of marks; of one that nobody knows its name, in grey.
export const shownAs = (kind) => words.marks[kind] ?? { label: String(kind), tone: "soft", shape: "circle" };

export const headOf = (mark) => `${shownAs(mark.kind).label}${mark.side ? `, ${mark.side}` : ""}`;

// The label and the text of each column of which something is known.
export const factsOf = (columns, row) => columns.filter(({ key }) => isKnown(row[key])).map((column) => [column.label, `${written(column, row[column.key])}${BEHIND[column.unit] ?? ""}`]);
