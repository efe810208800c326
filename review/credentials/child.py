"""A program of its own that signs and reads: ``python -m review.credentials.child``.

It takes one task as JSON on its standard input and answers with JSON on its standard output. What
goes wrong in the native library, or never ends, ends this process and nothing else. It reads no
address but that of the time-stamp authority, and no setting.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import c2pa
from c2pa import C2paError

MEMORY = 2 * 2**30
CPU_SECONDS = 300
# Of a file nobody asked for: a manifest store may say anything and be of any size.
LONGEST_ANSWER = 4 * 2**20

_ALGORITHMS = {
    "es256": c2pa.C2paSigningAlg.ES256,
    "es384": c2pa.C2paSigningAlg.ES384,
    "es512": c2pa.C2paSigningAlg.ES512,
    "ps256": c2pa.C2paSigningAlg.PS256,
    "ed25519": c2pa.C2paSigningAlg.ED25519,
}


def _context(anchors: str) -> c2pa.Context:
    settings: dict[str, Any] = {
        "verify": {
            "verify_trust": True,
            "verify_after_sign": False,
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        },
        # A still of an ingredient would leave with the clip.
        "builder": {"thumbnail": {"enabled": False}},
    }
    if anchors:
        settings["trust"] = {"user_anchors": anchors}
    return c2pa.Context.from_dict(settings)


def _signer(task: dict[str, Any]) -> c2pa.Signer:
    if task["callback"]:
        module, _dot, name = task["callback"].rpartition(".")
        sign = getattr(importlib.import_module(module), name)
        return c2pa.Signer.from_callback(
            sign, _ALGORITHMS[task["algorithm"]], task["chain"], task["timestamps"] or None
        )
    return c2pa.Signer.from_info(
        c2pa.C2paSignerInfo(
            task["algorithm"].encode(),
            task["chain"].encode(),
            Path(task["key"]).read_bytes(),
            task["timestamps"].encode() or None,
        )
    )


def sign(task: dict[str, Any]) -> dict[str, Any]:
    """Write each of ``files`` signed: ``{source, target, format, manifest, ingredients}``."""
    with ExitStack() as open_things:
        context = open_things.enter_context(_context(task["anchors"]))
        for file in task["files"]:
            # A builder takes its signer, so each file has its own.
            with (
                _signer(task) as signer,
                c2pa.Builder(file["manifest"], context) as builder,
                Path(file["source"]).open("rb") as source,
                Path(file["target"]).open("w+b") as target,
            ):
                for ingredient in file["ingredients"]:
                    with Path(ingredient["path"]).open("rb") as other:
                        builder.add_ingredient(
                            ingredient["definition"], ingredient["format"], other
                        )
                builder.sign(signer, file["format"], source, target)
            state = _read(file["target"], file["format"], context)["state"]
            if state != "Trusted":
                return {"error": "not_trusted", "detail": f"{file['format']}: {state}"}
    return {"signed": len(task["files"])}


def read(task: dict[str, Any]) -> dict[str, Any]:
    """``{"state": …, "store": …}`` of the file at ``path``; both None without a credential."""
    with _context(task["anchors"]) as context:
        return _read(task["path"], task["format"], context)


def _read(path: str, form: str, context: c2pa.Context) -> dict[str, Any]:
    with Path(path).open("rb") as file:
        reader = c2pa.Reader.try_create(form, file, context=context)
        if reader is None:
            return {"state": None, "store": None}
        with reader:
            said = reader.json()
            if len(said) > LONGEST_ANSWER:
                return {"error": "too_large", "detail": ""}
            return {"state": reader.get_validation_state(), "store": json.loads(said)}


def main() -> int:
    task = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = {"sign": sign, "read": read}[task["do"]](task)
    except C2paError as error:
        said = str(error)
        answer = {"error": "timestamps" if "http" in said else "refused", "detail": said[:500]}
    except (OSError, ValueError, AttributeError, ImportError, MemoryError) as error:
        answer = {"error": "failed", "detail": f"{type(error).__name__}: {error}"[:500]}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
