"""The jobs whose results the worker's fixtures hold, beside those that were there from the start."""

TEXT = {"kind": "image", "prompt": "a red apple on a table", "seed": 42, "steps": 5, "guidance": 5.0, "width": 32, "height": 32}
LONG = TEXT | {"prompt": "a very detailed picture of " + "many small red and green apples, " * 20}
INIT = TEXT | {"init": "init-32x32.png", "strength": 0.6}
MASK = TEXT | {"init": "init-32x32.png", "mask": "mask-32x32.png", "strength": 0.8}
EDGES = {"model": "default", "image": "edges-64x64.png", "scale": 1.0}
OTHER = EDGES | {"model": "controlnet_1", "image": "init-64x64.png"}
GUIDED = TEXT | {"width": 64, "height": 64, "steps": 4}
TURBO = TEXT | {"guidance": 0.0}


def each(prefix, job, names):
    """One case for each scheduler."""
    return {f"{prefix}-{name}": job | {"scheduler": name} for name in names}


SECOND_ORDER = ["heun", "dpm2", "dpm2-ancestral"]
MANY_STEPS = ["lms", "dpmpp-2m-karras", "dpmpp-2s", "deis", "unipc"]
RANDOM = ["ddpm", "euler-ancestral", "dpmpp-2m-sde", "lcm", "tcd"]
PLAIN = ["ddim", "pndm", "euler"]

