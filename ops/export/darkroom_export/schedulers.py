"""The schedulers that a job may name: the reference's class and what the name changes in the folder's configuration."""

from __future__ import annotations

import diffusers as d

KARRAS = {"use_karras_sigmas": True}
SDE = {"algorithm_type": "sde-dpmsolver++"}
FLOW = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}

BY_NAME = {
    "ddpm": (d.DDPMScheduler, {}),
    "ddim": (d.DDIMScheduler, {}),
    "pndm": (d.PNDMScheduler, {}),
    "lms": (d.LMSDiscreteScheduler, {}),
    "lms-karras": (d.LMSDiscreteScheduler, KARRAS),
    "euler": (d.EulerDiscreteScheduler, {}),
    "euler-karras": (d.EulerDiscreteScheduler, KARRAS),
    "euler-ancestral": (d.EulerAncestralDiscreteScheduler, {}),
    "heun": (d.HeunDiscreteScheduler, {}),
    "dpm2": (d.KDPM2DiscreteScheduler, {}),
    "dpm2-ancestral": (d.KDPM2AncestralDiscreteScheduler, {}),
    "dpmpp-2m": (d.DPMSolverMultistepScheduler, {}),
    "dpmpp-2m-karras": (d.DPMSolverMultistepScheduler, KARRAS),
    "dpmpp-2m-sde": (d.DPMSolverMultistepScheduler, SDE),
    "dpmpp-2m-sde-karras": (d.DPMSolverMultistepScheduler, SDE | KARRAS),
    "dpmpp-2s": (d.DPMSolverSinglestepScheduler, {}),
    "deis": (d.DEISMultistepScheduler, {}),
    "unipc": (d.UniPCMultistepScheduler, {}),
    "lcm": (d.LCMScheduler, {}),
    "tcd": (d.TCDScheduler, {}),
    "flow-euler": (d.FlowMatchEulerDiscreteScheduler, {}),
    "flow-heun": (d.FlowMatchHeunDiscreteScheduler, {}),
    "flow-unipc": (d.UniPCMultistepScheduler, FLOW),
    "flow-dpmpp-2m": (d.DPMSolverMultistepScheduler, FLOW),
    "edm-dpmpp-2m": (d.EDMDPMSolverMultistepScheduler, {}),
    "edm-euler": (d.EDMEulerScheduler, {}),
    "cosine-dpmpp-2m": (d.CosineDPMSolverMultistepScheduler, {}),
}


def of(name: str | None, config: dict):
    """A new scheduler for a job. One without a name gets the folder's own class, whatever ran before."""
    if name is None:
        return getattr(d, config["_class_name"]).from_config(config)
    kind, changes = BY_NAME[name]
    return kind.from_config(config, **changes)
