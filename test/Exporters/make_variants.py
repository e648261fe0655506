#!/usr/bin/env python3
"""Exports tiny BERT, GPT-2, Llama and T5 models in many ways each, into models/ beside this file.

    python make_variants.py [--only PART_OF_NAME]

Needs what requirements.txt lists. The models of one architecture have the same weights, and test_variants.py expects
the same fusions in each, however it was exported.
"""

import argparse
import pathlib
import sys

import torch
import transformers as tf
from exporting import (
    VOCABULARY,
    build,
    cache_of,
    export,
    export_with_optimum,
    ids,
    optimised_by_onnxruntime,
    optimised_for_transformers,
    padded,
    picked,
    write,
)
from onnx.version_converter import convert_version
from onnxruntime.transformers.float16 import convert_float_to_float16

FOLDER = pathlib.Path(__file__).resolve().parent / "models"
BATCH = {0: "batch", 1: "sequence"}
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32}
BERT = tf.BertConfig(vocab_size=VOCABULARY, max_position_embeddings=32, type_vocab_size=2, **SIZES)
GPT2 = tf.GPT2Config(vocab_size=VOCABULARY, n_embd=16, n_layer=2, n_head=4, n_positions=32)
LLAMA = tf.LlamaConfig(vocab_size=VOCABULARY, num_key_value_heads=2, max_position_embeddings=32, **SIZES)
T5 = tf.T5Config(
    vocab_size=VOCABULARY,
    d_model=16,
    d_kv=4,
    d_ff=32,
    num_layers=2,
    num_heads=4,
    relative_attention_num_buckets=8,
    relative_attention_max_distance=16,
    decoder_start_token_id=0,
)
#: (exporter, opset, attention): opsets below 14 have no form of the fused attention, and no triangles (T5).
WAYS = (("torchscript", 13, "eager"), ("torchscript", 17, "sdpa"), ("dynamo", 18, "sdpa"), ("dynamo", 23, "sdpa"))
T5_WAYS = (("torchscript", 14, "eager"), *WAYS[1:])
#: Opset 23 of the exporter gives RotaryEmbedding tables of one batch, which its text has no room for.
LLAMA_WAYS = (*WAYS[:3], ("dynamo", 22, "sdpa"))
NEWEST = 26  #: the newest opset that ONNX Runtime runs


def plain(name, cls, config, inputs, outputs, feeds, dims, fixed=None, kind=None, wrap=lambda model: model, ways=WAYS):
    """One model through both exporters, then optimised and in fp16."""

    def make(attention):
        return picked(wrap(build(cls, config, attention)), inputs, outputs, fixed)

    reference = make("eager")
    references = [dict(zip(outputs, reference(*(feed[key].clone() for key in inputs)))) for feed in feeds]
    for exporter, opset, attention in ways:

        def one(exporter=exporter, opset=opset, attention=attention):
            arguments = [feeds[0][key] for key in inputs]
            model = export(make(attention), arguments, inputs, outputs, dims, exporter, opset)
            return model, feeds, references, {"exporter": exporter, "opset": opset}

        yield f"{name}-{exporter}-{opset}", one

    def base():
        return export(make("sdpa"), [feeds[0][key] for key in inputs], inputs, outputs, dims, "torchscript", 17)

    def optimised():
        return optimised_by_onnxruntime(base()), feeds, references, {"exporter": "ONNX Runtime", "opset": 17}

    def half():
        model = convert_float_to_float16(base(), keep_io_types=True)
        return model, feeds, references, {"exporter": "torchscript, fp16", "opset": 17, "dtype": "float16"}

    def newest():
        model = export(make("sdpa"), [feeds[0][key] for key in inputs], inputs, outputs, dims, "dynamo", 20)
        return convert_version(model, NEWEST), feeds, references, {"exporter": "dynamo, converted", "opset": NEWEST}

    yield f"{name}-dynamo-{NEWEST}", newest
    yield f"{name}-onnxruntime", optimised
    yield f"{name}-fp16", half
    if kind:

        def fused():
            eager = export(make("eager"), [feeds[0][key] for key in inputs], inputs, outputs, dims, "torchscript", 13)
            model = optimised_for_transformers(eager, kind, 4, 16)
            return model, feeds, references, {"exporter": "ONNX Runtime's transformer optimizer", "opset": 13}

        yield f"{name}-onnxruntime-transformers", fused


