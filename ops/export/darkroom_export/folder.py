"""Writes a pipeline as a Darkroom model folder."""

from __future__ import annotations

import hashlib
import json
import pathlib
import shutil

import diffusers as d
import onnx
import torch

from . import graphs

CLIP_CLASSES = ("CLIPTextModel", "CLIPTextModelWithProjection")
INDEX, NOTES = "model_index.json", "darkroom.json"


def write(pipe: d.DiffusionPipeline, out: pathlib.Path, source: pathlib.Path | None = None, notes: dict | None = None, half: bool = False) -> None:
    """Writes the folder `out`, which must not exist.

    source   the pipeline's own folder: tokenizers are taken from there as they are
    notes    what darkroom.json says, but for the checksums
    half     weights in float16; decoders that overflow in it are kept in float32 too
    """
    parts = {name: part for name, part in pipe.components.items() if part is not None}
    made = _graphs(pipe, parts)
    out.mkdir(parents=True)
    _index(pipe, out)
    parts["scheduler"].save_pretrained(out / "scheduler")
    for name, part in parts.items():
        if name.startswith("tokenizer"):
            _tokenizer(part, name, out, source)
        elif name == "feature_extractor":
            part.save_pretrained(out / name)
    for name, graph in made.items():
        graphs.write(graph, out / name)
        _configuration(graph.module, out / name)
        if half:
            _halve(graph.module, out / name)
    _notes(out, notes or {})


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
            raise ValueError(f"{name} is a {kind}, which is not built")
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


def _halve(module, folder):
    from onnxruntime.transformers.float16 import convert_float_to_float16

    if folder.name == "vae_decoder":
        if module.config.get("force_upcast", False):
            return  # it is known to overflow
        shutil.copytree(folder, folder.with_name("vae_decoder_fp32"))
    path = folder / "model.onnx"
    model = convert_float_to_float16(onnx.load(str(path)), keep_io_types=True)
    for leftover in folder.glob("model.onnx*"):
        leftover.unlink()
    large = model.ByteSize() > graphs.LARGEST_FILE
    onnx.save(model, str(path), save_as_external_data=large, **({"location": "model.onnx_data"} if large else {}))


def _notes(out, notes):
    sums = {}
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            sums[path.relative_to(out).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    (out / NOTES).write_text(json.dumps(notes | {"sha256": sums}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
