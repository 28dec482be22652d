"""The map from latents to colours that previews are made with: a matrix and a bias."""

from __future__ import annotations

import numpy as np
import torch

PICTURES, SIDE = 16, 256


def fit(pipe) -> dict:
    """What `preview` of darkroom.json says.

    A pipeline without an autoencoder works on colours from -1 to 1. For others it is the least-squares fit, over pictures that
    the autoencoder encodes, of a picture's mean colour in each latent cell to the latents of that cell, as its denoiser sees them.
    The pictures are noise with the spectrum of photographs, drawn from one seed: no picture has to be shipped, and a fit is the same each time.
    """
    vae = getattr(pipe, "vae", None)
    if vae is None:
        channels = pipe.unet.config.in_channels
        return {"matrix": (np.eye(3) / 2 if channels == 3 else np.full((channels, 3), 0.5 / channels)).tolist(), "bias": [0.5] * 3}
    rows, colours = [], []
    for picture in pictures():
        with torch.no_grad():
            latents = vae.encode(picture[None] * 2 - 1).latent_dist.mean
        latents = (latents - (getattr(vae.config, "shift_factor", None) or 0)) * vae.config.scaling_factor
        cells = torch.nn.functional.interpolate(picture[None], latents.shape[2:], mode="area")
        rows.append(latents[0].flatten(1).T)
        colours.append(cells[0].flatten(1).T)
    latents, wanted = torch.cat(rows).double().numpy(), torch.cat(colours).double().numpy()
    found = np.linalg.lstsq(np.c_[latents, np.ones(len(latents))], wanted, rcond=None)[0]
    return {"matrix": found[:-1].round(6).tolist(), "bias": found[-1].round(6).tolist()}


def pictures():
    """`PICTURES` of `[3, SIDE, SIDE]` in 0…1: amplitudes fall with the frequency, as those of photographs do, and each has a colour of its own."""
    generator = torch.Generator().manual_seed(0)
    frequency = torch.hypot(torch.fft.fftfreq(SIDE)[:, None], torch.fft.fftfreq(SIDE)[None, :])
    frequency[0, 0] = 1
    for _ in range(PICTURES):
        noise = torch.fft.ifft2(torch.fft.fft2(torch.randn(3, SIDE, SIDE, generator=generator)) / frequency).real
        noise = noise - noise.mean((1, 2), keepdim=True)
        yield (torch.rand(3, 1, 1, generator=generator) + 0.25 * noise / noise.std()).clamp(0, 1)
