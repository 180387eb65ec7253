"""docs/operations-kb.md, followed as an IT person would: every shell block of the page is run as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_command_of_the_page_works(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations-kb.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.S)
    repo = tmp_path / "kb"
    repo.mkdir()
    shutil.copy(ROOT / "resources" / "sample_kb" / "entries.jsonl", repo / "entries.jsonl")
    changed = (repo / "entries.jsonl").read_text("utf-8").replace("夜间施工", "夜间建筑施工", 1)
    (repo / "entries2.jsonl").write_text(changed, "utf-8")
    script = "set -e\n" + "\n".join(blocks).replace("/srv/kb", str(repo))
    script = script.replace("tingdan kb keys list\n",
                            "tingdan kb keys list | tee list.txt\nFINGERPRINT=$(grep -o '[0-9a-f]\\{64\\}' list.txt)\n", 1)
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text(f'[knowledge]\naddress = "{repo}/public"\n', "utf-8")
    environment = {**os.environ, "TINGDAN_HOME": str(tmp_path / "home"),
                   "TINGDAN_KB_PASSPHRASE": "a passphrase of tests", "TINGDAN_LANG": "zh",
                   "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environment, text=True, capture_output=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "已撤回 SP-NOISE-P" in done.stdout and "依据已废止" in done.stdout
    assert "版本 first（第 1 次发布" in done.stdout
    assert "本机固定在版本 first" in done.stdout
    assert len(list((repo / "offline-keys").glob("root-*.pem"))) == 3
