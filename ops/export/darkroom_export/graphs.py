"""The parts of a pipeline as ONNX graphs.

Inputs are named after the parameters of the part's `forward`. Every axis that a job can change is dynamic, the batch of
`timestep` included, so that the rows of one run may be at different steps; timesteps are floats, since some schedulers
have fractions.
"""

from __future__ import annotations

import contextlib
import math
import pathlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import onnx
import torch

from . import attention
from . import half as halves
from .errors import ExportError

OPSET = 18
LARGEST_FILE = 1 << 30  # a graph of more bytes keeps its weights beside it
TOKENS = 77
TIME_IDS = {False: 6, True: 5}  # numbers that SDXL's denoiser is told, without and with an aesthetic score


@dataclass
class Graph:
    """A part's computation: a function of named example tensors, and the axes that may vary."""

    module: torch.nn.Module
    call: Callable[..., object]  # (module, **inputs) -> tensor or tuple of tensors
    inputs: dict[str, torch.Tensor]
    outputs: list[str]
    axes: dict[str, dict[int, str]]
    traced: bool = True  # else through torch.export, for modules that a trace would freeze


class _Positional(torch.nn.Module):
    """The same computation with inputs in order, as the exporter calls it."""

    def __init__(self, graph: Graph):
        super().__init__()
        self.part, self.call, self.names = graph.module, graph.call, list(graph.inputs)

    def forward(self, *tensors):
        return self.call(self.part, **dict(zip(self.names, tensors)))


def write(graph: Graph, folder: pathlib.Path, half: bool = False, fused: bool = False) -> None:
    """Writes `model.onnx`, and `model.onnx_data` where the weights are large.

    half    weights in float16, see half.py
    fused   attention as one operator, see attention.py
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:  # exporters leave a file for each weight of a graph beyond 2 GB
        path = pathlib.Path(scratch, "model.onnx")
        _export(graph, path, fused)
        plain = onnx.load(str(path))
        if fused and attention.count(plain) == 0:
            raise ExportError(f"{folder.name} has no attention that could be fused; leave out --fused")
        model = halves.halve(path, t5=type(graph.module).__name__ == "T5EncoderModel") if half else plain
        del plain
        _save(_anonymous(model), folder)


def _export(graph, path, fused):
    part = _Positional(graph).eval()
    common = {"input_names": list(graph.inputs), "output_names": graph.outputs, "opset_version": OPSET}
    with torch.no_grad(), _norm_written_out(), attention.fused(OPSET, graph.traced) if fused else contextlib.nullcontext():
        if graph.traced:
            own = {"custom_opsets": {attention.DOMAIN: 1}} if fused else {}
            torch.onnx.export(part, tuple(graph.inputs.values()), str(path), dynamic_axes=graph.axes, dynamo=False, **common, **own)
        else:
            named: dict[str, torch.export.Dim] = {}
            shapes = tuple({axis: named.setdefault(name, torch.export.Dim(name)) for axis, name in graph.axes.get(key, {}).items()} for key in graph.inputs)
            torch.onnx.export(part, tuple(graph.inputs.values()), str(path), dynamic_shapes={"tensors": shapes}, dynamo=True, external_data=True, **common)


def _anonymous(model):
    """Without where the exporter's code lies on this machine."""
    for thing in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer, *model.functions]:
        del thing.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
    return model


def _save(model, folder):
    weights = sum(math.prod(tensor.dims) * onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize for tensor in model.graph.initializer)
    large = weights > LARGEST_FILE  # what a message says of its own size ends at 2 GB
    onnx.save(model, str(folder / "model.onnx"), save_as_external_data=large, **({"location": "model.onnx_data"} if large else {}))


@contextlib.contextmanager
def _norm_written_out():
    """Root-mean-square norms as plain arithmetic: the operator came with opset 23."""
    def forward(self, x):
        epsilon = torch.finfo(x.dtype).eps if self.eps is None else self.eps
        normed = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon)
        return normed if self.weight is None else normed * self.weight

    original = torch.nn.RMSNorm.forward
    torch.nn.RMSNorm.forward = forward
    try:
        yield
    finally:
        torch.nn.RMSNorm.forward = original


# --- text ---------------------------------------------------------------------------------------------------------


def clip(module) -> Graph:
    """`input_ids` to the last layer's states, the pooled text, every layer's states, and all but the last of them normed
    as the last one is (`normed_hidden_states.i`), which is what a skipped layer is replaced by in Stable Diffusion 1 and 2."""
    projected = type(module).__name__.endswith("WithProjection")
    layers = module.config.num_hidden_layers
    norm = getattr(module, "text_model", module).final_layer_norm

    def call(part, input_ids):
        out = part(input_ids=input_ids, output_hidden_states=True)
        first = (out.text_embeds, out.last_hidden_state) if projected else (out.last_hidden_state, out.pooler_output)
        return (*first, *out.hidden_states, *(() if projected else [norm(states) for states in out.hidden_states[:-1]]))

    ids = torch.zeros(2, TOKENS, dtype=torch.long)
    ids[:, -1] = module.config.eos_token_id
    pooled = "text_embeds" if projected else "pooler_output"
    first = [pooled, "last_hidden_state"] if projected else ["last_hidden_state", pooled]
    hidden = [f"hidden_states.{i}" for i in range(layers + 1)] + ([] if projected else [f"normed_hidden_states.{i}" for i in range(layers)])
    axes = {name: {0: "batch", 1: "tokens"} for name in ["input_ids", "last_hidden_state", *hidden]} | {pooled: {0: "batch"}}
    return Graph(module, call, {"input_ids": ids}, first + hidden, axes)


