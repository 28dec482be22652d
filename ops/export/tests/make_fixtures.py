"""Makes the worker's reference cases, and the tiny folders that they need.

    python tests/make_fixtures.py OUT [family …]
    python tests/make_fixtures.py OUT variants

Writes `OUT/cases/<family>/<case>.json` and `.safetensors` for every job in cases.py, the pictures that they take to
`OUT/inputs`, and `OUT/models/<family>` for families that are not among the first ones.
`variants` writes `OUT/models-half/lcm` and `OUT/models-fused/sd-turbo`: the same weights in half precision, and with fused
attention and the weights beside the graphs.
"""

from __future__ import annotations

import json
import logging
import pathlib
import shutil
import sys
import tempfile
import unittest.mock
import warnings

import numpy as np
import torch
import transformers
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import cases
import tiny
from darkroom_export import folder, graphs, references

WINDOW = 16  # tokens of a T5 prompt, in the folders' darkroom.json


def picture(kind, width, height):
    """A smooth picture without symmetry, a round mask, or edges, from formulas."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    if kind == "mask":
        return Image.fromarray((((x - 0.55) ** 2 + (y - 0.4) ** 2 < 0.09) * 255).astype("uint8"), "L")
    if kind == "edges":
        lines = (np.abs(np.sin(9 * x + 5 * y)) < 0.15) | (np.abs(np.hypot(x - 0.5, y - 0.5) - 0.3) < 0.02)
        return Image.fromarray((np.repeat(lines[..., None], 3, 2) * 255).astype("uint8"))
    colours = np.stack([0.5 + 0.5 * np.sin(7 * x + 2 * y), 0.5 + 0.5 * np.cos(5 * y - 3 * x * x), x * (1 - 0.5 * y)], -1)
    return Image.fromarray((colours * 255).round().astype("uint8"))


def variants(out):
    """Folders of families that are there already, written in the ways that the command offers."""
    for family, kind, options in (("lcm", "half", folder.Options(half=True)), ("sd-turbo", "fused", folder.Options(fused=True, preview=True))):
        with unittest.mock.patch.object(graphs, "LARGEST_FILE", 10_000 if options.fused else graphs.LARGEST_FILE):
            write_folder(tiny.model(family, WINDOW), pathlib.Path(out, f"models-{kind}", family), options)


def write_folder(model, path, options=folder.Options()):
    """The family's folder, with the fixtures' own tokenizers."""
    shutil.rmtree(path, ignore_errors=True)
    with tempfile.TemporaryDirectory() as source:
        for name, part in model.pipe.components.items():
            if name.startswith("tokenizer") and part is not None:
                shutil.copytree(tiny.CLIP if isinstance(part, transformers.CLIPTokenizer) else tiny.T5, pathlib.Path(source, name))
        # of Stable Diffusion 3 also where it has no T5: as many zeros follow the other tokens
        words = type(model.pipe).__name__.startswith(("StableDiffusion3", "Flux"))
        folder.write(model.pipe, path, pathlib.Path(source), {"defaults": {"maxSequenceLength": WINDOW}} if words else {}, options)


def main(out, only):
    out = pathlib.Path(out)
    if only == {"variants"}:
        variants(out)
        return 0
    failed = 0
    for family, jobs in cases.CASES.items():
        if only and family not in only:
            continue
        model = tiny.model(family, WINDOW)
        if family in tiny.LATER:
            write_folder(model, out / "models" / family)
            if family == "sd-overflow":
                tiny.write_overflow(model.pipe, out / "models" / family)
        for case, spec in jobs.items():
            for name in references.inputs_of(spec):
                path = out / "inputs" / name
                if not path.exists():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    kind, size = path.stem.rsplit("-", 1)
                    picture(kind, *map(int, size.split("x"))).save(path)
            try:
                tensors = references.compute(model, spec, out / "inputs")
            except Exception as error:  # the others are still worth having; the exit status tells
                print(f"{family}/{case}: {type(error).__name__}: {error}", file=sys.stderr)
                failed += 1
                continue
            image = tensors["image"]
            flagged = tensors.get("flagged", torch.zeros(len(image))) > 0
            if not torch.isfinite(image).all() or any(picture.std() < 0.01 for picture in image[~flagged]):
                print(f"{family}/{case}: the picture is degenerate", file=sys.stderr)
                failed += 1
                continue
            if "scheduler" in spec and not {"clipSkip", "negativePrompt"} & set(spec):  # its text is that of another case
                tensors = {name: tensor for name, tensor in tensors.items() if "embeds" not in name}
            if case in cases.PAIRS.get(family, {}):
                tensors = {"latents": tensors["latents"][-1:].contiguous(), "image": image}
            references.write(out / "cases" / family, family, case, spec, tensors)
            print(f"{family}/{case}: {list(image.shape)}, mean {image.mean():.3f}, deviation {image.std():.3f}", flush=True)
    return failed


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    sys.exit(1 if main(sys.argv[1], set(sys.argv[2:])) else 0)
