"""Attention as one operator of ONNX Runtime, `com.microsoft.MultiHeadAttention`, in place of the products and the softmax
that it consists of.

ONNX Runtime's optimizer looks for attention in finished graphs, and of ours it finds that of Stable Diffusion 3 alone. So it is
written where it is still known to be attention: each call of PyTorch's that has no mask becomes one operator. Queries, keys
and values stay apart, which the operator takes on CPU and CUDA alike; packed ones it takes on CUDA only.
"""

from __future__ import annotations

import contextlib
import math

import torch

DOMAIN, OPERATOR = "com.microsoft", "MultiHeadAttention"


@torch.library.custom_op("darkroom::attention", mutates_args=())
def attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, heads: int, scale: float) -> torch.Tensor:
    """Attention over `[batch, tokens, heads * size]`: what is traced, and what the operator computes."""
    split = [tensor.unflatten(2, (heads, -1)).transpose(1, 2) for tensor in (query, key, value)]
    return torch._C._nn.scaled_dot_product_attention(*split, scale=scale).transpose(1, 2).flatten(2)


@attention.register_fake
def _(query, key, value, heads, scale):
    return query.new_empty(query.shape[0], query.shape[1], value.shape[2])


def _traced(g, query, key, value, heads, scale):
    constant = torch.onnx.symbolic_helper._get_const
    return g.op(f"{DOMAIN}::{OPERATOR}", query, key, value, num_heads_i=constant(heads, "i", "heads"), scale_f=constant(scale, "f", "scale")).setType(query.type())


def _exported(query, key, value, heads, scale):
    """The operator for torch.export, which knows how to name any; its values do not matter there."""
    return torch.onnx.ops.symbolic(f"{DOMAIN}::{OPERATOR}", (query, key, value), {"num_heads": heads, "scale": scale}, dtype=query.dtype,
                                   shape=(query.shape[0], query.shape[1], value.shape[2]), version=1)


@contextlib.contextmanager
def fused(opset: int, traced: bool):
    """While it lasts, attention without a mask is exported as one operator, by a trace or through torch.export."""
    operator = attention if traced else _exported
    plain = torch.nn.functional.scaled_dot_product_attention

    def attend(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, **more):
        if attn_mask is not None or is_causal or query.dim() != 4:
            return plain(query, key, value, attn_mask=attn_mask, dropout_p=dropout_p, is_causal=is_causal, scale=scale, **more)
        heads = int(query.shape[1])
        flat = [tensor.transpose(1, 2).flatten(2) for tensor in (query, key, value)]
        found = operator(*flat, heads, 1 / math.sqrt(int(query.shape[3])) if scale is None else scale)
        return found.unflatten(2, (heads, -1)).transpose(1, 2)

    torch.nn.functional.scaled_dot_product_attention = attend
    torch.onnx.register_custom_op_symbolic("darkroom::attention", _traced, opset)
    try:
        yield
    finally:
        torch.nn.functional.scaled_dot_product_attention = plain
        torch.onnx.unregister_custom_op_symbolic("darkroom::attention", opset)


def has(module) -> bool:
    """Whether a denoiser has attention at all: those of pictures alone may have none."""
    return any("attn" in name or "attentions" in name for name, _ in module.named_modules())


def count(model) -> int:
    """How often the graph has the operator."""
    return sum(node.domain == DOMAIN and node.op_type == OPERATOR for node in model.graph.node)
