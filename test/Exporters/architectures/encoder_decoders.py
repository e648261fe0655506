"""Encoder-decoders of text."""

import torch
import transformers as tf
from exporting import VOCABULARY, padded
from model_cases import BATCH, encoder_decoder, maker, text, tokens, ways

BART = {
    "vocab_size": VOCABULARY,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 64,
    "decoder_start_token_id": 2,
}
T5 = {
    "vocab_size": VOCABULARY,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 64,
    "num_layers": 2,
    "num_heads": 4,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 16,
    "decoder_start_token_id": 0,
}


def whole(name, cls, config, **options):
    """Encoder and decoder in one model, without a cache."""

    def feeds():
        generator = torch.Generator().manual_seed(5)
        return [
            {
                "input_ids": tokens(generator, batch, source),
                "attention_mask": padded(batch, source, pads),
                "decoder_input_ids": tokens(generator, batch, target),
            }
            for batch, source, pads, target in ((2, 8, (0, 3), 5), (3, 11, (4, 0, 7), 3))
        ]

    dims = {"input_ids": BATCH, "attention_mask": BATCH, "decoder_input_ids": {0: "batch", 1: "target"}}
    ways(name, maker(cls, config), list(dims), ["logits"], feeds, dims, {"use_cache": False}, **options)


encoder_decoder("t5", tf.T5ForConditionalGeneration, tf.T5Config(**T5))
encoder_decoder(
    "flan-t5",
    tf.T5ForConditionalGeneration,
    tf.T5Config(feed_forward_proj="gated-gelu", tie_word_embeddings=False, **T5),
)
encoder_decoder("mt5", tf.MT5ForConditionalGeneration, tf.MT5Config(**T5))
encoder_decoder(
    "longt5", tf.LongT5ForConditionalGeneration, tf.LongT5Config(local_radius=3, encoder_attention_type="local", **T5)
)
encoder_decoder("bart", tf.BartForConditionalGeneration, tf.BartConfig(forced_eos_token_id=None, **BART))
encoder_decoder("mbart", tf.MBartForConditionalGeneration, tf.MBartConfig(**BART))
encoder_decoder("pegasus", tf.PegasusForConditionalGeneration, tf.PegasusConfig(**BART))
encoder_decoder("marian", tf.MarianMTModel, tf.MarianConfig(pad_token_id=0, **BART))
encoder_decoder("m2m100", tf.M2M100ForConditionalGeneration, tf.M2M100Config(**BART))
encoder_decoder("blenderbot", tf.BlenderbotForConditionalGeneration, tf.BlenderbotConfig(**BART))
whole("t5-whole", tf.T5ForConditionalGeneration, tf.T5Config(**T5), how="ts14 ts17 dy18 dy23")
whole("bart-whole", tf.BartForConditionalGeneration, tf.BartConfig(**BART), how="ts13 ts17 dy20")
whole(
    "pegasus-x",
    tf.PegasusXForConditionalGeneration,
    tf.PegasusXConfig(num_global_tokens=2, block_size=4, stagger_local_blocks=True, **BART),
)
whole(
    "switch",
    tf.SwitchTransformersForConditionalGeneration,
    tf.SwitchTransformersConfig(
        num_experts=4, num_decoder_layers=2, num_sparse_encoder_layers=1, num_sparse_decoder_layers=1, **T5
    ),
)
text("umt5-encoder", tf.UMT5EncoderModel, tf.UMT5Config(**T5))
