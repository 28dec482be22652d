"""Computes with the reference library what a folder must reproduce: one case for each job.

A case is `<name>.json`, the job's `spec` in short form and where the numbers come from, and `<name>.safetensors`:

    prompt_embeds …  the conditioning, where there is any
    noise            the latents before the first step
    latents          [calls, …], after every call of the denoiser; of more than 60 every hundredth, or the last
    image            [count, H, W, 3] in 0…1, before rounding
    flagged          [count], where the folder has a safety checker: 1 for pictures that it withholds
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import pathlib

import diffusers as d
import numpy as np
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file

from . import schedulers

PROVENANCE = f"diffusers {d.__version__}, transformers {transformers.__version__}, torch {torch.__version__} on CPU, float32, ops/export"

TEXT, INIT, MASK, CONTROL, CONTROL_INIT, CONTROL_MASK = "text", "init", "mask", "control", "control+init", "control+mask"

# family (what a class's name begins with, longest first) -> the class for each task
TASKS = {
    "StableDiffusionXL": {
        TEXT: d.StableDiffusionXLPipeline, INIT: d.StableDiffusionXLImg2ImgPipeline, MASK: d.StableDiffusionXLInpaintPipeline,
        CONTROL: d.StableDiffusionXLControlNetPipeline, CONTROL_INIT: d.StableDiffusionXLControlNetImg2ImgPipeline,
        CONTROL_MASK: d.StableDiffusionXLControlNetInpaintPipeline,
    },
    "StableDiffusion3": {TEXT: d.StableDiffusion3Pipeline, INIT: d.StableDiffusion3Img2ImgPipeline, MASK: d.StableDiffusion3InpaintPipeline},
    "StableDiffusion": {
        TEXT: d.StableDiffusionPipeline, INIT: d.StableDiffusionImg2ImgPipeline, MASK: d.StableDiffusionInpaintPipeline,
        CONTROL: d.StableDiffusionControlNetPipeline, CONTROL_INIT: d.StableDiffusionControlNetImg2ImgPipeline,
        CONTROL_MASK: d.StableDiffusionControlNetInpaintPipeline,
    },
    "LatentConsistencyModel": {TEXT: d.LatentConsistencyModelPipeline, INIT: d.LatentConsistencyModelImg2ImgPipeline},
    "Flux": {TEXT: d.FluxPipeline, INIT: d.FluxImg2ImgPipeline, MASK: d.FluxInpaintPipeline},
    "DDPM": {TEXT: d.DDPMPipeline},
    "DDIM": {TEXT: d.DDIMPipeline},
}

# what a pipeline's encode_prompt returns, by the number of values
EMBEDS = {
    2: ["prompt_embeds", "negative_prompt_embeds"],
    3: ["prompt_embeds", "pooled_prompt_embeds"],
    4: ["prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds"],
}


def _name_text_model():
    """The reference skips layers of a text encoder by way of its `text_model`, which newer text encoders are themselves."""
    if not hasattr(transformers.CLIPTextModel, "text_model"):
        transformers.CLIPTextModel.text_model = property(lambda self: self)


class Listener:
    """Keeps what passes through a pipeline, without a change to it."""

    def __init__(self, pipe):
        self.kept: dict[str, torch.Tensor] = {}
        self.latents: list[torch.Tensor] = []
        self.flagged = None
        self._tap(pipe, "encode_prompt", self._embeds)
        self._tap(pipe, "prepare_latents", self._noise)
        self._tap(pipe, "run_safety_checker", self._flags)

    @staticmethod
    def _tap(pipe, method, keep):
        if not hasattr(pipe, method):
            return
        original = getattr(pipe, method)

        def tapped(*args, **kwargs):
            result = original(*args, **kwargs)
            keep(result)
            return result

        setattr(pipe, method, tapped)

    def _embeds(self, result):
        self.kept |= {name: value.clone() for name, value in zip(EMBEDS[len(result)], result) if value is not None}

    def _noise(self, result):
        self.kept.setdefault("noise", (result[0] if isinstance(result, tuple) else result).clone())

    def _flags(self, result):
        self.flagged = result[1]

    def step(self, pipe, index, timestep, values):
        self.latents.append(values["latents"].clone())
        return {}

    def tensors(self):
        found = dict(self.kept)
        if self.latents:
            found["latents"] = torch.stack(self.latents)
        if self.flagged is not None:
            found["flagged"] = torch.tensor([float(flag) for flag in self.flagged])
        return found


@dataclasses.dataclass
class Model:
    """A pipeline of the reference library, and what a Darkroom folder says beside it."""

    pipe: d.DiffusionPipeline
    scheduler: dict  # scheduler_config.json
    controlnets: dict[str, torch.nn.Module] = dataclasses.field(default_factory=dict)  # by their names in a job
    window: int | None = None  # tokens of a T5 prompt


def pipeline_for(model: Model, spec):
    """The pipeline that does this job with the parts of another of its family."""
    base = model.pipe
    name = type(base).__name__
    family = next(prefix for prefix in TASKS if name.startswith(prefix))
    picture = "mask" if spec.get("mask") else "init" if spec.get("init") else ""
    task = "+".join(filter(None, ["control" if spec.get("control") else "", picture])) or TEXT
    kind = TASKS[family].get(task)
    if kind is None:
        raise ValueError(f"the reference has no pipeline for {task} of {family}; it has {', '.join(TASKS[family])}")
    # The constructor corrects the scheduler's configuration, so it has to be there from the start.
    parts = dict(base.components) | {"scheduler": schedulers.of(spec.get("scheduler"), model.scheduler)}
    wanted = inspect.signature(kind.__init__).parameters
    flags = {key: value for key, value in base.config.items() if key in wanted and key not in parts and not isinstance(value, (list, tuple))}
    if "requires_safety_checker" in wanted:
        flags["requires_safety_checker"] = parts.get("safety_checker") is not None
    if spec.get("control"):
        nets = [model.controlnets[item.get("model", "default")] for item in spec["control"]]
        parts["controlnet"] = nets[0] if len(nets) == 1 else d.MultiControlNetModel(nets).eval()
    return kind(**{key: value for key, value in parts.items() if key in wanted}, **flags)


def inputs_of(spec) -> list[str]:
    """The names of the pictures that a job takes."""
    return [spec[key] for key in ("init", "mask") if spec.get(key)] + [item["image"] for item in spec.get("control", [])]


def compute(model: Model, spec: dict, inputs: pathlib.Path):
    """The tensors of one job; its pictures lie in `inputs`."""
    _name_text_model()
    pipe = pipeline_for(model, spec)
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module) and any(module.training for module in part.modules()):
            raise ValueError(f"{type(part).__name__} is in training mode")
    pipe.set_progress_bar_config(disable=True)
    accepted = inspect.signature(pipe.__call__).parameters
    listener = Listener(pipe)
    arguments = _arguments(pipe, spec, inputs, accepted)
    if "callback_on_step_end" in accepted:
        arguments["callback_on_step_end"] = listener.step
    if model.window is not None and "max_sequence_length" in accepted:
        arguments["max_sequence_length"] = model.window
    with torch.no_grad():
        images = pipe(**arguments, output_type="np").images
    result = listener.tensors() | {"image": torch.from_numpy(np.asarray(images))}
    return {name: tensor.float().contiguous() for name, tensor in result.items()}


def _arguments(pipe, spec, inputs, accepted):
    count = spec.get("count", 1)
    generators = [torch.Generator().manual_seed(spec["seed"] + i) for i in range(count)]
    arguments = {"num_inference_steps": spec["steps"], "generator": generators if count > 1 else generators[0]}
    if "prompt" in accepted:
        arguments["prompt"] = [spec["prompt"]] * count
        if spec.get("negativePrompt"):
            arguments["negative_prompt"] = [spec["negativePrompt"]] * count
    else:
        arguments["batch_size"] = count
    names = {"guidance": "guidance_scale", "width": "width", "height": "height", "strength": "strength", "eta": "eta",
             "guidanceRescale": "guidance_rescale", "clipSkip": "clip_skip"}
    for field, name in names.items():
        if field not in spec:
            continue
        if name in accepted:
            arguments[name] = spec[field]
        elif field not in ("width", "height"):
            raise ValueError(f"{type(pipe).__name__} takes no {field}")
    if spec.get("init"):
        image = Image.open(inputs / spec["init"]).convert("RGB")
        if image.size != (spec["width"], spec["height"]):
            image = pipe.image_processor.resize(image, spec["height"], spec["width"])
        arguments["image"] = [image] * count
    if spec.get("mask"):
        arguments["mask_image"] = [Image.open(inputs / spec["mask"]).convert("RGB")] * count  # resized in colour, then made grey
    if spec.get("control"):
        arguments |= _control(spec["control"], inputs, count, "control_image" if "control_image" in accepted else "image")
    return arguments


def _control(items, inputs, count, name):
    pictures = [Image.open(inputs / item["image"]).convert("RGB") for item in items]
    values = {
        "controlnet_conditioning_scale": [item.get("scale", 1.0) for item in items],
        "control_guidance_start": [item.get("start", 0.0) for item in items],
        "control_guidance_end": [item.get("end", 1.0) for item in items],
    }
    if len(items) == 1:
        return {name: pictures * count} | {key: value[0] for key, value in values.items()}
    return {name: pictures} | values  # for several networks a list is one picture for each


def write(folder: pathlib.Path, model: str, case: str, spec: dict, tensors: dict[str, torch.Tensor]):
    """Writes one case."""
    folder.mkdir(parents=True, exist_ok=True)
    if "latents" in tensors and len(tensors["latents"]) > 60:
        calls = tensors["latents"]
        tensors["latents"] = (calls[99::100] if len(calls) >= 100 else calls[-1:]).contiguous()
    save_file(tensors, folder / f"{case}.safetensors")
    shapes = {name: list(tensor.shape) for name, tensor in sorted(tensors.items())}
    text = json.dumps({"model": model, "spec": spec, "tensors": shapes, "provenance": PROVENANCE}, indent=2, ensure_ascii=False)
    (folder / f"{case}.json").write_text(text + "\n", encoding="utf-8")
