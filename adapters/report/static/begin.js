// What a file does first: its script stands in it deflated, as its data do, and is taken apart and begun.

import { inflated } from "./packed.js";

try {
  const script = document.createElement("script");
  script.type = "module";
  script.textContent = new TextDecoder().decode(await inflated(document.getElementById("script").textContent));
  document.head.append(script);
} catch (error) {
  document.getElementById("main").textContent = `This page needs a newer browser: ${error.message}`;
}
