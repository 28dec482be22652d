"""The jobs whose results the worker's fixtures hold, beside those that were there from the start."""

TEXT = {"kind": "image", "prompt": "a red apple on a table", "seed": 42, "steps": 5, "guidance": 5.0, "width": 32, "height": 32}
LONG = TEXT | {"prompt": "a very detailed picture of " + "many small red and green apples, " * 20}
INIT = TEXT | {"init": "init-32x32.png", "strength": 0.6}
MASK = TEXT | {"init": "init-32x32.png", "mask": "mask-32x32.png", "strength": 0.8}
EDGES = {"model": "default", "image": "edges-64x64.png", "scale": 1.0}
OTHER = EDGES | {"model": "controlnet_1", "image": "init-64x64.png"}
GUIDED = TEXT | {"width": 64, "height": 64, "steps": 4}
FROM = GUIDED | {"control": [EDGES], "init": "init-64x64.png", "strength": 0.6}
UNDER = FROM | {"mask": "mask-64x64.png", "strength": 0.8}
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
        "inpaint-folders-own": MASK,
        **each("inpaint", MASK | {"steps": 6}, [*SECOND_ORDER, *MANY_STEPS, *PLAIN, *RANDOM]),
        "inpaint-all-steps": MASK | {"strength": 1.0, "scheduler": "ddim"},
        "inpaint-heun-all-steps": MASK | {"strength": 1.0, "scheduler": "heun", "count": 2, "seed": 8},
        "inpaint-resized": MASK | {"init": "init-50x40.png", "scheduler": "euler"},
        "inpaint-no-guidance": MASK | {"guidance": 1.0, "scheduler": "ddim", "negativePrompt": "unheard"},
        "tcd": TEXT | {"scheduler": "tcd", "steps": 4, "eta": 0.3},
        "tcd-without-noise": TEXT | {"scheduler": "tcd", "steps": 4, "guidance": 1.0},
        "lcm": TEXT | {"scheduler": "lcm", "steps": 4, "guidance": 1.0},
        "lms-karras": TEXT | {"scheduler": "lms-karras", "steps": 6},
        "dpmpp-2m-sde-karras": TEXT | {"scheduler": "dpmpp-2m-sde-karras", "steps": 6},
        "ddim-eta": TEXT | {"scheduler": "ddim", "eta": 1.0, "count": 2},
        "guidance-rescale": TEXT | {"guidanceRescale": 0.7, "guidance": 9.0},
        "guidance-rescale-whole": TEXT | {"guidanceRescale": 1.0, "scheduler": "euler", "count": 2},
        "img2img-negative": INIT | {"negativePrompt": "green", "scheduler": "ddim"},
        "img2img-wide": INIT | {"width": 48, "scheduler": "ddim"},
        "inpaint-negative": MASK | {"negativePrompt": "green", "scheduler": "ddim"},
        "inpaint-ddim-eta": MASK | {"scheduler": "ddim", "eta": 0.7},
        "inpaint-wide": MASK | {"width": 64, "mask": "mask-64x32.png", "scheduler": "ddim"},
    },
    "sd-v": {
        "img2img-folders-own": INIT,
        "inpaint-heun": MASK | {"scheduler": "heun"},
        "guidance-rescale": TEXT | {"guidanceRescale": 0.7, "guidance": 9.0},
        **each("scheduler", TEXT, ["heun", "dpm2-ancestral", "unipc", "deis", "tcd", "lms"]),
    },
    "sd-inpaint": {
        **each("scheduler", MASK, ["heun", "euler-ancestral", "unipc", "lcm"]),
        "ddim-eta": MASK | {"scheduler": "ddim", "eta": 0.6},
        "all-steps-two-outputs": MASK | {"strength": 1.0, "count": 2, "scheduler": "euler"},
        "no-guidance": MASK | {"guidance": 1.0, "strength": 1.0},
        "resized": MASK | {"init": "init-50x40.png", "scheduler": "ddim"},
        "negative": MASK | {"negativePrompt": "green", "scheduler": "ddim"},
        "wide": MASK | {"width": 64, "mask": "mask-64x32.png", "scheduler": "ddim"},
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
        "two-pictures": GUIDED | {"control": [EDGES | {"scale": 0.6}, EDGES | {"image": "init-64x64.png", "scale": 0.8, "start": 0.25}]},
        "negative-eta": GUIDED | {"control": [EDGES], "negativePrompt": "green", "scheduler": "ddim", "eta": 0.7},
        "wide": GUIDED | {"control": [EDGES | {"image": "edges-64x32.png"}], "height": 32, "scheduler": "ddim"},
        "img2img-no-guidance": FROM | {"guidance": 1.0, "scheduler": "ddim"},
        "img2img-negative-eta": FROM | {"negativePrompt": "green", "scheduler": "ddim", "eta": 0.7},
        "inpaint-no-guidance": UNDER | {"guidance": 1.0, "count": 2, "scheduler": "ddim"},
        "inpaint-negative-eta": UNDER | {"negativePrompt": "green", "scheduler": "ddim", "eta": 0.7},
    },
    "lcm": {
        "img2img": INIT | {"steps": 4, "guidance": 8.5},
        "img2img-two-outputs": INIT | {"steps": 4, "guidance": 1.5, "strength": 0.8, "count": 2, "seed": 9},
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
        "two-outputs-negative": TEXT | {"count": 2, "negativePrompt": "green", "seed": 8},
        "inpaint-negative": MASK | {"negativePrompt": "green"},
        "img2img-no-guidance": INIT | {"guidance": 1.0},
        "inpaint-no-guidance": MASK | {"guidance": 1.0},
        "inpaint-wide": MASK | {"width": 64, "mask": "mask-64x32.png"},
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
        "img2img-flow-heun": INIT | {"scheduler": "flow-heun"},
        "negative": TEXT | {"negativePrompt": "green"},
    },
    "flux": {
        "img2img": INIT | {"guidance": 3.5},
        "img2img-two-outputs": INIT | {"guidance": 2.0, "count": 2, "strength": 0.8, "height": 48, "init": "init-50x40.png", "seed": 8},
        "inpaint": MASK | {"guidance": 3.5},
        "inpaint-all-steps": MASK | {"guidance": 3.5, "strength": 1.0, "count": 2},
        "long-prompt": LONG | {"guidance": 3.5},
        "wide": TEXT | {"width": 64, "steps": 3, "guidance": 3.5},
        "scheduler-flow-unipc": TEXT | {"guidance": 3.5, "scheduler": "flow-unipc"},
        "scheduler-flow-dpmpp-2m": TEXT | {"guidance": 3.5, "scheduler": "flow-dpmpp-2m"},
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
        "inpaint-clip-skip": MASK | {"clipSkip": 1, "scheduler": "ddim"},
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
        "ddim-eta": MASK | {"scheduler": "ddim", "eta": 0.7},
        "wide": MASK | {"width": 64, "mask": "mask-64x32.png"},
    },
    "sdxl-refiner": {
        "default": INIT | {"strength": 0.3, "steps": 10},
        "negative": INIT | {"negativePrompt": "green", "count": 2, "seed": 8},
        "no-guidance": INIT | {"guidance": 1.0},
        "inpaint": MASK,
        "clip-skip": INIT | {"clipSkip": 1},
        "guidance-rescale": INIT | {"guidanceRescale": 0.7, "guidance": 9.0},
        "wide": INIT | {"init": "init-50x40.png", "width": 48, "scheduler": "dpmpp-2m-karras"},
        "ddim-eta": INIT | {"scheduler": "ddim", "eta": 0.7},
        "inpaint-negative": MASK | {"negativePrompt": "green", "count": 2, "seed": 8},
        "inpaint-no-guidance": MASK | {"guidance": 1.0},
        "inpaint-clip-skip": MASK | {"clipSkip": 1},
        "inpaint-guidance-rescale": MASK | {"guidanceRescale": 0.7, "guidance": 9.0},
        "inpaint-ddim-eta": MASK | {"scheduler": "ddim", "eta": 0.7},
        "inpaint-all-steps": MASK | {"strength": 1.0},
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
        "ddim-eta": GUIDED | {"control": [EDGES], "scheduler": "ddim", "eta": 0.7},
        "img2img-negative": FROM | {"negativePrompt": "green", "count": 2},
        "img2img-no-guidance": FROM | {"guidance": 1.0},
        "img2img-ddim-eta": FROM | {"scheduler": "ddim", "eta": 0.7},
        "inpaint-negative": UNDER | {"negativePrompt": "green", "count": 2},
        "inpaint-no-guidance": UNDER | {"guidance": 1.0},
        "inpaint-ddim-eta": UNDER | {"scheduler": "ddim", "eta": 0.7},
        "inpaint-guidance-rescale": UNDER | {"guidanceRescale": 0.7, "guidance": 9.0},
        "inpaint-all-steps": UNDER | {"strength": 1.0},
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
        "inpaint-negative": MASK | {"negativePrompt": "green"},
        "inpaint-flow-heun": MASK | {"scheduler": "flow-heun"},
        "inpaint-wide": MASK | {"width": 64, "mask": "mask-64x32.png"},
    },
    "flux-schnell": {
        "one-step": TURBO | {"steps": 1},
        "four-steps": TURBO | {"steps": 4, "count": 2},
        "img2img": TURBO | {"init": "init-32x32.png", "strength": 0.6, "steps": 4},
        "inpaint": TURBO | {"init": "init-32x32.png", "mask": "mask-32x32.png", "strength": 0.8, "steps": 4},
    },
    "sd-inpaint-clip-skip": {"default": MASK | {"clipSkip": 1, "scheduler": "ddim", "negativePrompt": "green"}},
    "lcm-clip-skip": {
        "default": TEXT | {"steps": 2, "guidance": 4.0, "clipSkip": 1},
        "img2img": INIT | {"steps": 4, "guidance": 4.0, "clipSkip": 1},
    },
}