def t5(module, masked=False) -> Graph:
    """`input_ids`, for some families with an `attention_mask`, to the last states."""
    ids = torch.ones(2, 16, dtype=torch.long)
    inputs = {"input_ids": ids} | ({"attention_mask": torch.ones_like(ids)} if masked else {})
    axes = {name: {0: "batch", 1: "tokens"} for name in [*inputs, "last_hidden_state"]}
    return Graph(module, lambda part, **ids: part(**ids).last_hidden_state, inputs, ["last_hidden_state"], axes)


# --- latents ------------------------------------------------------------------------------------------------------


def vae_decoder(module, side=8) -> Graph:
    latents = torch.randn(2, module.config.latent_channels, side, side)
    axes = {"latent_sample": {0: "batch", 2: "height", 3: "width"}, "sample": {0: "batch", 2: "height_out", 3: "width_out"}}
    return Graph(module, lambda part, latent_sample: part.decode(latent_sample).sample, {"latent_sample": latents}, ["sample"], axes)


def vae_encoder(module, side=64) -> Graph:
    """A picture to the means and log-variances of its latents."""
    picture = torch.randn(2, module.config.in_channels, side, side)
    axes = {"sample": {0: "batch", 2: "height", 3: "width"}, "latent_parameters": {0: "batch", 2: "height_out", 3: "width_out"}}
    return Graph(module, lambda part, sample: part.encode(sample).latent_dist.parameters, {"sample": picture}, ["latent_parameters"], axes)


# --- denoisers ----------------------------------------------------------------------------------------------------


def _condition(config, scored):
    """The conditioning inputs that a UNet's or a ControlNet's configuration asks for."""
    inputs = {"encoder_hidden_states": torch.randn(2, TOKENS, config.cross_attention_dim)}
    axes = {"encoder_hidden_states": {0: "batch", 1: "tokens"}}
    if getattr(config, "time_cond_proj_dim", None):
        inputs["timestep_cond"] = torch.randn(2, config.time_cond_proj_dim)
    if config.addition_embed_type == "text_time":
        numbers = TIME_IDS[scored]
        inputs["text_embeds"] = torch.randn(2, config.projection_class_embeddings_input_dim - numbers * config.addition_time_embed_dim)
        inputs["time_ids"] = torch.ones(2, numbers)
    return inputs, axes | {name: {0: "batch"} for name in inputs if name not in axes}


def _added(inputs):
    """Takes SDXL's own conditioning out of the inputs."""
    return {name: inputs.pop(name) for name in ("text_embeds", "time_ids") if name in inputs} or None


def unet(module, control=None, scored=False, side=8) -> Graph:
    """A conditional denoiser; with a ControlNet also what such networks add to its blocks."""
    config = module.config
    inputs = {"sample": torch.randn(2, config.in_channels, side, side), "timestep": torch.tensor([7.0, 3.5])}
    condition, axes = _condition(config, scored)
    inputs |= condition
    axes |= {"sample": {0: "batch", 2: "height", 3: "width"}, "timestep": {0: "batch"}, "out_sample": {0: "batch", 2: "height", 3: "width"}}
    downs, middle = [], "mid_block_additional_residual"
    if control is not None:
        for i, residual in enumerate(_residuals(control, inputs, side)[0]):
            downs.append(f"down_block_additional_residuals.{i}")
            inputs[downs[-1]] = residual
            axes[downs[-1]] = {0: "batch", 2: f"height_{i}", 3: f"width_{i}"}
        inputs[middle] = _residuals(control, inputs, side)[1]
        axes[middle] = {0: "batch", 2: "height_middle", 3: "width_middle"}

    def call(part, sample, timestep, **more):
        residuals = [more.pop(name) for name in downs] or None
        return part(sample, timestep, more.pop("encoder_hidden_states"), added_cond_kwargs=_added(more), down_block_additional_residuals=residuals,
                    mid_block_additional_residual=more.pop(middle, None), **more).sample

    return Graph(module, call, inputs, ["out_sample"], axes)


def _residuals(control, inputs, side):
    known = {name: inputs[name] for name in ("text_embeds", "time_ids") if name in inputs}
    with torch.no_grad():
        return control(torch.randn(2, control.config.in_channels, side, side), inputs["timestep"], inputs["encoder_hidden_states"],
                       controlnet_cond=torch.rand(2, 3, side * 8, side * 8), added_cond_kwargs=known or None, return_dict=False)


