"""Turns a diffusers pipeline into a Darkroom folder, and computes what the folder must reproduce.

    python -m darkroom_export MODEL OUT [--half] [--fused] [--preview] [--without PART] [--title TEXT] [--licence TEXT] [--window TOKENS]
    python -m darkroom_export MODEL OUT --references JOBS.json [--inputs DIR] …

MODEL is a folder or a hub name. JOBS.json maps names of cases to jobs in short form.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import shutil
import sys

from . import folder, references
from . import source as sources
from .errors import ExportError

LONGEST_WINDOW = 512


def main(arguments: list[str] | None = None) -> None:
    chosen = _parser().parse_args(arguments)
    try:
        export(chosen)
    except ExportError as error:
        print(f"darkroom_export: {error}", file=sys.stderr)
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m darkroom_export", description=__doc__.splitlines()[0])
    parser.add_argument("model", metavar="MODEL", help="a pipeline's folder, or its name on the hub, owner/name[@revision]")
    parser.add_argument("out", metavar="OUT", type=pathlib.Path, help="the new model folder; with --references the folder that holds models, cases and inputs")
    parser.add_argument("--half", action="store_true", help="weights in float16")
    parser.add_argument("--fused", action="store_true", help="the denoiser's attention as one operator of ONNX Runtime")
    parser.add_argument("--preview", action="store_true", help="fit the map from latents to colours that previews are made with")
    parser.add_argument("--without", metavar="PART", action="append", default=[], help="leave out a component, such as safety_checker; may be given again")
    parser.add_argument("--title", help="for people")
    parser.add_argument("--licence", help="of the weights")
    parser.add_argument("--window", type=int, metavar="TOKENS", help="tokens of a T5 prompt (default: the family's own)")
    parser.add_argument("--references", type=pathlib.Path, metavar="JOBS", help="compute these jobs, too")
    parser.add_argument("--inputs", type=pathlib.Path, default=pathlib.Path("inputs"), help="folder of the jobs' pictures")
    return parser


def export(chosen) -> None:
    jobs = _jobs(chosen)
    name = pathlib.Path(chosen.model.partition("@")[0] if not pathlib.Path(chosen.model).exists() else chosen.model).resolve().name
    out = chosen.out / "models" / name if jobs else chosen.out
    if out.exists():
        raise ExportError(f"{out} exists; legal: a folder that does not")
    if chosen.window is not None and not 1 <= chosen.window <= LONGEST_WINDOW:
        raise ExportError(f"--window is {chosen.window}; legal: 1 to {LONGEST_WINDOW}")
    pipe, source = sources.read(chosen.model, chosen.without)
    if chosen.window and not type(pipe).__name__.startswith(("StableDiffusion3", "Flux")):
        raise ExportError(f"--window is of T5 prompts, which a {type(pipe).__name__} does not take")
    notes = {key: value for key, value in {"title": chosen.title, "licence": chosen.licence}.items() if value}
    if chosen.window:
        notes["defaults"] = {"maxSequenceLength": chosen.window}
    folder.write(pipe, out, source, notes, folder.Options(chosen.half, chosen.fused, chosen.preview))
    config = json.loads((out / "scheduler/scheduler_config.json").read_text())
    nets = {"default" if name == "controlnet" else name: net for name, net in folder.controlnets(pipe).items()}
    model = references.Model(pipe, config, nets, chosen.window)
    for case, spec in jobs.items():
        for name in references.inputs_of(spec):
            (chosen.out / "inputs").mkdir(exist_ok=True)
            shutil.copy(chosen.inputs / name, chosen.out / "inputs")
        tensors = references.compute(model, spec, chosen.inputs)
        references.write(chosen.out / "cases" / out.name, out.name, case, spec, tensors)
        print(f"{out.name}/{case}", flush=True)


def _jobs(chosen) -> dict:
    if chosen.references is None:
        return {}
    try:
        jobs = json.loads(chosen.references.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExportError(f"--references {chosen.references} cannot be read: {error}") from error
    if not isinstance(jobs, dict) or not jobs or not all(isinstance(spec, dict) for spec in jobs.values()):
        raise ExportError(f"--references {chosen.references} holds something else; legal: an object of cases' names and their jobs")
    lacking = sorted({name for spec in jobs.values() for name in references.inputs_of(spec) if not (chosen.inputs / name).is_file()})
    if lacking:
        raise ExportError(f"--inputs {chosen.inputs} has no {', '.join(lacking)}")
    return jobs


if __name__ == "__main__":
    main()
