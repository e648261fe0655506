"""The models of graphs.py as PyTorch modules over the same weights, written as PyTorch's users write them: fused
attention (scaled_dot_product_attention), layer_norm, packed projections where the checkpoint packs them.
"""

import torch
import torch.nn.functional as F

import graphs


def weights_of(path):
    """name -> array; the parameters of the ONNX model, its constants left out."""
    return {name: array for name, array in graphs.weights(path).items() if array.dtype.kind == "f" and array.ndim}


class Model(torch.nn.Module):
    """forward takes the feeds of a point in order and returns the outputs in the order of the ONNX model."""

    def __init__(self, shape, weights):
        super().__init__()
        self.shape = shape
        self.names = {name: f"p{index}" for index, name in enumerate(weights)}
        for name, array in weights.items():
            # ONNX holds [in, out], PyTorch's linear layers [out, in].
            turned = array.T if name.endswith(".weight") else array
            setattr(self, self.names[name], torch.nn.Parameter(torch.from_numpy(turned.copy(order="C"))))

    def w(self, name):
        return getattr(self, self.names[name])

    def linear(self, x, name):
        return F.linear(x, self.w(f"{name}.weight"), self.w(f"{name}.bias") if f"{name}.bias" in self.names else None)

    def layer_norm(self, x, name, epsilon):
        return F.layer_norm(x, (self.shape.hidden,), self.w(f"{name}.scale"), self.w(f"{name}.shift"), epsilon)

    def rms_norm(self, x, name):
        return F.rms_norm(x, (self.shape.hidden,), self.w(f"{name}.scale"), 1e-5)

    def heads(self, x, count):
        return x.unflatten(-1, (count, self.shape.head_size)).transpose(1, 2)

    def attend(self, query, key, value, mask, grouped=False):
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=grouped)
        return mixed.transpose(1, 2).flatten(2)


class Bert(Model):
    def forward(self, input_ids, attention_mask, token_type_ids):
        x = self.w("embeddings.word")[input_ids] + self.w("embeddings.type")[token_type_ids]
        x = self.layer_norm(x + self.w("embeddings.position")[: input_ids.shape[1]], "embeddings.norm", 1e-12)
        mask = attention_mask[:, None, None, :].bool()
        for index in range(self.shape.layers):
            name = f"layer.{index}"
            parts = [self.heads(self.linear(x, f"{name}.{part}"), self.shape.heads) for part in ("query", "key", "value")]
            x = self.layer_norm(x + self.linear(self.attend(*parts, mask), f"{name}.output"), f"{name}.norm1", 1e-12)
            inner = F.gelu(self.linear(x, f"{name}.wide"))
            # The last norm is named as the output that it gives.
            norm = "last_hidden_state" if index == self.shape.layers - 1 else f"{name}.norm2"
            x = self.layer_norm(x + self.linear(inner, f"{name}.narrow"), norm, 1e-12)
        return x, torch.tanh(self.linear(x[:, 0], "pooler"))


def seen(attention_mask, sequence):
    """Which key a query may see: [batch, 1, sequence, total]."""
    total = attention_mask.shape[1]
    causal = torch.ones(sequence, total, dtype=torch.bool).tril(total - sequence)
    return causal & attention_mask[:, None, None, :].bool()


class Gpt2(Model):
    def forward(self, input_ids, attention_mask, position_ids, *past):
        x = self.w("wte")[input_ids] + self.w("wpe")[position_ids]
        mask, present = seen(attention_mask, input_ids.shape[1]), []
        for index in range(self.shape.layers):
            name = f"h.{index}"
            packed = self.linear(self.layer_norm(x, f"{name}.ln_1", 1e-5), f"{name}.c_attn")
            query, key, value = (self.heads(part, self.shape.heads) for part in packed.split(self.shape.hidden, 2))
            key, value = (torch.cat([past[2 * index + i], new], 2) for i, new in enumerate((key, value)))
            present += [key, value]
            x = x + self.linear(self.attend(query, key, value, mask), f"{name}.c_proj")
            inner = F.gelu(self.linear(self.layer_norm(x, f"{name}.ln_2", 1e-5), f"{name}.c_fc"), approximate="tanh")
            x = x + self.linear(inner, f"{name}.mlp")
        return F.linear(self.layer_norm(x, "ln_f", 1e-5), self.w("wte")), *present


class Llama(Model):
    def forward(self, input_ids, attention_mask, position_ids, *past):
        shape, x = self.shape, self.w("embed_tokens")[input_ids]
        mask, present = seen(attention_mask, input_ids.shape[1]), []
        rates = 1.0 / 10000.0 ** (torch.arange(0, shape.head_size, 2).float() / shape.head_size)
        angles = position_ids[:, None, :, None].float() * torch.cat([rates, rates])
        cosines, sines = angles.cos().to(x.dtype), angles.sin().to(x.dtype)

        def rotated(y):
            first, second = y.chunk(2, -1)
            return y * cosines + torch.cat([-second, first], -1) * sines

        for index in range(shape.layers):
            name = f"layer.{index}"
            normed = self.rms_norm(x, f"{name}.norm1")
            query = rotated(self.heads(self.linear(normed, f"{name}.q_proj"), shape.heads))
            key = rotated(self.heads(self.linear(normed, f"{name}.k_proj"), shape.kv_heads))
            value = self.heads(self.linear(normed, f"{name}.v_proj"), shape.kv_heads)
            key, value = (torch.cat([past[2 * index + i], new], 2) for i, new in enumerate((key, value)))
            present += [key, value]
            x = x + self.linear(self.attend(query, key, value, mask, grouped=True), f"{name}.o_proj")
            normed = self.rms_norm(x, f"{name}.norm2")
            gated = F.silu(self.linear(normed, f"{name}.gate_proj")) * self.linear(normed, f"{name}.up_proj")
            x = x + self.linear(gated, f"{name}.down_proj")
        return F.linear(self.rms_norm(x[:, -1:], "norm"), self.w("lm_head").t()), *present


def build(path, name, dtype):
    """The module of the model `name` of graphs.SHAPES, its weights read from `path` and held in `dtype`."""
    shape = graphs.SHAPES[name]
    made = {"bert": Bert, "gpt2": Gpt2, "llama": Llama}[shape.family](shape, weights_of(path))
    return made.eval().to(dtype)


def outputs_of(name):
    """Names of the outputs, in the ONNX model's order."""
    shape = graphs.SHAPES[name]
    if shape.family == "bert":
        return ["last_hidden_state", "pooler_output"]
    return ["logits", *(f"present.{index}.{part}" for index in range(shape.layers) for part in ("key", "value"))]
