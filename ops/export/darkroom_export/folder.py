"""Writes a pipeline as a Darkroom model folder."""

from __future__ import annotations

import hashlib
import json
import pathlib
import shutil
import tempfile
from dataclasses import dataclass

import diffusers as d
import torch

from . import attention, graphs, preview
from .errors import ExportError

CLIP_CLASSES = ("CLIPTextModel", "CLIPTextModelWithProjection")
INDEX, NOTES = "model_index.json", "darkroom.json"


# what attention is worth fusing in: the other parts run once for a picture
DENOISERS = ("unet", "transformer", "controlnet")
GIGABYTE = 1e9


@dataclass(frozen=True)
class Options:
    """How a folder is written."""

    half: bool = False  # weights in float16; decoders that overflow in it are kept in float32 too
    fused: bool = False  # the denoisers' attention as one operator
    preview: bool = False  # with a map from latents to colours


def write(pipe: d.DiffusionPipeline, out: pathlib.Path, source: pathlib.Path | None = None, notes: dict | None = None, options: Options = Options()) -> None:
    """Writes the folder `out`, which must not exist; nothing of it is there before all of it is.

    source   the pipeline's own folder: tokenizers are taken from there as they are
    notes    what darkroom.json says, but for what is computed
    """
    parts = {name: part for name, part in pipe.components.items() if part is not None}
    made = _graphs(pipe, parts)
    out.parent.mkdir(parents=True, exist_ok=True)
    _check_space(made, out.parent, options)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent, ignore_cleanup_errors=True) as scratch:
        folder = pathlib.Path(scratch, out.name)
        folder.mkdir()
        parts["scheduler"].save_pretrained(folder / "scheduler")
        for name, part in parts.items():
            if name.startswith("tokenizer"):
                _tokenizer(part, name, folder, source)
            elif name == "feature_extractor":
                part.save_pretrained(folder / name)
        for name, graph in made.items():
            _part(graph, folder / name, options)
        _index(pipe, folder)
        _notes(folder, (notes or {}) | ({"preview": preview.fit(pipe)} if options.preview else {}))
        folder.rename(out)


def _part(graph, folder, options):
    fused = options.fused and folder.name.startswith(DENOISERS) and attention.has(graph.module)
    # as the library's configuration says of SDXL's: it is known to overflow
    overflows = folder.name == "vae_decoder" and graph.module.config.get("force_upcast", False)
    half = options.half and not overflows
    graphs.write(graph, folder, half, fused)
    _configuration(graph.module, folder)
    if half and folder.name == "vae_decoder":
        whole = folder.with_name("vae_decoder_fp32")
        graphs.write(graph, whole)
        _configuration(graph.module, whole)


def _check_space(made, place, options):
    """The weights as they are written, and those of the largest part in float32 while it is exported, twice where it is halved."""
    sizes = {name: 4 * sum(weights.numel() for weights in graph.module.parameters()) for name, graph in made.items()}
    need = sum(sizes.values()) // (2 if options.half else 1) + (2 if options.half else 1) * max(sizes.values(), default=0)
    free = shutil.disk_usage(place).free
    if need > free:
        raise ExportError(f"the export needs about {need / GIGABYTE:.1f} GB of {place.absolute()}, where {free / GIGABYTE:.1f} GB are free")


def controlnets(pipe) -> dict[str, torch.nn.Module]:
    """The pipeline's control networks by their folders."""
    net = getattr(pipe, "controlnet", None)
    nets = [] if net is None else list(net.nets) if isinstance(net, d.MultiControlNetModel) else [net]
    return {"controlnet" if i == 0 else f"controlnet_{i}": net for i, net in enumerate(nets)}


def _graphs(pipe, parts) -> dict[str, graphs.Graph]:
    made = {}
    nets = controlnets(pipe)
    scored = bool(pipe.config.get("requires_aesthetics_score", False))
    for name, part in parts.items():
        kind = type(part).__name__
        if kind in CLIP_CLASSES:
            made[name] = graphs.clip(part)
        elif kind == "T5EncoderModel":
            made[name] = graphs.t5(part)
        elif kind == "UNet2DConditionModel":
            made[name] = graphs.unet(part, next(iter(nets.values()), None), scored)
        elif kind == "UNet2DModel":
            made[name] = graphs.unconditional(part)
        elif kind == "SD3Transformer2DModel":
            made[name] = graphs.sd3(part)
        elif kind == "FluxTransformer2DModel":
            made[name] = graphs.flux(part)
        elif kind == "AutoencoderKL":
            made |= {"vae_decoder": graphs.vae_decoder(part), "vae_encoder": graphs.vae_encoder(part)}
        elif kind == "StableDiffusionSafetyChecker":
            made[name] = graphs.safety_checker(part)
        elif isinstance(part, torch.nn.Module) and name != "controlnet":
            raise ExportError(f"{name} is a {kind}, which is not built; --without {name} leaves it out, where a pipeline can do without")
    return made | {name: graphs.controlnet(net) for name, net in nets.items()}


def _index(pipe, out):
    pipe.save_config(out)
    index = json.loads((out / INDEX).read_text())
    index.pop("_name_or_path", None)
    (out / INDEX).write_text(json.dumps(index, indent=2) + "\n")


def _tokenizer(part, name, out, source):
    if source is not None and (source / name).is_dir():
        shutil.copytree(source / name, out / name)
    else:
        part.save_pretrained(out / name)


def _configuration(module, folder):
    values = module.config.to_dict() if hasattr(module.config, "to_dict") else dict(module.config)
    values = {key: value for key, value in values.items() if not key.startswith("_") or key in ("_class_name", "_diffusers_version")}
    (folder / "config.json").write_text(json.dumps(values, indent=2, sort_keys=True, default=str) + "\n")


def _notes(out, notes):
    sums = {}
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            sums[path.relative_to(out).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    (out / NOTES).write_text(json.dumps(notes | {"sha256": sums}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
