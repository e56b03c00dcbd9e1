// What is stored of the market, files that are imported, and downloads.

import { get } from "../api.js";
import { h, put } from "../dom.js";
import { downloadForm } from "../data/downloads.js";
import { ImportForm } from "../data/imports.js";
import { JobList } from "../data/jobs.js";
import { StoredData } from "../data/stored.js";

export async function showData(page) {
  const forms = await get("/api/data/forms");
  const stored = new StoredData();
  const jobs = new JobList(() => {
    stored.refresh();
    imports.refresh();
  });
  const imports = new ImportForm(forms, () => jobs.refresh());
  put(page, h("h1", {}, "Data"), stored.element, imports.element, downloadForm(forms, () => jobs.refresh()), jobs.element);
  await Promise.all([stored.refresh(), imports.refresh(), jobs.refresh()]);
  if (imports.files.length) await imports.look();
  window.perpsim = { ...window.perpsim, data: { stored, imports, jobs } };
  return () => {
    jobs.leave();
    stored.leave();
    imports.leave();
  };
}