def controlnet(module, side=8) -> Graph:
    """A ControlNet, scaled row by row."""
    config = module.config
    condition, axes = _condition(config, False)
    inputs = {"sample": torch.randn(2, config.in_channels, side, side), "timestep": torch.tensor([7.0, 3.5])} | condition
    count = len(_residuals(module, inputs, side)[0])
    inputs |= {"controlnet_cond": torch.rand(2, 3, side * 8, side * 8), "conditioning_scale": torch.tensor([1.0, 0.5])}
    outputs = [f"down_block_res_sample.{i}" for i in range(count)] + ["mid_block_res_sample"]
    axes |= {"sample": {0: "batch", 2: "height", 3: "width"}, "timestep": {0: "batch"}, "conditioning_scale": {0: "batch"},
             "controlnet_cond": {0: "batch", 2: "height_in", 3: "width_in"}}
    axes |= {name: {0: "batch", 2: f"height_{i}", 3: f"width_{i}"} for i, name in enumerate(outputs)}

    def call(part, sample, timestep, encoder_hidden_states, controlnet_cond, conditioning_scale, **more):
        downs, middle = part(sample, timestep, encoder_hidden_states, controlnet_cond=controlnet_cond, added_cond_kwargs=_added(more), return_dict=False)
        scale = conditioning_scale.view(-1, 1, 1, 1)
        return (*(down * scale for down in downs), middle * scale)

    return Graph(module, call, inputs, outputs, axes)


def sd3(module, side=16) -> Graph:
    config = module.config
    inputs = {"hidden_states": torch.randn(2, config.in_channels, side, side), "encoder_hidden_states": torch.randn(2, TOKENS + 16, config.joint_attention_dim),
              "pooled_projections": torch.randn(2, config.pooled_projection_dim), "timestep": torch.tensor([700.0, 300.5])}
    axes = {"hidden_states": {0: "batch", 2: "height", 3: "width"}, "encoder_hidden_states": {0: "batch", 1: "tokens"}, "pooled_projections": {0: "batch"},
            "timestep": {0: "batch"}, "out_hidden_states": {0: "batch", 2: "height", 3: "width"}}
    return Graph(module, lambda part, **inputs: part(**inputs).sample, inputs, ["out_hidden_states"], axes)


def flux(module, side=4) -> Graph:
    """Packed latents with the places of their cells, in 0…1 for the time."""
    config = module.config
    cells = torch.zeros(side * side, 3)
    cells[:, 1], cells[:, 2] = torch.arange(side * side) // side, torch.arange(side * side) % side
    inputs = {"hidden_states": torch.randn(2, side * side, config.in_channels), "encoder_hidden_states": torch.randn(2, 16, config.joint_attention_dim),
              "pooled_projections": torch.randn(2, config.pooled_projection_dim), "timestep": torch.tensor([0.7, 0.3]),
              "txt_ids": torch.zeros(16, 3), "img_ids": cells}
    axes = {"hidden_states": {0: "batch", 1: "cells"}, "encoder_hidden_states": {0: "batch", 1: "tokens"}, "pooled_projections": {0: "batch"},
            "timestep": {0: "batch"}, "txt_ids": {0: "tokens"}, "img_ids": {0: "cells"}, "out_hidden_states": {0: "batch", 1: "cells"}}
    if config.guidance_embeds:
        inputs["guidance"], axes["guidance"] = torch.tensor([3.5, 2.0]), {0: "batch"}
    return Graph(module, lambda part, **inputs: part(**inputs).sample, inputs, ["out_hidden_states"], axes, traced=False)


def unconditional(module) -> Graph:
    side = module.config.sample_size
    sides = {0: "batch", 2: "height", 3: "width"}
    inputs = {"sample": torch.randn(2, module.config.in_channels, side, side), "timestep": torch.tensor([7.0, 3.5])}
    return Graph(module, lambda part, sample, timestep: part(sample, timestep).sample, inputs, ["out_sample"],
                 {"sample": sides, "timestep": {0: "batch"}, "out_sample": sides})


# --- guards -------------------------------------------------------------------------------------------------------


def safety_checker(module) -> Graph:
    """`clip_input`, the picture as the folder's `feature_extractor/preprocessor_config.json` prepares it, to whether the
    picture is to be withheld."""
    side = module.config.vision_config.image_size

    def call(part, clip_input):
        embeds = torch.nn.functional.normalize(part.visual_projection(part.vision_model(clip_input)[1]))
        special = embeds @ torch.nn.functional.normalize(part.special_care_embeds).T - part.special_care_embeds_weights
        # The reference rounds each distance to three digits before it compares.
        adjustment = (torch.round(special * 1000) > 0).any(dim=1, keepdim=True) * 0.01
        concepts = embeds @ torch.nn.functional.normalize(part.concept_embeds).T - part.concept_embeds_weights + adjustment
        return (torch.round(concepts * 1000) > 0).any(dim=1)

    axes = {"clip_input": {0: "batch"}, "has_nsfw_concepts": {0: "batch"}}
    return Graph(module, call, {"clip_input": torch.randn(2, 3, side, side)}, ["has_nsfw_concepts"], axes)
