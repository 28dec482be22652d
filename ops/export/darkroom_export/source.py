"""The pipeline that is exported: a folder of this machine, or one of the hub."""

from __future__ import annotations

import json
import pathlib
import re

import diffusers as d
import torch

from .errors import ExportError

CLASSES = (
    "StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline", "StableDiffusionControlNetPipeline",
    "StableDiffusionControlNetImg2ImgPipeline", "StableDiffusionControlNetInpaintPipeline", "LatentConsistencyModelPipeline",
    "LatentConsistencyModelImg2ImgPipeline", "StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline",
    "StableDiffusionXLControlNetPipeline", "StableDiffusionXLControlNetImg2ImgPipeline", "StableDiffusionXLControlNetInpaintPipeline",
    "StableDiffusion3Pipeline", "StableDiffusion3Img2ImgPipeline", "StableDiffusion3InpaintPipeline", "FluxPipeline", "FluxImg2ImgPipeline",
    "FluxInpaintPipeline", "DDPMPipeline", "DDIMPipeline",
)
INDEX = "model_index.json"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
WEIGHTS = (".safetensors", ".bin")


def read(model: str, without: list[str]) -> tuple[d.DiffusionPipeline, pathlib.Path | None]:
    """The pipeline in float32, without the components of these names, and its folder if it has one here."""
    folder = pathlib.Path(model)
    if folder.exists():
        name, revision, index = str(folder), None, _index(folder)
    elif HUB_NAME.fullmatch(model):
        name, _, revision = model.partition("@")
        folder, index = None, _from_hub(lambda: d.DiffusionPipeline.load_config(name, revision=revision or None), model)
    else:
        raise ExportError(f"MODEL is {model}, which is no folder; legal: a pipeline's folder, or owner/name[@revision] on the hub")
    if index.get("_class_name") not in CLASSES:
        raise ExportError(f"{model} is a {index.get('_class_name')}; legal: {', '.join(CLASSES)}")
    parts = {part: kind for part, kind in index.items() if isinstance(kind, list)}
    unknown = [part for part in without if part not in parts]
    if unknown:
        raise ExportError(f"--without names {', '.join(unknown)}; legal: {', '.join(sorted(parts))}")
    absent = {part: None for part, kind in parts.items() if part in without or kind[0] is None}
    if folder is not None:
        _complete(folder, [part for part in parts if part not in absent])
    return _from_hub(lambda: d.DiffusionPipeline.from_pretrained(name, revision=revision or None, torch_dtype=torch.float32, **absent), model), folder


def _index(folder):
    if folder.is_file():
        raise ExportError(f"{folder} is a file; legal: a pipeline's folder. One file with all weights becomes a folder by the library: "
                          f"StableDiffusionPipeline.from_single_file(FILE).save_pretrained(FOLDER), or the pipeline that it is for")
    if not (folder / INDEX).is_file():
        if (folder / "adapter_config.json").exists() or any("lora" in path.name.lower() for path in folder.glob("*.safetensors")):
            raise ExportError(f"{folder} holds a LoRA, which is a change to a pipeline and none by itself; legal: the pipeline with the change made, "
                              f"by the library's load_lora_weights, fuse_lora, unload_lora_weights and save_pretrained")
        raise ExportError(f"{folder} is no pipeline's folder: {INDEX} is missing")
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ExportError(f"{folder / INDEX} is not JSON: {error}") from error
    if not isinstance(index, dict):
        raise ExportError(f"{folder / INDEX} is not a JSON object")
    return index


def _complete(folder, parts):
    """Says all that is missing at once; the library stops at the first."""
    missing = []
    for part in parts:
        place = folder / part
        if not place.is_dir():
            missing.append(f"{part}/")
        elif part == "scheduler" and not (place / "scheduler_config.json").is_file():
            missing.append(f"{part}/scheduler_config.json")
        elif not part.startswith(("scheduler", "tokenizer", "feature_extractor")):
            for kept in sorted(place.glob("[0-9]*")) if (place / "0").is_dir() else [place]:
                if not (kept / "config.json").is_file():
                    missing.append(f"{kept.relative_to(folder)}/config.json")
                if not any(file.suffix in WEIGHTS for file in kept.iterdir()):
                    missing.append(f"weights (*.safetensors or *.bin) in {kept.relative_to(folder)}/")
    if missing:
        raise ExportError(f"{folder} is not complete; missing: {', '.join(missing)}; --without leaves out a component, where a pipeline can do without")


def _from_hub(read, model):
    """The library's refusals are of many kinds; its first line says what is wrong."""
    try:
        return read()
    except (OSError, ValueError) as error:
        raise ExportError(f"{model} cannot be read: {str(error).strip().splitlines()[0]}") from error
