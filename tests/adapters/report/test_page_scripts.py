"""Modules made into one script."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.report.page_scripts import STATIC, _as_function, bundled


def test_imports_and_exports_become_what_functions_can_say() -> None:
    text = """import { a, b as c } from "./one.js";
import {
  d,
} from "./vendor/two.js";

export async function f() {}
export const g = 1;
export class H {}
const i = 2;
export { i, g as j };
"""
    assert (
        _as_function("page.js", text)
        == """const { a, b: c } = modules["one.js"];
const { d } = modules["vendor/two.js"];

async function f() {}
const g = 1;
class H {}
const i = 2;

return { f, g, H, i, j: g };"""
    )


def test_every_script_of_the_page_stands_there_once_before_those_that_use_it() -> None:
    script = bundled("report.js")
    names = re.findall(r'^modules\["([\w./-]+)"\] = ', script, re.MULTILINE)
    assert len(names) == len(set(names)) > 10
    assert names[-1] == "report.js"
    order = ["packed.js", "api.js", "vocabulary.js", "chart/marks.js", "chart.js"]
    assert sorted(order, key=names.index) == order
    used = re.findall(r' = modules\["([\w./-]+)"\];$', script, re.MULTILINE)
    assert set(used) <= set(names)
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


def test_the_script_cannot_end_its_element_and_answers_from_the_file() -> None:
    script = bundled("report.js")
    assert "</script" not in script.lower()
    assert "<!--" not in script
    assert (STATIC / "report_api.js").is_file()
    assert "fetch(" not in script


def test_scripts_of_another_room_stand_there_with_those_of_this_one(tmp_path: Path) -> None:
    (tmp_path / "own.js").write_text('import { count } from "./format.js";\nimport { mine } from "./mine.js";\n')
    (tmp_path / "mine.js").write_text("export const mine = 1;\n")
    script = bundled("own.js", tmp_path)
    names = re.findall(r'^modules\["([\w./-]+)"\] = ', script, re.MULTILINE)
    assert names == ["format.js", "mine.js", "own.js"]


def test_an_import_leads_from_the_folder_of_the_script_that_says_it(tmp_path: Path) -> None:
    (tmp_path / "own.js").write_text('import { a } from "./parts/a.js";\n')
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.js").write_text('import { b } from "./b.js";\nexport const a = b;\n')
    (tmp_path / "parts" / "b.js").write_text('import { get } from "../api.js";\nexport const b = get;\n')
    script = bundled("own.js", tmp_path)
    assert 'modules["parts/b.js"] = ' in script
    assert 'const { b } = modules["parts/b.js"];' in script
    assert 'const { get } = modules["api.js"];' in script
