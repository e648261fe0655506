"""Models of images with text, and of other pairs."""

import torch
import transformers as tf
from exporting import VOCABULARY, padded
from model_cases import BATCH, IMAGES, maker, random_feeds, signal, tokens, ways

TEXT = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 16,
}


def pair(name, cls, config, **options):
    """Images and texts into one space."""

    def feeds():
        generator = torch.Generator().manual_seed(5)
        return [
            {
                "input_ids": tokens(generator, batch, 7),
                "pixel_values": torch.randn(batch, 3, 16, 16, generator=generator),
                "attention_mask": padded(batch, 7, (0, 2, 3)),
            }
            for batch in (2, 3)
        ]

    dims = {"input_ids": BATCH, "pixel_values": {0: "batch"}, "attention_mask": BATCH}
    outputs = ["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"]
    ways(name, maker(cls, config), list(dims), outputs, feeds, dims, **options)


def after_an_encoder(name, cls, config, width):
    """A decoder that reads what an encoder of images gave."""

    def feeds():
        generator = torch.Generator().manual_seed(1)
        return [
            {
                "input_ids": tokens(generator, batch, 6),
                "encoder_hidden_states": torch.randn(batch, patches, width, generator=generator),
            }
            for batch, patches in ((2, 9), (1, 4))
        ]

    dims = {"input_ids": BATCH, "encoder_hidden_states": {0: "batch", 1: "patches"}}
    ways(name, maker(cls, config), list(dims), ["logits"], feeds, dims, {"use_cache": False})


pair(
    "clip",
    tf.CLIPModel,
    tf.CLIPConfig(text_config={**TEXT, "eos_token_id": 66}, vision_config=IMAGES, projection_dim=16),
    how="ts14 ts17 dy18 dy20",
)
pair("siglip", tf.SiglipModel, tf.SiglipConfig(text_config={**TEXT, "projection_size": 32}, vision_config=IMAGES))
signal(
    "blip-vision",
    tf.BlipVisionModel,
    tf.BlipVisionConfig(**IMAGES),
    outputs=("last_hidden_state", "pooler_output"),
)
ways(
    "perceiver",
    maker(
        tf.PerceiverModel,
        tf.PerceiverConfig(
            num_latents=4,
            d_latents=16,
            d_model=16,
            num_blocks=1,
            num_self_attends_per_block=2,
            num_self_attention_heads=2,
            num_cross_attention_heads=2,
            vocab_size=VOCABULARY,
            max_position_embeddings=12,
            qk_channels=16,
            v_channels=16,
        ),
    ),
    ["inputs"],
    ["last_hidden_state"],
    random_feeds({"inputs": [(2, 12, 16), (1, 7, 16)]}),
    {"inputs": {0: "batch", 1: "rows"}},
)
after_an_encoder(
    "trocr-decoder",
    tf.TrOCRForCausalLM,
    tf.TrOCRConfig(
        vocab_size=VOCABULARY,
        d_model=32,
        decoder_layers=2,
        decoder_attention_heads=4,
        decoder_ffn_dim=64,
        max_position_embeddings=32,
        cross_attention_hidden_size=24,
    ),
    24,
)
after_an_encoder(
    "blip-text-decoder",
    tf.models.blip.modeling_blip_text.BlipTextLMHeadModel,
    tf.BlipTextConfig(**{**TEXT, "encoder_hidden_size": 24, "is_decoder": True}),
    24,
)
