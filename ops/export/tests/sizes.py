"""Counts the weights of the models in README.md's table, from their configurations, without any of them.

The configurations are those that the models publish, as far as they change the number of weights; what is left out is the
library's default.
"""

import torch
import transformers as t
import diffusers as d

XL = {"block_out_channels": (320, 640, 1280), "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
      "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), "transformer_layers_per_block": (1, 2, 10),
      "attention_head_dim": (5, 10, 20), "use_linear_projection": True, "cross_attention_dim": 2048, "addition_embed_type": "text_time",
      "addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": 2816}


def clip_l(projected=False):
    config = t.CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, projection_dim=768)
    return (t.CLIPTextModelWithProjection if projected else t.CLIPTextModel)(config)


def clip_g():
    return t.CLIPTextModelWithProjection(t.CLIPTextConfig(
        hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20, projection_dim=1280, hidden_act="gelu"))


def t5():
    return t.T5EncoderModel(t.T5Config(vocab_size=32128, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64, feed_forward_proj="gated-gelu"))


def vae(channels=4, quant=True):
    return d.AutoencoderKL(
        latent_channels=channels, block_out_channels=(128, 256, 512, 512), layers_per_block=2, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, use_quant_conv=quant, use_post_quant_conv=quant)


def sd3(layers, dual=(), norm=None):
    return d.SD3Transformer2DModel(
        sample_size=128, num_layers=layers, num_attention_heads=layers, attention_head_dim=64, caption_projection_dim=64 * layers, joint_attention_dim=4096,
        pooled_projection_dim=2048, in_channels=16, out_channels=16, pos_embed_max_size=192, dual_attention_layers=dual, qk_norm=norm)


MODELS = {
    "Stable Diffusion 1.5": lambda: {"text": clip_l(), "unet": d.UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8), "vae": vae(),
                                     "checker": d.pipelines.stable_diffusion.safety_checker.StableDiffusionSafetyChecker(t.CLIPConfig(
                                         vision_config={"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16,
                                                        "patch_size": 14}, projection_dim=768))},
    "SDXL, SDXL-Turbo": lambda: {"text": clip_l(), "text_2": clip_g(), "unet": d.UNet2DConditionModel(**XL), "vae": vae()},
    "Stable Diffusion 3.5 Large": lambda: {"text": clip_l(True), "text_2": clip_g(), "text_3": t5(), "transformer": sd3(38, (), "rms_norm"), "vae": vae(16, False)},
    "FLUX.1 dev": lambda: {"text": clip_l(), "text_2": t5(), "transformer": d.FluxTransformer2DModel(guidance_embeds=True), "vae": vae(16, False)},
    "FLUX.1 schnell": lambda: {"text": clip_l(), "text_2": t5(), "transformer": d.FluxTransformer2DModel(guidance_embeds=False), "vae": vae(16, False)},
}


def half_bytes(name, part):
    """As half.py writes a T5 encoder: all but the products of matrices, and the last of each block's, in float32."""
    if isinstance(part, t.T5EncoderModel):
        return sum((4 if ".wo." in key or weights.dim() < 2 or "embed" in key or "shared" in key or "bias" in key else 2) * weights.numel()
                   for key, weights in part.named_parameters())
    return (4 if name == "vae" else 2) * sum(weights.numel() for weights in part.parameters())  # a decoder stays in float32 or is kept so beside


if __name__ == "__main__":
    with torch.device("meta"):
        for model, parts in MODELS.items():
            made = parts()
            counts = {name: sum(weights.numel() for weights in part.parameters()) for name, part in made.items()}
            half = sum(half_bytes(name, part) for name, part in made.items())
            print(f"{model}: {sum(counts.values()) / 1e9:.2f} billion, {4 * sum(counts.values()) / 1e9:.1f} GB, half {half / 1e9:.1f} GB, "
                  f"largest part {4 * max(counts.values()) / 1e9:.1f} GB;", ", ".join(f"{name} {count / 1e6:.0f} M" for name, count in counts.items()), flush=True)
