"""Tiny pipelines with random weights: the structure of the real families in a few hundred kilobytes.

A family's weights depend on its seed and on nothing else. Those that the worker's fixtures have had from the start are
drawn in the order in which they were drawn then, and are equal to them.
"""

from __future__ import annotations

import copy
import json
import pathlib
import shutil

import diffusers as d
import torch
import transformers as t
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker

from darkroom_export import folder, graphs, references

FIXTURES = pathlib.Path(__file__).parents[3] / "worker/src/test/fixtures"
CLIP, T5 = FIXTURES / "models/sd/tokenizer", FIXTURES / "models/sd3/tokenizer_3"
WORDS = 1000
# of the safety checker: some pictures pass it, some do not, and some only fail for the second limit, which lowers the first
CONCEPT_LIMIT, CARE_LIMIT = 0.5, 0.42
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
CROSS = {"down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D")}


def clip(seed, act="quick_gelu", projection=None):
    torch.manual_seed(seed)
    config = t.CLIPTextConfig(
        vocab_size=WORDS, hidden_size=32, intermediate_size=37, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=77,
        hidden_act=act, bos_token_id=WORDS - 2, eos_token_id=WORDS - 1, pad_token_id=WORDS - 1, projection_dim=projection or 32)
    model = (t.CLIPTextModelWithProjection if projection else t.CLIPTextModel)(config).eval()
    with torch.no_grad():  # as they are drawn, prompts would hardly differ
        for weights in model.parameters():
            if weights.dim() > 1:
                weights.mul_(1.5)
    return model


def t5(seed, width):
    torch.manual_seed(seed)
    return t.T5EncoderModel(t.T5Config(
        vocab_size=256, d_model=width, d_kv=8, d_ff=37, num_layers=2, num_heads=4, feed_forward_proj="gated-gelu",
        relative_attention_num_buckets=32, pad_token_id=0, eos_token_id=1)).eval()


def unet(seed, **changes):
    torch.manual_seed(seed)
    return d.UNet2DConditionModel(**({
        "sample_size": 16, "in_channels": 4, "out_channels": 4, "block_out_channels": (8, 16), "layers_per_block": 1, "norm_num_groups": 4,
        "cross_attention_dim": 32, "attention_head_dim": 4} | CROSS | changes)).eval()


def vae(seed, scale=0.18215, shift=None, channels=(8, 16), quant=True, upcast=False):
    torch.manual_seed(seed)
    return d.AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * len(channels), up_block_types=("UpDecoderBlock2D",) * len(channels),
        block_out_channels=channels, layers_per_block=1, latent_channels=4, norm_num_groups=4, sample_size=64, scaling_factor=scale, shift_factor=shift,
        use_quant_conv=quant, use_post_quant_conv=quant, force_upcast=upcast).eval()


def controlnet(seed, **changes):
    torch.manual_seed(seed)
    net = d.ControlNetModel(**({
        "in_channels": 4, "block_out_channels": (8, 16), "layers_per_block": 1, "norm_num_groups": 4, "down_block_types": CROSS["down_block_types"],
        "cross_attention_dim": 32, "attention_head_dim": 4, "conditioning_embedding_out_channels": (8, 8, 16, 16)} | changes)).eval()
    with torch.no_grad():  # they start at zero
        for layer in [*net.controlnet_down_blocks, net.controlnet_mid_block, net.controlnet_cond_embedding.conv_out]:
            torch.nn.init.normal_(layer.weight, std=0.2)
    return net


def tokenizer(folder=CLIP):
    return t.CLIPTokenizer.from_pretrained(folder)


def t5_tokenizer():
    return t.PreTrainedTokenizerFast.from_pretrained(T5)


def pndm():
    return d.PNDMScheduler(**BETAS, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1)


def coarse(pipe, *more):
    """Keeps six bits of each weight, so that a folder compresses well."""
    modules = [part for part in (*pipe.components.values(), *more) if isinstance(part, torch.nn.Module)]
    with torch.no_grad():
        for module in modules:
            for weights in module.parameters():
                if weights.numel() > 64:
                    step = 2.0 ** torch.floor(torch.log2(weights.abs().max().clamp_min(1e-6))) / 32
                    weights.copy_(torch.round(weights / step) * step)
    return pipe


