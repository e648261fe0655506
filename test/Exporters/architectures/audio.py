"""Models of sound."""

import torch
import transformers as tf
from exporting import VOCABULARY, build
from model_cases import encoder_decoder, random_feeds, signal, ways

WAVES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "conv_dim": [8, 8],
    "conv_stride": [5, 2],
    "conv_kernel": [10, 3],
    "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 4,
    "feat_proj_dropout": 0.0,
}
SAMPLES = {"shapes": ((2, 200), (1, 320)), "dims": {0: "batch", 1: "samples"}, "key": "input_values"}
SEQUENCES = {
    "vocab_size": VOCABULARY,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_target_positions": 32,
}


class Encoder(torch.nn.Module):
    """The encoder alone."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, **inputs):
        return self.model.get_encoder()(**inputs)


signal("wav2vec2", tf.Wav2Vec2Model, tf.Wav2Vec2Config(**WAVES), **SAMPLES)
signal(
    "wav2vec2-layer-ctc",
    tf.Wav2Vec2ForCTC,
    tf.Wav2Vec2Config(feat_extract_norm="layer", do_stable_layer_norm=True, **WAVES),
    outputs=("logits",),
    **SAMPLES,
)
signal("hubert", tf.HubertModel, tf.HubertConfig(**WAVES), **SAMPLES)
signal("wavlm", tf.WavLMModel, tf.WavLMConfig(num_buckets=8, max_bucket_distance=16, **WAVES), **SAMPLES)
signal("sew", tf.SEWModel, tf.SEWConfig(squeeze_factor=2, **WAVES), how="ts17", **SAMPLES)
signal("unispeech", tf.UniSpeechModel, tf.UniSpeechConfig(**WAVES), how="ts17", **SAMPLES)
signal(
    "data2vec-audio",
    tf.Data2VecAudioModel,
    tf.Data2VecAudioConfig(conv_pos_kernel_size=3, **WAVES),
    how="ts17",
    **SAMPLES,
)
signal(
    "wav2vec2-bert",
    tf.Wav2Vec2BertModel,
    tf.Wav2Vec2BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        feature_projection_input_dim=16,
        conv_depthwise_kernel_size=3,
        left_max_position_embeddings=4,
        right_max_position_embeddings=2,
    ),
    shapes=((2, 12, 16), (1, 9, 16)),
    dims={0: "batch", 1: "frames"},
    key="input_features",
)
signal(
    "wav2vec2-conformer",
    tf.Wav2Vec2ConformerModel,
    tf.Wav2Vec2ConformerConfig(position_embeddings_type="rotary", conv_depthwise_kernel_size=3, **WAVES),
    **SAMPLES,
)
signal(
    "wav2vec2-conformer-rel",
    tf.Wav2Vec2ConformerModel,
    tf.Wav2Vec2ConformerConfig(
        position_embeddings_type="relative", max_source_positions=64, conv_depthwise_kernel_size=3, **WAVES
    ),
    **SAMPLES,
)
signal(
    "ast",
    tf.ASTModel,
    tf.ASTConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        patch_size=4,
        max_length=24,
        num_mel_bins=16,
        frequency_stride=3,
        time_stride=3,
    ),
    shapes=((2, 24, 16),),
    key="input_values",
)
encoder_decoder(
    "whisper",
    tf.WhisperForConditionalGeneration,
    tf.WhisperConfig(
        num_mel_bins=8,
        max_source_positions=20,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        **SEQUENCES,
    ),
    source=lambda generator, batch: torch.randn(batch, 8, 40, generator=generator),
    source_name="input_features",
    mask=False,
    task="automatic-speech-recognition",
)
SPEECH2TEXT = tf.Speech2TextConfig(input_feat_per_channel=8, conv_channels=16, max_source_positions=64, **SEQUENCES)
ways(
    "speech2text-encoder",
    lambda attention: Encoder(build(tf.Speech2TextForConditionalGeneration, SPEECH2TEXT, attention)),
    ["input_features"],
    ["last_hidden_state"],
    random_feeds({"input_features": [(2, 24, 8), (1, 16, 8)]}),
    {"input_features": {0: "batch", 1: "frames"}},
)