def text_feeds(types=False):
    generator = torch.Generator().manual_seed(5)
    feeds = []
    for batch, length, pads in ((2, 7, (0, 3)), (3, 5, (2, 0, 1))):
        mask = padded(batch, length, pads)
        feed = {"input_ids": ids(generator, batch, length) * mask, "attention_mask": mask}
        if types:
            feed["token_type_ids"] = torch.randint(0, 2, (batch, length), generator=generator)
        feeds.append(feed)
    return feeds


def bert():
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    feeds, outputs = text_feeds(True), ["last_hidden_state"]
    yield from plain("bert", tf.BertModel, BERT, inputs, outputs, feeds, {name: BATCH for name in inputs}, kind="bert")

    def optimum():
        model = export_with_optimum(build(tf.BertModel, BERT), "feature-extraction")
        reference = build(tf.BertModel, BERT, "eager")
        references = [{"last_hidden_state": reference(**feed).last_hidden_state} for feed in feeds]
        return model, feeds, references, {"exporter": "optimum", "opset": model.opset_import[0].version}

    yield "bert-optimum", optimum


def decoder(name, cls, config, kind=None, ways=WAYS):
    inputs = ["input_ids", "attention_mask"]
    feeds = text_feeds()
    yield from plain(
        name,
        cls,
        config,
        inputs,
        ["logits"],
        feeds,
        {key: BATCH for key in inputs},
        {"use_cache": False},
        kind,
        ways=ways,
    )

    def without_past():
        model = export_with_optimum(build(cls, config), "text-generation")
        reference = build(cls, config, "eager")
        given = [dict(feed, position_ids=(feed["attention_mask"].cumsum(-1) - 1).clamp(min=0)) for feed in feeds]
        references = [{"logits": reference(**feed).logits} for feed in given]
        return model, given, references, {"exporter": "optimum", "opset": model.opset_import[0].version}

    def with_past():
        model = export_with_optimum(build(cls, config), "text-generation-with-past")
        reference = build(cls, config, "eager")
        generator, given, references = torch.Generator().manual_seed(7), [], []
        for batch, length, past, pads in ((2, 3, 4, (0, 2)), (1, 1, 6, (0,))):
            tokens, mask = ids(generator, batch, past + length), padded(batch, past + length, pads, left=True)
            positions = (mask.cumsum(-1) - 1).clamp(min=0)
            state = reference(
                input_ids=tokens[:, :past],
                attention_mask=mask[:, :past],
                position_ids=positions[:, :past],
                use_cache=True,
            ).past_key_values
            feed = {"input_ids": tokens[:, past:], "attention_mask": mask, "position_ids": positions[:, past:]}
            for layer, (key, value) in enumerate(cache_of(state)):
                feed[f"past_key_values.{layer}.key"] = key.clone()
                feed[f"past_key_values.{layer}.value"] = value.clone()
            result = reference(
                input_ids=tokens[:, past:],
                attention_mask=mask,
                position_ids=positions[:, past:],
                past_key_values=state,
                use_cache=True,
            )
            expected = {"logits": result.logits}
            for layer, (key, value) in enumerate(cache_of(result.past_key_values)):
                expected[f"present.{layer}.key"], expected[f"present.{layer}.value"] = key.clone(), value.clone()
            given.append(feed)
            references.append(expected)
        return model, given, references, {"exporter": "optimum with past", "opset": model.opset_import[0].version}

    yield f"{name}-optimum", without_past
    yield f"{name}-optimum-past", with_past