NO_CHECKER = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def sd():
    return coarse(d.StableDiffusionPipeline(text_encoder=clip(0), unet=unet(0), vae=vae(0), tokenizer=tokenizer(), scheduler=pndm(), **NO_CHECKER))


def sd_v():
    scheduler = d.DDIMScheduler(**BETAS, prediction_type="v_prediction", clip_sample=False, set_alpha_to_one=False, steps_offset=1)
    net = unet(1, use_linear_projection=True, attention_head_dim=(2, 4))
    return coarse(d.StableDiffusionPipeline(text_encoder=clip(1, "gelu"), unet=net, vae=vae(1), tokenizer=tokenizer(), scheduler=scheduler, **NO_CHECKER))


def sd_inpaint():
    return coarse(d.StableDiffusionInpaintPipeline(
        text_encoder=clip(2), unet=unet(2, in_channels=9), vae=vae(2), tokenizer=tokenizer(), scheduler=pndm(), **NO_CHECKER))


def sd_controlnet():
    return coarse(d.StableDiffusionControlNetPipeline(
        text_encoder=clip(3), unet=unet(3), vae=vae(3, channels=(8, 8, 16, 16)), controlnet=controlnet(3), tokenizer=tokenizer(), scheduler=pndm(),
        **NO_CHECKER))


def lcm():
    scheduler = d.LCMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=False)
    return coarse(d.LatentConsistencyModelPipeline(
        text_encoder=clip(4), unet=unet(4, time_cond_proj_dim=32), vae=vae(4), tokenizer=tokenizer(), scheduler=scheduler, **NO_CHECKER))


def xl_unet(seed, **changes):
    return unet(seed, **({
        "attention_head_dim": (2, 4), "use_linear_projection": True, "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
        "transformer_layers_per_block": (1, 2), "projection_class_embeddings_input_dim": 80, "cross_attention_dim": 64} | changes))


def xl_scheduler():
    return d.EulerDiscreteScheduler(**BETAS, timestep_spacing="leading", steps_offset=1, use_karras_sigmas=False, interpolation_type="linear")


def sdxl():
    return coarse(d.StableDiffusionXLPipeline(
        text_encoder=clip(5), text_encoder_2=clip(6, "gelu", 32), unet=xl_unet(5), vae=vae(5, 0.13025), tokenizer=tokenizer(), tokenizer_2=tokenizer(),
        scheduler=xl_scheduler(), force_zeros_for_empty_prompt=True, add_watermarker=False))


def sd3():
    texts = {"text_encoder": clip(7, projection=32), "text_encoder_2": clip(8, "gelu", 32), "text_encoder_3": t5(0, 64)}
    torch.manual_seed(7)
    net = d.SD3Transformer2DModel(
        sample_size=16, patch_size=2, in_channels=4, num_layers=2, attention_head_dim=8, num_attention_heads=4, joint_attention_dim=64,
        caption_projection_dim=32, pooled_projection_dim=64, out_channels=4, pos_embed_max_size=32, dual_attention_layers=(0,), qk_norm="rms_norm").eval()
    return coarse(d.StableDiffusion3Pipeline(
        transformer=net, scheduler=d.FlowMatchEulerDiscreteScheduler(shift=3.0), vae=vae(7, 1.5305, 0.0609, quant=False), tokenizer=tokenizer(),
        tokenizer_2=tokenizer(), tokenizer_3=t5_tokenizer(), **texts))


def flux():
    texts = {"text_encoder": clip(9), "text_encoder_2": t5(9, 32)}
    torch.manual_seed(9)
    net = d.FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=32,
        pooled_projection_dim=32, axes_dims_rope=(4, 4, 8), guidance_embeds=True).eval()
    scheduler = d.FlowMatchEulerDiscreteScheduler(
        shift=3.0, use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15, base_image_seq_len=256, max_image_seq_len=4096)
    return coarse(d.FluxPipeline(
        transformer=net, scheduler=scheduler, vae=vae(9, 0.3611, 0.1159, quant=False), tokenizer=tokenizer(), tokenizer_2=t5_tokenizer(), **texts))


# --- families of later cases: one set of text encoders, one decoder -------------------------------------------------


def loud_clip(seed, **kind):
    """A text encoder whose last norm is not the identity, as trained ones' is not."""
    model = clip(seed, **kind)
    norm = getattr(model, "text_model", model).final_layer_norm
    with torch.no_grad():
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.uniform_(-0.5, 0.5)
    return model


