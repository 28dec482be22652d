"""Turns a diffusers pipeline into a Darkroom folder, and computes what the folder must reproduce.

    python -m darkroom_export MODEL OUT [--half] [--title TEXT] [--licence TEXT] [--window TOKENS]
    python -m darkroom_export MODEL OUT --references JOBS.json [--inputs DIR] …

MODEL is a folder or a hub name. JOBS.json maps names of cases to jobs in short form.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import shutil

import diffusers as d
import torch

from . import folder, references


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m darkroom_export", description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a pipeline's folder, or its name on the hub, owner/name[@revision]")
    parser.add_argument("out", type=pathlib.Path, help="the new model folder; with --references the folder that holds models, cases and inputs")
    parser.add_argument("--half", action="store_true", help="weights in float16")
    parser.add_argument("--title", help="for people")
    parser.add_argument("--licence", help="of the weights")
    parser.add_argument("--window", type=int, help="tokens of a T5 prompt (default: the family's own)")
    parser.add_argument("--references", type=pathlib.Path, metavar="JOBS", help="compute these jobs, too")
    parser.add_argument("--inputs", type=pathlib.Path, default=pathlib.Path("inputs"), help="folder of the jobs' pictures")
    chosen = parser.parse_args(arguments)
    jobs = json.loads(chosen.references.read_text(encoding="utf-8")) if chosen.references else {}
    source = pathlib.Path(chosen.model)
    name, _, revision = (chosen.model, "", "") if source.is_dir() else chosen.model.partition("@")
    out = chosen.out / "models" / pathlib.Path(name).name if jobs else chosen.out
    if out.exists():
        parser.error(f"{out} exists")
    pipe = d.DiffusionPipeline.from_pretrained(name, revision=revision or None, torch_dtype=torch.float32)
    notes = {key: value for key, value in {"title": chosen.title, "licence": chosen.licence}.items() if value}
    if chosen.window:
        notes["defaults"] = {"maxSequenceLength": chosen.window}
    folder.write(pipe, out, source if source.is_dir() else None, notes, chosen.half)
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


if __name__ == "__main__":
    main()