class T5Decoder(torch.nn.Module):
    """T5's decoder and head, on what an encoder gave."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, encoder_hidden_states, encoder_attention_mask):
        result = self.model(
            decoder_input_ids=input_ids,
            encoder_outputs=(encoder_hidden_states,),
            attention_mask=encoder_attention_mask,
            use_cache=False,
        )
        return {"logits": result.logits}


def t5_feeds(past):
    """What optimum's decoders read, with the expected outputs; without a past the cache is a dummy of one position."""
    reference = build(tf.T5ForConditionalGeneration, T5, "eager")
    generator, feeds, references = torch.Generator().manual_seed(7), [], []
    for batch, source, length, before, pads in ((2, 6, 3, 0, (0, 2)), (3, 5, 1, 4, (2, 0, 1))):
        before = before if past else 0
        tokens, mask = ids(generator, batch, before + length), padded(batch, source, pads)
        hidden = torch.randn(batch, source, 16, generator=generator)
        fixed = {"encoder_outputs": (hidden,), "attention_mask": mask, "use_cache": True}
        state = None
        if before:
            state = reference(decoder_input_ids=tokens[:, :before], **fixed).past_key_values
        feed = {
            "input_ids": tokens[:, before:],
            "encoder_hidden_states": hidden,
            "encoder_attention_mask": mask,
            "use_cache_branch": torch.tensor([before > 0]),
        }
        for layer in range(2):
            for side in ("decoder", "encoder"):
                cache = state and getattr(
                    state, "self_attention_cache" if side == "decoder" else "cross_attention_cache"
                )
                for part, kind in enumerate(("key", "value")):
                    value = cache_of(cache)[layer][part].clone() if state else torch.zeros(batch, 4, 1, 4)
                    feed[f"past_key_values.{layer}.{side}.{kind}"] = value
        result = reference(decoder_input_ids=tokens[:, before:], past_key_values=state, **fixed)
        expected = {"logits": result.logits}
        for layer in range(2):
            for side in ("decoder", "encoder"):
                if side == "encoder" and before:
                    continue  # given back as they came, or not at all
                cache = getattr(
                    result.past_key_values, "self_attention_cache" if side == "decoder" else "cross_attention_cache"
                )
                for part, kind in enumerate(("key", "value")):
                    expected[f"present.{layer}.{side}.{kind}"] = cache_of(cache)[layer][part].clone()
        feeds.append(feed)
        references.append(expected)
    return feeds, references


def t5():
    inputs = ["input_ids", "encoder_hidden_states", "encoder_attention_mask"]
    feeds, _ = t5_feeds(past=False)
    dims = {
        "input_ids": BATCH,
        "encoder_hidden_states": {0: "batch", 1: "source"},
        "encoder_attention_mask": {0: "batch", 1: "source"},
    }
    yield from plain(
        "t5-decoder", tf.T5ForConditionalGeneration, T5, inputs, ["logits"], feeds, dims, wrap=T5Decoder, ways=T5_WAYS
    )

    for part in ("decoder_model", "decoder_with_past_model", "decoder_model_merged"):

        def one(part=part):
            model = export_with_optimum(
                build(tf.T5ForConditionalGeneration, T5), "text2text-generation-with-past", part + ".onnx"
            )
            feeds, references = t5_feeds(past=part != "decoder_model")
            if part == "decoder_with_past_model":
                feeds, references = feeds[1:], references[1:]
            about = {"exporter": f"optimum, {part}", "opset": model.opset_import[0].version}
            return model, feeds, references, about

        yield f"t5-decoder-optimum-{part.removeprefix('decoder_').replace('_', '-')}", one


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only models with this in their name")
    options = parser.parse_args()
    failed = 0
    for models in (
        bert(),
        decoder("gpt2", tf.GPT2LMHeadModel, GPT2, "gpt2"),
        decoder("llama", tf.LlamaForCausalLM, LLAMA, ways=LLAMA_WAYS),
        t5(),
    ):
        for name, make in models:
            if options.only not in name:
                continue
            try:
                model, feeds, references, about = make()
                worst = write(FOLDER / name, model, feeds, references, about, 3e-3 if "fp16" in name else 1e-4)
                print(f"{name}: {len(model.graph.node)} nodes, ONNX Runtime differs by {worst:.1e}", flush=True)
            except Exception as problem:  # one exporter that fails says nothing of the others
                failed += 1
                print(f"{name}: {type(problem).__name__}: {str(problem)[:300]}", file=sys.stderr, flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
