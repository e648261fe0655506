"""How make_models.py exports what architectures/ lists: each call adds cases to CASES.

A case is a name and a function that gives (model, feeds, references, about), as exporting.write takes them.
"""

import inspect

import exporting
import torch
from exporting import VOCABULARY, build, cache_of, export, export_with_optimum, padded, picked

CASES = []
BATCH = {0: "batch", 1: "sequence"}
#: Sizes of an encoder of images.
IMAGES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "image_size": 16,
    "patch_size": 4,
}


def tokens(generator, batch, length):
    return exporting.ids(generator, batch, length)


def sized(config, **changes):
    """The configuration at the size that is usual here."""
    sizes = {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
    return config(**{**sizes, "intermediate_size": 64, "max_position_embeddings": 64, **changes})


def maker(cls, config):
    return lambda attention: build(cls, config, attention)


def ways(name, make, inputs, outputs, feeds, dims, fixed=None, how="ts17 dy20", attention="sdpa"):
    """`make(attention)` through TorchScript's ("ts") and the dynamo ("dy") exporter, at opsets."""
    for way in how.split():

        def one(way=way):
            exporter, opset = {"ts": "torchscript", "dy": "dynamo"}[way[:2]], int(way[2:])
            module = picked(make("eager" if opset < 14 else attention), inputs, outputs, fixed)
            given = feeds()
            model = export(module, [given[0][key] for key in inputs], inputs, outputs, dims, exporter, opset)
            names = [value.name for value in model.graph.output]
            references = [dict(zip(names, module(*(feed[key].clone() for key in inputs)))) for feed in given]
            return model, given, references, {"exporter": exporter, "opset": opset}

        CASES.append((f"{name}-{way}", one))


def random_feeds(shapes):
    """`shapes`: {input: [shape of data set 0, of data set 1, ...]}."""

    def feeds():
        generator = torch.Generator().manual_seed(5)
        count = len(next(iter(shapes.values())))
        return [{key: torch.randn(*of[i], generator=generator) for key, of in shapes.items()} for i in range(count)]

    return feeds


def text(name, cls, config, types=False, outputs=("last_hidden_state",), mask=True, shapes=None, **options):
    """An encoder of tokens, or a decoder without a cache."""
    inputs = ["input_ids"] + ["attention_mask"] * mask + ["token_type_ids"] * types

    def feeds():
        generator, result = torch.Generator().manual_seed(5), []
        for batch, length, pads in shapes or ((2, 8, (0, 3)), (3, 11, (4, 0, 7))):
            kept = padded(batch, length, pads)
            feed = {"input_ids": tokens(generator, batch, length) * kept + 1 * (1 - kept)}
            feed |= {"attention_mask": kept} if mask else {}
            feed |= {"token_type_ids": torch.randint(0, 2, (batch, length), generator=generator)} if types else {}
            result.append(feed)
        return result

    ways(name, maker(cls, config), inputs, list(outputs), feeds, {key: BATCH for key in inputs}, **options)


def decoder(name, cls, config, cache=True, mask=True, **options):
    """A causal language model: without a cache, and with one from optimum and from TorchScript's exporter."""
    text(name, cls, config, outputs=("logits",), mask=mask, fixed={"use_cache": False}, **options)
    if cache:
        CASES.append((f"{name}-optimum-past", lambda: cached(cls, config, optimum=True)))
        CASES.append((f"{name}-ts17-past", lambda: cached(cls, config, optimum=False)))


class WithCache(torch.nn.Module):
    """A causal language model whose cache is its last inputs and outputs."""

    def __init__(self, model, layers):
        super().__init__()
        self.model, self.layers = model, layers

    def forward(self, input_ids, attention_mask, position_ids, *past):
        from transformers import DynamicCache

        state = DynamicCache()
        for layer in range(self.layers):
            state.update(past[2 * layer], past[2 * layer + 1], layer)
        result = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=state,
            use_cache=True,
        )
        return result.logits, *(part for pair in cache_of(result.past_key_values) for part in pair)


