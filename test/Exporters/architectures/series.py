"""Models of time series."""

import torch
import transformers as tf
from model_cases import maker, random_feeds, signal, ways

PATCHES = {
    "num_input_channels": 3,
    "context_length": 16,
    "patch_length": 4,
    "patch_stride": 4,
    "d_model": 16,
    "prediction_length": 8,
}
FORECAST = {
    "prediction_length": 4,
    "context_length": 8,
    "lags_sequence": [1, 2],
    "num_time_features": 2,
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
}


def patches(name, cls, config, **options):
    signal(name, cls, config, ("prediction_outputs",), ((2, 16, 3), (1, 16, 3)), key="past_values", **options)


def forecast(name, cls, config):
    """An encoder-decoder of past and future values with their features."""

    def feeds():
        generator = torch.Generator().manual_seed(5)
        return [
            {
                "past_values": torch.randn(batch, 10, generator=generator),
                "past_time_features": torch.randn(batch, 10, 2, generator=generator),
                "past_observed_mask": (torch.rand(batch, 10, generator=generator) > 0.2).float(),
                "future_values": torch.randn(batch, 4, generator=generator),
                "future_time_features": torch.randn(batch, 4, 2, generator=generator),
            }
            for batch in (2, 3)
        ]

    inputs = list(feeds()[0])
    dims = {key: {0: "batch"} for key in inputs}
    ways(name, maker(cls, config), inputs, ["last_hidden_state"], feeds, dims, {"use_cache": False})


patches(
    "patchtst",
    tf.PatchTSTForPrediction,
    tf.PatchTSTConfig(num_hidden_layers=2, num_attention_heads=2, ffn_dim=32, scaling="std", **PATCHES),
    how="ts14 ts17 dy18 dy20",
)
patches(
    "patchtsmixer",
    tf.PatchTSMixerForPrediction,
    tf.PatchTSMixerConfig(
        num_layers=2, mode="mix_channel", gated_attn=True, self_attn=True, self_attn_heads=2, **PATCHES
    ),
)
forecast("timeseries", tf.TimeSeriesTransformerModel, tf.TimeSeriesTransformerConfig(**FORECAST))
forecast("informer", tf.InformerModel, tf.InformerConfig(attention_type="full", distil=False, **FORECAST))
forecast("informer-prob", tf.InformerModel, tf.InformerConfig(**FORECAST))
forecast("autoformer", tf.AutoformerModel, tf.AutoformerConfig(moving_average=3, **FORECAST))
ways(
    "timesfm",
    maker(
        tf.TimesFmModel,
        tf.TimesFmConfig(
            patch_length=4,
            context_length=16,
            horizon_length=8,
            num_hidden_layers=2,
            hidden_size=16,
            intermediate_size=32,
            head_dim=8,
            num_attention_heads=2,
        ),
    ),
    ["past_values", "past_values_padding", "freq"],
    ["last_hidden_state"],
    lambda: [
        {
            **random_feeds({"past_values": [(2, 16)]})()[0],
            "past_values_padding": torch.zeros(2, 16),
            "freq": torch.zeros(2, 1, dtype=torch.long),
        }
    ],
    {},
)