def ancestral(**more):
    return d.EulerAncestralDiscreteScheduler(**BETAS, timestep_spacing="trailing", **more)


def sd_turbo():
    return coarse(d.StableDiffusionPipeline(
        text_encoder=loud_clip(20), unet=unet(20), vae=vae(20), tokenizer=tokenizer(), scheduler=ancestral(), **NO_CHECKER))


def sd_inpaint_clip_skip():
    return coarse(d.StableDiffusionInpaintPipeline(
        text_encoder=loud_clip(20), unet=unet(24, in_channels=9), vae=vae(20), tokenizer=tokenizer(), scheduler=pndm(), **NO_CHECKER))


def lcm_clip_skip():
    scheduler = d.LCMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=False)
    return coarse(d.LatentConsistencyModelPipeline(
        text_encoder=loud_clip(20), unet=unet(25, time_cond_proj_dim=32), vae=vae(20), tokenizer=tokenizer(), scheduler=scheduler, **NO_CHECKER))


def sd_two_controlnets():
    nets = [controlnet(21), controlnet(22)]
    pipe = d.StableDiffusionControlNetPipeline(
        text_encoder=loud_clip(20), unet=unet(20), vae=vae(20, channels=(8, 8, 16, 16)), controlnet=nets, tokenizer=tokenizer(),
        scheduler=pndm(), **NO_CHECKER)
    pipe.controlnet.eval()
    return coarse(pipe)


def sd_safety():
    torch.manual_seed(23)
    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 24, "patch_size": 8}
    checker = StableDiffusionSafetyChecker(t.CLIPConfig(
        vision_config=vision, text_config={"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 8}, projection_dim=8)).eval()
    with torch.no_grad():
        for weights in checker.vision_model.parameters():
            if weights.dim() > 1:
                weights.mul_(20)
        for name in ("concept_embeds", "special_care_embeds"):
            getattr(checker, name).normal_()
        checker.concept_embeds_weights.fill_(CONCEPT_LIMIT)
        checker.special_care_embeds_weights.fill_(CARE_LIMIT)
    extractor = t.CLIPImageProcessor(size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24})
    return coarse(d.StableDiffusionPipeline(
        text_encoder=loud_clip(20), unet=unet(20), vae=vae(20), tokenizer=tokenizer(), scheduler=pndm(), safety_checker=checker,
        feature_extractor=extractor, requires_safety_checker=True))


def sd_overflow():
    """What write_overflow makes of it is a folder whose decoder fails, and that has another one."""
    return coarse(d.StableDiffusionPipeline(
        text_encoder=loud_clip(20), unet=unet(20), vae=vae(20), tokenizer=tokenizer(), scheduler=pndm(), **NO_CHECKER))


def write_overflow(pipe, out):
    """Moves the decoder to where a folder in half precision keeps a second one, and leaves one that overflows."""
    (out / "vae_decoder").rename(out / "vae_decoder_fp32")
    broken = copy.deepcopy(pipe.vae)
    with torch.no_grad():
        broken.decoder.conv_in.weight.mul_(1e38)
    graphs.write(graphs.vae_decoder(broken), out / "vae_decoder")
    shutil.copy(out / "vae_decoder_fp32/config.json", out / "vae_decoder")
    (out / folder.NOTES).unlink()


def xl_texts():
    return {"text_encoder": loud_clip(30), "text_encoder_2": loud_clip(31, act="gelu", projection=32), "tokenizer": tokenizer(), "tokenizer_2": tokenizer()}


def sdxl_inpaint():
    return coarse(d.StableDiffusionXLInpaintPipeline(
        **xl_texts(), unet=xl_unet(32, in_channels=9), vae=vae(30, 0.13025), scheduler=xl_scheduler(), add_watermarker=False))


def sdxl_refiner():
    texts = {key: value for key, value in xl_texts().items() if key.endswith("_2")}
    net = xl_unet(33, projection_class_embeddings_input_dim=72, cross_attention_dim=32)
    return coarse(d.StableDiffusionXLImg2ImgPipeline(
        **texts, text_encoder=None, tokenizer=None, unet=net, vae=vae(30, 0.13025), scheduler=xl_scheduler(), requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False, add_watermarker=False))


def sdxl_turbo():
    return coarse(d.StableDiffusionXLPipeline(
        **xl_texts(), unet=xl_unet(34), vae=vae(30, 0.13025), scheduler=ancestral(), force_zeros_for_empty_prompt=True, add_watermarker=False))


def sdxl_controlnet():
    nets = [
        controlnet(
            seed, attention_head_dim=(2, 4), use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
            transformer_layers_per_block=(1, 2), projection_class_embeddings_input_dim=80, cross_attention_dim=64)
        for seed in (35, 37)]
    pipe = d.StableDiffusionXLControlNetPipeline(
        **xl_texts(), unet=xl_unet(34), vae=vae(36, 0.13025, channels=(8, 8, 16, 16)), controlnet=nets, scheduler=xl_scheduler(), add_watermarker=False)
    pipe.controlnet.eval()
    return coarse(pipe)


def sd3_no_t5():
    """Sixteen latent channels, as the reference's inpainting wants them, and the spatial tables of the 3.5 models."""
    torch.manual_seed(40)
    net = d.SD3Transformer2DModel(
        sample_size=16, patch_size=2, in_channels=16, num_layers=2, attention_head_dim=8, num_attention_heads=4, joint_attention_dim=64,
        caption_projection_dim=32, pooled_projection_dim=64, out_channels=16, pos_embed_max_size=32).eval()
    torch.manual_seed(40)
    ae = d.AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, block_out_channels=(8, 16),
        layers_per_block=1, latent_channels=16, norm_num_groups=4, sample_size=64, scaling_factor=1.5305, shift_factor=0.0609, use_quant_conv=False,
        use_post_quant_conv=False).eval()
    return coarse(d.StableDiffusion3Pipeline(
        transformer=net, scheduler=d.FlowMatchEulerDiscreteScheduler(shift=3.0), vae=ae, text_encoder=loud_clip(41, projection=32),
        text_encoder_2=loud_clip(31, act="gelu", projection=32), text_encoder_3=None, tokenizer=tokenizer(), tokenizer_2=tokenizer(), tokenizer_3=None))


def flux_schnell():
    """Without distilled guidance and without the shift that grows with the picture."""
    texts = {"text_encoder": loud_clip(20), "text_encoder_2": t5(51, 32)}
    torch.manual_seed(50)
    net = d.FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=32,
        pooled_projection_dim=32, axes_dims_rope=(4, 4, 8), guidance_embeds=False).eval()
    return coarse(d.FluxPipeline(
        transformer=net, scheduler=d.FlowMatchEulerDiscreteScheduler(shift=1.0), vae=vae(50, 0.3611, 0.1159, quant=False), tokenizer=tokenizer(),
        tokenizer_2=t5_tokenizer(), **texts))