def cached(cls, config, optimum):
    reference = build(cls, config, "eager")
    takes_positions = "position_ids" in inspect.signature(reference.forward).parameters
    generator, feeds, references = torch.Generator().manual_seed(9), [], []
    for batch, length, past, pads in ((2, 3, 5, (0, 2)), (3, 1, 4, (0, 1, 2))):
        ids, mask = tokens(generator, batch, past + length), padded(batch, past + length, pads, left=True)
        positions = (mask.cumsum(-1) - 1).clamp(min=0)

        def call(first, last, state=None, ids=ids, mask=mask, positions=positions):
            given = {"position_ids": positions[:, first:last]} if takes_positions else {}
            return reference(
                input_ids=ids[:, first:last],
                attention_mask=mask[:, :last],
                past_key_values=state,
                use_cache=True,
                **given,
            )

        state = call(0, past).past_key_values
        feed = {"input_ids": ids[:, past:], "attention_mask": mask, "position_ids": positions[:, past:]}
        for layer, pair in enumerate(cache_of(state)):
            for kind, value in zip(("key", "value"), pair):
                feed[f"past_key_values.{layer}.{kind}"] = value.clone()
        result = call(past, past + length, state)
        expected = {"logits": result.logits}
        for layer, pair in enumerate(cache_of(result.past_key_values)):
            for kind, value in zip(("key", "value"), pair):
                expected[f"present.{layer}.{kind}"] = value.clone()
        feeds.append(feed)
        references.append(expected)
    if optimum:
        model = export_with_optimum(build(cls, config), "text-generation-with-past")
        return model, feeds, references, {"exporter": "optimum with past", "opset": model.opset_import[0].version}
    inputs, outputs = list(feeds[0]), list(references[0])
    dims = {key: {0: "batch", 2: "past"} for key in inputs[3:]}
    dims |= {"input_ids": BATCH, "position_ids": BATCH, "attention_mask": {0: "batch", 1: "total"}}
    dims |= {key: {0: "batch", 2: "total"} for key in outputs[1:]}
    module = WithCache(build(cls, config), (len(inputs) - 3) // 2).eval()
    model = export(module, list(feeds[0].values()), inputs, outputs, dims, "torchscript", 17)
    return model, feeds, references, {"exporter": "torchscript with past", "opset": 17}


PARTS = ("encoder_model", "decoder_model", "decoder_with_past_model", "decoder_model_merged")


def encoder_decoder(name, cls, config, source=None, source_name="input_ids", mask=True, task="text2text-generation"):
    """The parts that optimum makes; `source(generator, batch)` gives what the encoder reads."""
    for part in PARTS:

        def one(part=part):
            return optimum_part(cls, config, part, source, source_name, mask, task + "-with-past")

        CASES.append((f"{name}-optimum-{part.replace('_', '-')}", one))


def optimum_part(cls, config, part, source, source_name, masked, task):
    from transformers import DynamicCache, EncoderDecoderCache

    model = export_with_optimum(build(cls, config), task, part + ".onnx")
    reference = build(cls, config, "eager")
    names = [value.name for value in exporting.inputs_of(model)]
    generator, feeds, references = torch.Generator().manual_seed(7), [], []
    for batch, length, past, step, pads in ((2, 7, 0, 4, (0, 2)), (3, 9, 5, 1, (4, 0, 1))):
        if part == "decoder_with_past_model" and not past:
            continue
        past = 0 if part == "decoder_model" else past
        read = source(generator, batch) if source else tokens(generator, batch, length)
        mask = padded(batch, length, pads)
        given = {source_name: read} | ({"attention_mask": mask} if masked else {})
        hidden = reference.get_encoder()(**given).last_hidden_state
        if part == "encoder_model":
            feeds.append(given)
            references.append({"last_hidden_state": hidden})
            continue
        ids = tokens(generator, batch, past + step)
        fixed = {"encoder_outputs": (hidden,), "use_cache": True} | ({"attention_mask": mask} if masked else {})
        state = EncoderDecoderCache(DynamicCache(), DynamicCache())
        if past:
            state = reference(decoder_input_ids=ids[:, :past], past_key_values=state, **fixed).past_key_values
        sides = (("decoder", "self_attention_cache"), ("encoder", "cross_attention_cache"))
        before = {
            f"past_key_values.{layer}.{side}.{kind}": value.clone()
            for side, attribute in sides
            for layer, pair in enumerate(cache_of(getattr(state, attribute)))
            for kind, value in zip(("key", "value"), pair)
        }
        result = reference(decoder_input_ids=ids[:, past:], past_key_values=state, **fixed)
        expected = {"logits": result.logits}
        for side, attribute in sides[: 1 if past else 2]:
            for layer, pair in enumerate(cache_of(getattr(result.past_key_values, attribute))):
                for kind, value in zip(("key", "value"), pair):
                    expected[f"present.{layer}.{side}.{kind}"] = value.clone()
        feed = {"input_ids": ids[:, past:], "decoder_input_ids": ids[:, past:], "encoder_hidden_states": hidden}
        feed |= {"encoder_attention_mask": mask, "attention_mask": mask, "use_cache_branch": torch.tensor([past > 0])}
        feed |= {"cache_position": torch.arange(past, past + step)} | before
        for value in exporting.inputs_of(model):
            if value.name not in feed:  # a dummy of one position, for the branch that is not taken
                dims = value.type.tensor_type.shape.dim
                shape = [batch if i == 0 else dim.dim_value or 1 for i, dim in enumerate(dims)]
                feed[value.name] = torch.zeros(shape)
        feeds.append({key: feed[key] for key in names})
        references.append(expected)
    about = {"exporter": "optimum, " + part.replace("_", " "), "opset": model.opset_import[0].version}
    return model, feeds, references, about


def signal(
    name, cls, config, outputs=("last_hidden_state",), shapes=((2, 3, 16, 16), (1, 3, 16, 16)), dims=None, **options
):
    """A model of pixels, samples or frames."""
    key = options.pop("key", "pixel_values")
    dims = {key: {0: "batch"} if dims is None else dims}
    ways(name, maker(cls, config), [key], list(outputs), random_feeds({key: list(shapes)}), dims, **options)