SCHEDULERS = [
    "ddpm", "ddim", "pndm", "lms", "lms-karras", "euler", "euler-karras", "euler-ancestral", "heun", "dpm2", "dpm2-ancestral", "dpmpp-2m",
    "dpmpp-2m-karras", "dpmpp-2m-sde", "dpmpp-2m-sde-karras", "dpmpp-2s", "deis", "unipc", "lcm", "tcd",
]
PROMPTS = ["a red apple", "", "a CAT,  (asleep:1.3)", "Ein Häuschen am Meer 🍎"]
SMALL = {"kind": "image", "width": 24, "height": 16}
CONTROLLED = {"kind": "image", "width": 48, "height": 32}


def pairs(names, *tasks):
    """A case for each scheduler, with the tasks in turn, and with other fields as different as may be. Their numbers are the last ones only."""
    jobs = {}
    for i, name in enumerate(names):
        job = tasks[i % len(tasks)] | {
            "prompt": PROMPTS[i % 4], "seed": 2**32 * (i % 2) + i, "steps": 4 + i % 3, "guidance": [5.0, 1.0, 7.5, 3.0, 12.0][i % 5], "scheduler": name}
        if i % 3 == 1:
            job["negativePrompt"] = "green"
        if job.get("init"):
            job["strength"] = [0.7, 1.0, 0.5][i // len(tasks) % 3]
        jobs[f"pair-{name}"] = job
    return jobs


PICTURE = {"init": "init-50x40.png"}
PAINTED = {"init": "init-32x32.png", "mask": "mask-64x32.png"}
WATCHED = CONTROLLED | {"control": [EDGES | {"scale": 0.8, "end": 0.7}]}
PAIRS = {
    "sd": {
        **each("img2img", INIT | {"steps": 6}, ["lms-karras", "euler-karras", "dpmpp-2m-sde-karras"]),
        **each("inpaint", MASK | {"steps": 6}, ["lms-karras", "euler-karras", "dpmpp-2m-sde-karras", "dpmpp-2m"]),
        "img2img-dpmpp-2m": INIT | {"scheduler": "dpmpp-2m"},
        "img2img-no-whole-step": INIT | {"scheduler": "pndm", "strength": 0.1},
    },
    "sd-v": pairs(SCHEDULERS, SMALL, SMALL | PICTURE, SMALL | PAINTED),
    "sd-inpaint": pairs(SCHEDULERS, SMALL | PAINTED),
    "sd-controlnet": pairs(SCHEDULERS, WATCHED, WATCHED | PICTURE, WATCHED | PAINTED),
    "sdxl": pairs(SCHEDULERS, SMALL | PAINTED, SMALL, SMALL | PICTURE),
    "sdxl-inpaint": pairs(SCHEDULERS, SMALL | PAINTED),
    "sdxl-refiner": pairs(SCHEDULERS, SMALL | PICTURE, SMALL | PAINTED),
    "sdxl-controlnet": {
        **pairs(SCHEDULERS, WATCHED | PAINTED, WATCHED, WATCHED | PICTURE),
        "both": GUIDED | {"control": [EDGES | {"scale": 0.6}, OTHER | {"scale": 0.8, "start": 0.3}]},
        "both-img2img": FROM | {"control": [OTHER, EDGES | {"end": 0.6}], "count": 2},
        "both-inpaint": UNDER | {"control": [EDGES, OTHER | {"scale": 0.5}]},
    },
}
for family, jobs in PAIRS.items():
    CASES[family] |= jobs