CASES = {
    "sd": {
        "img2img-folders-own": INIT,
        **each("img2img", INIT | {"steps": 6}, [*SECOND_ORDER, *MANY_STEPS, *PLAIN, "ddpm", "dpmpp-2m-sde", "lcm", "tcd"]),
        "img2img-last-step": INIT | {"strength": 0.2, "scheduler": "euler"},
        "img2img-all-steps": INIT | {"strength": 1.0, "scheduler": "ddim"},
        "img2img-heun-two-outputs": INIT | {"scheduler": "heun", "count": 2, "strength": 0.5, "seed": 8},
        "img2img-ddim-eta": INIT | {"scheduler": "ddim", "eta": 0.7, "count": 2},
        "img2img-no-guidance": INIT | {"guidance": 1.0, "scheduler": "euler"},
        "img2img-clip-skip": INIT | {"clipSkip": 1, "scheduler": "ddim"},
        "inpaint-folders-own": MASK,
        **each("inpaint", MASK | {"steps": 6}, [*SECOND_ORDER, *MANY_STEPS, *PLAIN, *RANDOM]),
        "inpaint-all-steps": MASK | {"strength": 1.0, "scheduler": "ddim"},
        "inpaint-heun-all-steps": MASK | {"strength": 1.0, "scheduler": "heun", "count": 2, "seed": 8},
        "inpaint-resized": MASK | {"init": "init-50x40.png", "scheduler": "euler"},
        "inpaint-no-guidance": MASK | {"guidance": 1.0, "scheduler": "ddim", "negativePrompt": "unheard"},
        "inpaint-clip-skip": MASK | {"clipSkip": 1, "scheduler": "ddim"},
        "tcd": TEXT | {"scheduler": "tcd", "steps": 4, "eta": 0.3},
        "tcd-without-noise": TEXT | {"scheduler": "tcd", "steps": 4, "guidance": 1.0},
        "lcm": TEXT | {"scheduler": "lcm", "steps": 4, "guidance": 1.0},
        "lms-karras": TEXT | {"scheduler": "lms-karras", "steps": 6},
        "dpmpp-2m-sde-karras": TEXT | {"scheduler": "dpmpp-2m-sde-karras", "steps": 6},
        "ddim-eta": TEXT | {"scheduler": "ddim", "eta": 1.0, "count": 2},
        "guidance-rescale": TEXT | {"guidanceRescale": 0.7, "guidance": 9.0},
        "guidance-rescale-whole": TEXT | {"guidanceRescale": 1.0, "scheduler": "euler", "count": 2},
        "clip-skip": TEXT | {"clipSkip": 1, "negativePrompt": "green"},
        "clip-skip-two": TEXT | {"clipSkip": 2, "scheduler": "ddim"},
    },
    "sd-v": {
        "img2img-folders-own": INIT,
        "inpaint-heun": MASK | {"scheduler": "heun"},
        "guidance-rescale": TEXT | {"guidanceRescale": 0.7, "guidance": 9.0},
        "clip-skip": TEXT | {"clipSkip": 1},
        **each("scheduler", TEXT, ["heun", "dpm2-ancestral", "unipc", "deis", "tcd", "lms"]),
    },
    "sd-inpaint": {
        **each("scheduler", MASK, ["heun", "euler-ancestral", "unipc", "lcm"]),
        "clip-skip": MASK | {"clipSkip": 1},
        "ddim-eta": MASK | {"scheduler": "ddim", "eta": 0.6},
        "all-steps-two-outputs": MASK | {"strength": 1.0, "count": 2, "scheduler": "euler"},
        "no-guidance": MASK | {"guidance": 1.0, "strength": 1.0},
        "resized": MASK | {"init": "init-50x40.png", "scheduler": "ddim"},
    },
    "sd-controlnet": {
        "part-of-the-steps": GUIDED | {"steps": 6, "control": [EDGES | {"start": 0.2, "end": 0.7}], "scheduler": "ddim"},
        "no-guidance": GUIDED | {"guidance": 1.0, "control": [EDGES], "count": 2},
        "heun": GUIDED | {"control": [EDGES | {"end": 0.5}], "scheduler": "heun"},
        "img2img": GUIDED | {"control": [EDGES], "init": "init-64x64.png", "strength": 0.6, "scheduler": "euler"},
        "img2img-heun": GUIDED | {"control": [EDGES | {"scale": 0.7}], "init": "init-64x64.png", "strength": 0.6, "scheduler": "heun"},
        "img2img-part-of-the-steps": GUIDED | {"control": [EDGES | {"start": 0.4}], "init": "init-64x64.png", "strength": 0.8, "count": 2},
        "inpaint": GUIDED | {"control": [EDGES], "init": "init-64x64.png", "mask": "mask-64x64.png", "strength": 1.0, "scheduler": "ddim"},
        "inpaint-heun": GUIDED | {"control": [EDGES | {"end": 0.6}], "init": "init-64x64.png", "mask": "mask-64x64.png", "strength": 0.7, "scheduler": "heun"},
        "clip-skip": GUIDED | {"control": [EDGES], "clipSkip": 1},
        "two-pictures": GUIDED | {"control": [EDGES | {"scale": 0.6}, EDGES | {"image": "init-64x64.png", "scale": 0.8, "start": 0.25}]},
    },
    "lcm": {
        "img2img": INIT | {"steps": 4, "guidance": 8.5},
        "img2img-two-outputs": INIT | {"steps": 4, "guidance": 1.5, "strength": 0.8, "count": 2, "seed": 9},
        "clip-skip": TEXT | {"steps": 2, "guidance": 4.0, "clipSkip": 1},
        "img2img-clip-skip": INIT | {"steps": 4, "guidance": 4.0, "clipSkip": 1},
        "one-step": TEXT | {"steps": 1, "guidance": 4.0},
    },
    "sdxl": {
        "img2img-folders-own": INIT | {"negativePrompt": "green"},
        **each("img2img", INIT, ["heun", "dpm2-ancestral", "unipc", "ddim", "euler-ancestral"]),
        "img2img-wide": INIT | {"init": "init-50x40.png", "width": 48},
        "img2img-two-outputs": INIT | {"count": 2, "seed": 8},
        "inpaint-folders-own": MASK,
        **each("inpaint", MASK, ["heun", "unipc", "ddim", "euler-ancestral"]),
        "inpaint-all-steps": MASK | {"strength": 1.0, "count": 2},
        **each("scheduler", TEXT, ["heun", "dpm2", "lcm", "tcd", "ddim", "unipc", "dpmpp-2s"]),
        "long-prompt": LONG,
        "ddim-eta": TEXT | {"scheduler": "ddim", "eta": 0.8},
        "img2img-ddim-eta": INIT | {"scheduler": "ddim", "eta": 0.8},
        "inpaint-ddim-eta": MASK | {"scheduler": "ddim", "eta": 0.8},
        "img2img-clip-skip": INIT | {"clipSkip": 1},
        "inpaint-clip-skip": MASK | {"clipSkip": 1},
        "img2img-guidance-rescale": INIT | {"guidanceRescale": 0.7, "guidance": 9.0},
        "inpaint-guidance-rescale": MASK | {"guidanceRescale": 0.7, "guidance": 9.0},
        "guidance-rescale": TEXT | {"guidanceRescale": 0.7, "guidance": 9.0, "negativePrompt": "green"},
        "clip-skip": TEXT | {"clipSkip": 1, "negativePrompt": "green"},
    },
    "sd3": {
        "img2img": INIT,
        "img2img-two-outputs": INIT | {"count": 2, "negativePrompt": "green", "strength": 0.8, "seed": 8},
        "img2img-resized": INIT | {"init": "init-50x40.png"},
        "img2img-no-guidance": INIT | {"guidance": 1.0},
        "long-prompt": LONG,
        "img2img-clip-skip": INIT | {"clipSkip": 1},
        "clip-skip": TEXT | {"clipSkip": 1},
        **each("scheduler", TEXT, ["flow-heun", "flow-unipc", "flow-dpmpp-2m"]),
    },
    "flux": {
        "img2img": INIT | {"guidance": 3.5},
        "img2img-two-outputs": INIT | {"guidance": 2.0, "count": 2, "strength": 0.8, "height": 48, "init": "init-50x40.png", "seed": 8},
        "inpaint": MASK | {"guidance": 3.5},
        "inpaint-all-steps": MASK | {"guidance": 3.5, "strength": 1.0, "count": 2},
        "long-prompt": LONG | {"guidance": 3.5},
        "wide": TEXT | {"width": 64, "steps": 3, "guidance": 3.5},
    },
    "sd-turbo": {
        "one-step": TURBO | {"steps": 1},
        "two-steps": TURBO | {"steps": 2, "count": 2},
        "four-steps": TURBO | {"steps": 4, "seed": 7},
        "img2img": TURBO | {"init": "init-32x32.png", "strength": 0.5, "steps": 2},
        "inpaint": TURBO | {"init": "init-32x32.png", "mask": "mask-32x32.png", "strength": 0.7, "steps": 4},
        "tcd": TURBO | {"steps": 4, "scheduler": "tcd", "eta": 0.3},
        "clip-skip": TEXT | {"clipSkip": 1, "scheduler": "ddim"},
        "img2img-clip-skip": INIT | {"clipSkip": 1, "scheduler": "ddim"},
        "clip-skip-two": TEXT | {"clipSkip": 2, "scheduler": "ddim", "negativePrompt": "green"},
    },
    "sd-two-controlnets": {
        "both": GUIDED | {"control": [EDGES | {"scale": 0.6}, OTHER | {"scale": 0.8}]},
        "both-part-of-the-steps": GUIDED | {"steps": 6, "control": [EDGES | {"end": 0.5}, OTHER | {"start": 0.3}], "count": 2, "scheduler": "euler"},
        "second": GUIDED | {"control": [OTHER]},
        "clip-skip": GUIDED | {"control": [EDGES | {"scale": 0.6}, OTHER | {"scale": 0.8}], "clipSkip": 1},
        "img2img-clip-skip": GUIDED | {"control": [OTHER], "init": "init-64x64.png", "strength": 0.7, "clipSkip": 1},
        "inpaint-clip-skip": GUIDED | {"control": [OTHER], "init": "init-64x64.png", "mask": "mask-64x64.png", "strength": 0.7, "clipSkip": 1},
        "both-no-guidance": GUIDED | {"control": [EDGES, OTHER], "guidance": 1.0},
        "both-img2img": GUIDED | {"control": [EDGES, OTHER | {"scale": 0.5}], "init": "init-64x64.png", "strength": 0.7},
        "both-inpaint": GUIDED | {"control": [EDGES, OTHER], "init": "init-64x64.png", "mask": "mask-64x64.png", "strength": 0.9, "scheduler": "ddim"},
    },
    "sd-safety": {f"seed-{seed}": TEXT | {"seed": seed, "count": 2, "scheduler": "ddim", "steps": 3} for seed in (1, 13, 42, 99)},
    "sd-overflow": {"default": TEXT | {"steps": 3}},
    "sdxl-inpaint": {
        "default": MASK | {"strength": 0.9},
        **each("scheduler", MASK, ["heun", "dpmpp-2m-karras", "euler-ancestral"]),
        "all-steps-two-outputs": MASK | {"strength": 1.0, "count": 2, "negativePrompt": "green"},
        "clip-skip": MASK | {"clipSkip": 1},
        "guidance-rescale": MASK | {"guidanceRescale": 0.7, "guidance": 9.0},
        "no-guidance": MASK | {"guidance": 1.0},
    },
    "sdxl-refiner": {
        "default": INIT | {"strength": 0.3, "steps": 10},
        "negative": INIT | {"negativePrompt": "green", "count": 2, "seed": 8},
        "no-guidance": INIT | {"guidance": 1.0},
        "inpaint": MASK,
        "clip-skip": INIT | {"clipSkip": 1},
        "guidance-rescale": INIT | {"guidanceRescale": 0.7, "guidance": 9.0},
        "wide": INIT | {"init": "init-50x40.png", "width": 48, "scheduler": "dpmpp-2m-karras"},
    },
    "sdxl-turbo": {
        "one-step": TURBO | {"steps": 1},
        "two-steps": TURBO | {"steps": 2, "count": 2},
        "four-steps": TURBO | {"steps": 4, "seed": 7},
        "img2img": TURBO | {"init": "init-32x32.png", "strength": 0.5, "steps": 2},
        "inpaint": TURBO | {"init": "init-32x32.png", "mask": "mask-32x32.png", "strength": 0.7, "steps": 4},
    },
    "sdxl-controlnet": {
        "default": GUIDED | {"control": [EDGES]},
        "part-of-the-steps": GUIDED | {"control": [EDGES | {"scale": 0.7, "start": 0.2, "end": 0.8}], "steps": 6, "count": 2, "negativePrompt": "green"},
        "no-guidance": GUIDED | {"control": [EDGES], "guidance": 1.0},
        "two-pictures": GUIDED | {"control": [EDGES | {"scale": 0.6}, EDGES | {"image": "init-64x64.png", "scale": 0.8, "end": 0.5}]},
        "clip-skip": GUIDED | {"control": [EDGES], "clipSkip": 1},
        "img2img-clip-skip": GUIDED | {"control": [EDGES], "init": "init-64x64.png", "strength": 0.6, "clipSkip": 1},
        "inpaint-clip-skip": GUIDED | {"control": [EDGES], "init": "init-64x64.png", "mask": "mask-64x64.png", "strength": 0.6, "clipSkip": 1},
        "img2img": GUIDED | {"control": [EDGES], "init": "init-64x64.png", "strength": 0.6},
        "img2img-heun": GUIDED | {"control": [EDGES | {"end": 0.6}], "init": "init-64x64.png", "strength": 0.7, "scheduler": "heun"},
        "inpaint": GUIDED | {"control": [EDGES], "init": "init-64x64.png", "mask": "mask-64x64.png", "strength": 0.9},
        "inpaint-heun": GUIDED | {"control": [EDGES | {"scale": 0.5}], "init": "init-64x64.png", "mask": "mask-64x64.png", "strength": 0.7, "scheduler": "heun"},
    },
    "sd3-no-t5": {
        "default": TEXT,
        "two-outputs": TEXT | {"count": 2, "negativePrompt": "green", "width": 48},
        "img2img": INIT,
        "inpaint": MASK,
        "inpaint-all-steps": MASK | {"strength": 1.0, "count": 2},
        "clip-skip": TEXT | {"clipSkip": 1},
        "inpaint-clip-skip": MASK | {"clipSkip": 1},
        "inpaint-no-guidance": MASK | {"guidance": 1.0},
    },
    "flux-schnell": {
        "one-step": TURBO | {"steps": 1},
        "four-steps": TURBO | {"steps": 4, "count": 2},
        "img2img": TURBO | {"init": "init-32x32.png", "strength": 0.6, "steps": 4},
        "inpaint": TURBO | {"init": "init-32x32.png", "mask": "mask-32x32.png", "strength": 0.8, "steps": 4},
    },
}