def ddpm():
    """For the exporter's own tests: the worker's fixtures have another."""
    torch.manual_seed(60)
    net = d.UNet2DModel(
        sample_size=16, in_channels=3, out_channels=3, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, attention_head_dim=4,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D")).eval()
    return d.DDPMPipeline(net, d.DDPMScheduler())


FIRST = {
    "sd": sd, "sd-v": sd_v, "sd-inpaint": sd_inpaint, "sd-controlnet": sd_controlnet, "lcm": lcm, "sdxl": sdxl, "sd3": sd3, "flux": flux,
}
LATER = {
    "sd-turbo": sd_turbo, "sd-two-controlnets": sd_two_controlnets, "sd-safety": sd_safety, "sd-overflow": sd_overflow, "sdxl-inpaint": sdxl_inpaint, "sdxl-refiner": sdxl_refiner,
    "sdxl-turbo": sdxl_turbo, "sdxl-controlnet": sdxl_controlnet, "sd3-no-t5": sd3_no_t5, "flux-schnell": flux_schnell,
    "sd-inpaint-clip-skip": sd_inpaint_clip_skip, "lcm-clip-skip": lcm_clip_skip,
}
FAMILIES = FIRST | LATER


def model(family, window):
    """A family's pipeline, as references.compute wants it."""
    pipe = FAMILIES[family]()
    config = {key: value for key, value in json.loads(pipe.scheduler.to_json_string()).items() if not key.startswith("_use_default")}
    nets = {"default" if name == "controlnet" else name: net for name, net in folder.controlnets(pipe).items()}
    return references.Model(pipe, config, nets, window)
