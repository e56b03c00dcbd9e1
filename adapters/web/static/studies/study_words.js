// What is said of studies in several places.

import { get } from "../api.js";
import { duration, text, written } from "../format.js";
import { words } from "../vocabulary.js";

let asked = null;

// The kinds of studies with their fields, as the server tells them.
export const studyForm = () => (asked ??= get("/api/studies/form"));

export const figureText = (name, value) => (words.figures[name] ? written(words.figures[name], value) : text(value));
export const figureLabel = (name) => words.figures[name]?.label ?? name;
export const valuesText = (values) => Object.entries(values).map(([name, value]) => `${name} ${text(value)}`).join(", ");
export const bestText = ({ figure, value, values }) => `${figureLabel(figure)} ${figureText(figure, value)}${Object.keys(values).length ? ` (${valuesText(values)})` : ""}`;
export const leftText = (seconds) => (seconds === null || seconds === undefined ? null : `about ${duration(seconds * 1000)} left`);
