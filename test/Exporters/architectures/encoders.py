"""Encoders of text."""

import transformers as tf
from exporting import VOCABULARY
from model_cases import sized, text

text(
    "bert",
    tf.BertModel,
    sized(tf.BertConfig),
    True,
    outputs=("last_hidden_state", "pooler_output"),
    how="ts11 ts13 ts14 ts17 dy18 dy20 dy23",
)
text("bert-eager", tf.BertModel, sized(tf.BertConfig), True, attention="eager", how="ts12 dy20")
text("bert-mlm", tf.BertForMaskedLM, sized(tf.BertConfig), True, outputs=("logits",))
text(
    "bert-qa",
    tf.BertForQuestionAnswering,
    sized(tf.BertConfig),
    True,
    outputs=("start_logits", "end_logits"),
    how="ts17",
)
text(
    "bert-relkey",
    tf.BertModel,
    sized(tf.BertConfig, position_embedding_type="relative_key_query"),
    True,
    attention="eager",
)
text("albert", tf.AlbertModel, sized(tf.AlbertConfig, embedding_size=16), True)
text(
    "distilbert",
    tf.DistilBertModel,
    tf.DistilBertConfig(
        vocab_size=VOCABULARY, dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=64
    ),
)
text("electra", tf.ElectraModel, sized(tf.ElectraConfig, embedding_size=16), True)
text(
    "deberta",
    tf.DebertaModel,
    sized(tf.DebertaConfig, relative_attention=True, pos_att_type=["c2p", "p2c"], max_relative_positions=16),
)
text(
    "deberta-v2",
    tf.DebertaV2Model,
    sized(
        tf.DebertaV2Config,
        relative_attention=True,
        pos_att_type=["p2c", "c2p"],
        position_buckets=8,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        max_relative_positions=64,
        position_biased_input=False,
    ),
)
text("mpnet", tf.MPNetModel, sized(tf.MPNetConfig))
text("xlmr", tf.XLMRobertaModel, sized(tf.XLMRobertaConfig))
text(
    "camembert-cls",
    tf.CamembertForSequenceClassification,
    sized(tf.CamembertConfig),
    outputs=("logits",),
    how="ts17",
)
text(
    "modernbert",
    tf.ModernBertModel,
    sized(
        tf.ModernBertConfig, local_attention=4, global_attn_every_n_layers=2, pad_token_id=0, reference_compile=False
    ),
)
text(
    "longformer",
    tf.LongformerModel,
    sized(tf.LongformerConfig, attention_window=[4, 4]),
    shapes=((2, 8, (0, 3)), (1, 12, (4,))),
)
text("bigbird", tf.BigBirdModel, sized(tf.BigBirdConfig, attention_type="original_full"), True)
text("roformer", tf.RoFormerModel, sized(tf.RoFormerConfig, embedding_size=32), True)
text(
    "nystromformer",
    tf.NystromformerModel,
    sized(tf.NystromformerConfig, num_landmarks=4, segment_means_seq_len=8),
    shapes=((2, 8, (0, 3)), (1, 8, (4,))),
)
text("fnet", tf.FNetModel, sized(tf.FNetConfig), mask=False, types=True)
text(
    "funnel",
    tf.FunnelModel,
    tf.FunnelConfig(
        vocab_size=VOCABULARY, block_sizes=[1, 1], num_decoder_layers=1, d_model=32, n_head=4, d_head=8, d_inner=64
    ),
)
text(
    "squeezebert",
    tf.SqueezeBertModel,
    sized(
        tf.SqueezeBertConfig,
        embedding_size=32,
        q_groups=2,
        k_groups=2,
        v_groups=2,
        post_attention_groups=1,
        intermediate_groups=2,
        output_groups=2,
    ),
    True,
)
text(
    "convbert",
    tf.ConvBertModel,
    sized(tf.ConvBertConfig, embedding_size=32, conv_kernel_size=3, head_ratio=2),
    True,
)
text("ibert", tf.IBertModel, sized(tf.IBertConfig), how="ts17")
text("megatronbert", tf.MegatronBertModel, sized(tf.MegatronBertConfig), True)
text(
    "mobilebert",
    tf.MobileBertModel,
    sized(
        tf.MobileBertConfig,
        embedding_size=16,
        intra_bottleneck_size=16,
        true_hidden_size=16,
        num_feedforward_networks=2,
    ),
    True,
)
text(
    "esm",
    tf.EsmModel,
    sized(tf.EsmConfig, position_embedding_type="rotary", mask_token_id=4, pad_token_id=1, token_dropout=True),
)
text("ernie", tf.ErnieModel, sized(tf.ErnieConfig), True, how="ts17")
text(
    "xlnet",
    tf.XLNetModel,
    tf.XLNetConfig(vocab_size=VOCABULARY, d_model=32, n_layer=2, n_head=4, d_inner=64),
)
text(
    "xlm",
    tf.XLMModel,
    tf.XLMConfig(vocab_size=VOCABULARY, emb_dim=32, n_layers=2, n_heads=4, max_position_embeddings=64),
)
text(
    "flaubert",
    tf.FlaubertModel,
    tf.FlaubertConfig(
        vocab_size=VOCABULARY, emb_dim=32, n_layers=2, n_heads=4, max_position_embeddings=64, pre_norm=True
    ),
    how="ts17",
)
text(
    "canine",
    tf.CanineModel,
    sized(
        tf.CanineConfig,
        num_hash_functions=2,
        num_hash_buckets=16,
        downsampling_rate=2,
        upsampling_kernel_size=2,
        local_transformer_stride=8,
    ),
    True,
    shapes=((2, 8, (0, 3)), (1, 16, (4,))),
)
text("rembert", tf.RemBertModel, sized(tf.RemBertConfig, input_embedding_size=16), True, how="ts17")
text("layoutlm", tf.LayoutLMModel, sized(tf.LayoutLMConfig), True, how="ts17")
text("markuplm", tf.MarkupLMModel, sized(tf.MarkupLMConfig), True, how="ts17")
text(
    "clap-text",
    tf.ClapTextModelWithProjection,
    sized(tf.ClapTextConfig, projection_dim=16),
    outputs=("text_embeds",),
    how="ts17",
)
text(
    "reformer",
    tf.ReformerModel,
    tf.ReformerConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_attention_heads=2,
        attention_head_size=16,
        attn_layers=["local", "local"],
        local_attn_chunk_length=4,
        axial_pos_embds=False,
        max_position_embeddings=64,
        feed_forward_size=64,
        is_decoder=False,
        num_buckets=4,
    ),
    shapes=((2, 8, (0, 3)),),
    how="ts17",
)
text("xlmr-xl", tf.XLMRobertaXLModel, sized(tf.XLMRobertaXLConfig), how="ts17")
text("xmod", tf.XmodModel, sized(tf.XmodConfig, languages=["en_XX"], default_language="en_XX"), how="ts17")
text("dpr", tf.DPRContextEncoder, sized(tf.DPRConfig), True, outputs=("pooler_output",), how="ts17")
text("splinter", tf.SplinterModel, sized(tf.SplinterConfig), True, how="ts17")
