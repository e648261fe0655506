"""The architectures that make_models.py exports, at sizes of a few kilobytes, and in which ways."""

import torch
import transformers as tf
from exporting import VOCABULARY, build, padded
from model_cases import BATCH, decoder, encoder_decoder, random_feeds, signal, sized, text, tokens, ways


def maker(cls, config):
    return lambda attention: build(cls, config, attention)


# --- encoders
text(
    "bert",
    tf.BertModel,
    sized(tf.BertConfig),
    True,
    outputs=("last_hidden_state", "pooler_output"),
    how=("ts11", "ts13", "ts14", "ts17", "dy18", "dy20", "dy23"),
)
text("bert-eager", tf.BertModel, sized(tf.BertConfig), True, attention="eager", how=("ts12", "dy20"))
text("bert-mlm", tf.BertForMaskedLM, sized(tf.BertConfig), True, outputs=("logits",))
text(
    "bert-qa",
    tf.BertForQuestionAnswering,
    sized(tf.BertConfig),
    True,
    outputs=("start_logits", "end_logits"),
    how=("ts17",),
)
text(
    "bert-relkey",
    tf.BertModel,
    sized(tf.BertConfig, position_embedding_type="relative_key_query"),
    True,
    attention="eager",
    how=("ts17", "dy20"),
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
    how=("ts17",),
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
text("fnet", tf.FNetModel, sized(tf.FNetConfig), mask=False, types=True, how=("ts17", "dy20"))
text(
    "funnel",
    tf.FunnelModel,
    tf.FunnelConfig(
        vocab_size=VOCABULARY, block_sizes=[1, 1], num_decoder_layers=1, d_model=32, n_head=4, d_head=8, d_inner=64
    ),
    how=("ts17", "dy20"),
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
    how=("ts17", "dy20"),
)
text(
    "convbert",
    tf.ConvBertModel,
    sized(tf.ConvBertConfig, embedding_size=32, conv_kernel_size=3, head_ratio=2),
    True,
    how=("ts17", "dy20"),
)
text("ibert", tf.IBertModel, sized(tf.IBertConfig), how=("ts17",))
text("megatronbert", tf.MegatronBertModel, sized(tf.MegatronBertConfig), True, how=("ts17", "dy20"))
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
    how=("ts17", "dy20"),
)
text(
    "esm",
    tf.EsmModel,
    sized(tf.EsmConfig, position_embedding_type="rotary", mask_token_id=4, pad_token_id=1, token_dropout=True),
    how=("ts17", "dy20"),
)
text("nomic-like-ernie", tf.ErnieModel, sized(tf.ErnieConfig), True, how=("ts17",))
text(
    "xlnet",
    tf.XLNetModel,
    tf.XLNetConfig(vocab_size=VOCABULARY, d_model=32, n_layer=2, n_head=4, d_inner=64),
    how=("ts17", "dy20"),
)
text(
    "xlm",
    tf.XLMModel,
    tf.XLMConfig(vocab_size=VOCABULARY, emb_dim=32, n_layers=2, n_heads=4, max_position_embeddings=64),
    how=("ts17", "dy20"),
)
text(
    "flaubert",
    tf.FlaubertModel,
    tf.FlaubertConfig(
        vocab_size=VOCABULARY, emb_dim=32, n_layers=2, n_heads=4, max_position_embeddings=64, pre_norm=True
    ),
    how=("ts17",),
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
    how=("ts17", "dy20"),
)
text("rembert", tf.RemBertModel, sized(tf.RemBertConfig, input_embedding_size=16), True, how=("ts17",))
# --- decoders
decoder(
    "gpt2",
    tf.GPT2LMHeadModel,
    tf.GPT2Config(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64),
    how=("ts13", "ts17", "dy18", "dy20", "dy23"),
)
decoder(
    "gpt2-reorder",
    tf.GPT2LMHeadModel,
    tf.GPT2Config(
        vocab_size=VOCABULARY,
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=64,
        scale_attn_by_inverse_layer_idx=True,
        reorder_and_upcast_attn=True,
    ),
    how=("ts17", "dy20"),
    attention="eager",
)
decoder(
    "gptneo",
    tf.GPTNeoForCausalLM,
    tf.GPTNeoConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_layers=2,
        num_heads=4,
        attention_types=[[["global", "local"], 1]],
        window_size=4,
        max_position_embeddings=64,
    ),
    how=("ts17", "dy20"),
)
decoder("gptneox", tf.GPTNeoXForCausalLM, sized(tf.GPTNeoXConfig, rotary_pct=0.5), how=("ts17", "dy18", "dy20"))
decoder(
    "gptj",
    tf.GPTJForCausalLM,
    tf.GPTJConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, rotary_dim=4, n_positions=64),
    how=("ts17", "dy20"),
)
decoder(
    "codegen",
    tf.CodeGenForCausalLM,
    tf.CodeGenConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, rotary_dim=4, n_positions=64, n_ctx=64),
    how=("ts17", "dy20"),
)
decoder(
    "opt",
    tf.OPTForCausalLM,
    tf.OPTConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        ffn_dim=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        word_embed_proj_dim=16,
        do_layer_norm_before=True,
    ),
    how=("ts17", "dy20"),
)
decoder(
    "bloom",
    tf.BloomForCausalLM,
    tf.BloomConfig(vocab_size=VOCABULARY, hidden_size=32, n_layer=2, n_head=4),
    how=("ts17", "dy20"),
)
decoder(
    "falcon",
    tf.FalconForCausalLM,
    sized(tf.FalconConfig, new_decoder_architecture=True, num_kv_heads=2),
    how=("ts17", "dy20"),
)
decoder(
    "falcon-alibi",
    tf.FalconForCausalLM,
    sized(
        tf.FalconConfig, alibi=True, multi_query=False, parallel_attn=False, new_decoder_architecture=False, bias=True
    ),
    how=("ts17", "dy20"),
)
decoder(
    "mpt",
    tf.MptForCausalLM,
    tf.MptConfig(vocab_size=VOCABULARY, d_model=32, n_layers=2, n_heads=4, max_seq_len=64),
    how=("ts17", "dy20"),
)
decoder(
    "phi", tf.PhiForCausalLM, sized(tf.PhiConfig, partial_rotary_factor=0.5, num_key_value_heads=2, qk_layernorm=True)
)
decoder("phi3", tf.Phi3ForCausalLM, sized(tf.Phi3Config, num_key_value_heads=2, pad_token_id=0, sliding_window=4))
decoder("qwen2", tf.Qwen2ForCausalLM, sized(tf.Qwen2Config, num_key_value_heads=2))
decoder("qwen3", tf.Qwen3ForCausalLM, sized(tf.Qwen3Config, num_key_value_heads=2, head_dim=12))
decoder(
    "qwen3-moe",
    tf.Qwen3MoeForCausalLM,
    sized(
        tf.Qwen3MoeConfig,
        num_key_value_heads=2,
        head_dim=8,
        num_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=16,
    ),
)
decoder(
    "qwen2-moe",
    tf.Qwen2MoeForCausalLM,
    sized(
        tf.Qwen2MoeConfig,
        num_key_value_heads=2,
        num_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=16,
        shared_expert_intermediate_size=32,
    ),
)
decoder("gemma", tf.GemmaForCausalLM, sized(tf.GemmaConfig, num_key_value_heads=1, head_dim=8))
decoder(
    "gemma2",
    tf.Gemma2ForCausalLM,
    sized(tf.Gemma2Config, num_key_value_heads=2, head_dim=8, sliding_window=4, query_pre_attn_scalar=8),
    attention="eager",
)
decoder(
    "gemma3",
    tf.Gemma3ForCausalLM,
    sized(
        tf.Gemma3TextConfig,
        num_key_value_heads=2,
        head_dim=8,
        sliding_window=4,
        query_pre_attn_scalar=8,
        layer_types=["sliding_attention", "full_attention"],
    ),
)
decoder("mistral", tf.MistralForCausalLM, sized(tf.MistralConfig, num_key_value_heads=2, sliding_window=4))
decoder(
    "mixtral",
    tf.MixtralForCausalLM,
    sized(tf.MixtralConfig, num_key_value_heads=2, num_local_experts=4, num_experts_per_tok=2),
)
decoder(
    "llama",
    tf.LlamaForCausalLM,
    sized(tf.LlamaConfig, num_key_value_heads=2),
    how=("ts14", "ts17", "dy18", "dy20", "dy23"),
)
decoder(
    "llama3-rope",
    tf.LlamaForCausalLM,
    sized(
        tf.LlamaConfig,
        num_key_value_heads=2,
        rope_scaling=dict(
            rope_type="llama3",
            factor=8.0,
            low_freq_factor=1.0,
            high_freq_factor=4.0,
            original_max_position_embeddings=16,
        ),
    ),
    how=("ts17", "dy20"),
)
decoder(
    "llama-yarn",
    tf.LlamaForCausalLM,
    sized(
        tf.LlamaConfig,
        num_key_value_heads=2,
        rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16),
    ),
    how=("ts17", "dy20"),
)
decoder(
    "llama-linear",
    tf.LlamaForCausalLM,
    sized(tf.LlamaConfig, num_key_value_heads=2, rope_scaling=dict(rope_type="linear", factor=4.0)),
    how=("ts17", "dy20"),
)
decoder(
    "llama-dynamicntk",
    tf.LlamaForCausalLM,
    sized(tf.LlamaConfig, num_key_value_heads=2, rope_scaling=dict(rope_type="dynamic", factor=4.0)),
    how=("ts17", "dy20"),
)
decoder(
    "llama-bias",
    tf.LlamaForCausalLM,
    sized(tf.LlamaConfig, attention_bias=True, mlp_bias=True, tie_word_embeddings=True),
    how=("ts17", "dy20"),
)
decoder(
    "phi3-longrope",
    tf.Phi3ForCausalLM,
    sized(
        tf.Phi3Config,
        pad_token_id=0,
        original_max_position_embeddings=16,
        rope_scaling=dict(type="longrope", short_factor=[1.0, 1.1, 1.2, 1.3], long_factor=[2.0, 2.1, 2.2, 2.3]),
    ),
    how=("ts17", "dy20"),
)
decoder("olmo", tf.OlmoForCausalLM, sized(tf.OlmoConfig, clip_qkv=2.0), how=("ts17", "dy20"))
decoder("olmo2", tf.Olmo2ForCausalLM, sized(tf.Olmo2Config, num_key_value_heads=2))
decoder("olmoe", tf.OlmoeForCausalLM, sized(tf.OlmoeConfig, num_experts=4, num_experts_per_tok=2), how=("ts17", "dy20"))
decoder(
    "stablelm",
    tf.StableLmForCausalLM,
    sized(
        tf.StableLmConfig,
        num_key_value_heads=2,
        partial_rotary_factor=0.5,
        qk_layernorm=True,
        use_parallel_residual=True,
    ),
    how=("ts17", "dy20"),
)
decoder(
    "cohere",
    tf.CohereForCausalLM,
    sized(tf.CohereConfig, num_key_value_heads=2, use_qk_norm=True),
    how=("ts17", "dy20"),
)
decoder(
    "cohere2",
    tf.Cohere2ForCausalLM,
    sized(tf.Cohere2Config, num_key_value_heads=2, sliding_window=4),
    how=("ts17", "dy20"),
)
decoder(
    "granite",
    tf.GraniteForCausalLM,
    sized(
        tf.GraniteConfig,
        num_key_value_heads=2,
        attention_multiplier=0.2,
        residual_multiplier=0.5,
        logits_scaling=2.0,
        embedding_multiplier=3.0,
    ),
    how=("ts17", "dy20"),
)
decoder(
    "granitemoe",
    tf.GraniteMoeForCausalLM,
    sized(tf.GraniteMoeConfig, num_key_value_heads=2, num_local_experts=4, num_experts_per_tok=2),
    how=("ts17", "dy20"),
)
decoder(
    "deepseek2",
    tf.DeepseekV2ForCausalLM,
    sized(
        tf.DeepseekV2Config,
        kv_lora_rank=16,
        q_lora_rank=16,
        qk_rope_head_dim=8,
        qk_nope_head_dim=8,
        v_head_dim=8,
        n_routed_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=16,
        first_k_dense_replace=1,
        n_group=1,
        topk_group=1,
        num_key_value_heads=4,
    ),
    how=("ts17", "dy20"),
)
decoder(
    "deepseek3",
    tf.DeepseekV3ForCausalLM,
    sized(
        tf.DeepseekV3Config,
        kv_lora_rank=16,
        q_lora_rank=16,
        qk_rope_head_dim=8,
        qk_nope_head_dim=8,
        v_head_dim=8,
        n_routed_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=16,
        first_k_dense_replace=1,
        n_group=2,
        topk_group=1,
        num_key_value_heads=4,
    ),
    how=("ts17", "dy20"),
)
decoder(
    "gptoss",
    tf.GptOssForCausalLM,
    sized(
        tf.GptOssConfig,
        num_key_value_heads=2,
        head_dim=8,
        num_local_experts=4,
        num_experts_per_tok=2,
        sliding_window=4,
        rope_scaling=None,
    ),
    how=("ts17", "dy20"),
    attention="eager",
)
decoder(
    "smollm3",
    tf.SmolLM3ForCausalLM,
    sized(tf.SmolLM3Config, num_key_value_heads=2, pad_token_id=0, no_rope_layer_interval=2),
    how=("ts17", "dy20"),
)
decoder(
    "starcoder2",
    tf.Starcoder2ForCausalLM,
    sized(tf.Starcoder2Config, num_key_value_heads=2, sliding_window=4),
    how=("ts17", "dy20"),
)
decoder(
    "gptbigcode",
    tf.GPTBigCodeForCausalLM,
    tf.GPTBigCodeConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64),
    how=("ts17", "dy20"),
)
decoder(
    "nemotron",
    tf.NemotronForCausalLM,
    sized(tf.NemotronConfig, num_key_value_heads=2, partial_rotary_factor=0.5),
    how=("ts17", "dy20"),
)
decoder(
    "glm",
    tf.GlmForCausalLM,
    sized(tf.GlmConfig, num_key_value_heads=2, head_dim=8, pad_token_id=0),
    how=("ts17", "dy20"),
)
decoder(
    "glm4",
    tf.Glm4ForCausalLM,
    sized(tf.Glm4Config, num_key_value_heads=2, head_dim=8, pad_token_id=0),
    how=("ts17", "dy20"),
)
decoder(
    "exaone4",
    tf.Exaone4ForCausalLM,
    sized(tf.Exaone4Config, num_key_value_heads=2, sliding_window=4),
    how=("ts17", "dy20"),
)
decoder("ernie45", tf.Ernie4_5ForCausalLM, sized(tf.Ernie4_5Config, num_key_value_heads=2), how=("ts17", "dy20"))
decoder(
    "helium",
    tf.HeliumForCausalLM,
    sized(tf.HeliumConfig, num_key_value_heads=2, head_dim=8, pad_token_id=0),
    how=("ts17", "dy20"),
)
decoder("persimmon", tf.PersimmonForCausalLM, sized(tf.PersimmonConfig), how=("ts17", "dy20"))
decoder(
    "dbrx",
    tf.DbrxForCausalLM,
    tf.DbrxConfig(
        vocab_size=VOCABULARY,
        d_model=32,
        n_layers=2,
        n_heads=4,
        max_seq_len=64,
        attn_config=dict(kv_n_heads=2, clip_qkv=4.0),
        ffn_config=dict(ffn_hidden_size=32, moe_num_experts=4, moe_top_k=2),
    ),
    how=("ts17", "dy20"),
)
decoder("arcee", tf.ArceeForCausalLM, sized(tf.ArceeConfig, num_key_value_heads=2), how=("ts17", "dy20"))
decoder("apertus", tf.ApertusForCausalLM, sized(tf.ApertusConfig, num_key_value_heads=2), how=("ts17", "dy20"))
decoder(
    "seedoss", tf.SeedOssForCausalLM, sized(tf.SeedOssConfig, num_key_value_heads=2, head_dim=8), how=("ts17", "dy20")
)
decoder(
    "hunyuan",
    tf.HunYuanDenseV1ForCausalLM,
    sized(tf.HunYuanDenseV1Config, num_key_value_heads=2, head_dim=8),
    how=("ts17", "dy20"),
)
decoder(
    "minimax",
    tf.MiniMaxForCausalLM,
    sized(tf.MiniMaxConfig, num_key_value_heads=2, num_local_experts=2, block_size=4),
    how=("ts17", "dy20"),
    cache=False,
)
decoder(
    "lfm2",
    tf.Lfm2ForCausalLM,
    sized(tf.Lfm2Config, num_key_value_heads=2, layer_types=["conv", "full_attention"]),
    how=("ts17", "dy20"),
    cache=False,
)
decoder(
    "mamba",
    tf.MambaForCausalLM,
    tf.MambaConfig(vocab_size=VOCABULARY, hidden_size=16, state_size=4, num_hidden_layers=2),
    how=("ts17", "dy20"),
    cache=False,
    mask=False,
)
decoder(
    "mamba2",
    tf.Mamba2ForCausalLM,
    tf.Mamba2Config(
        vocab_size=VOCABULARY,
        hidden_size=16,
        state_size=4,
        num_hidden_layers=2,
        num_heads=4,
        head_dim=8,
        n_groups=1,
        chunk_size=4,
    ),
    how=("ts17", "dy20"),
    cache=False,
    mask=False,
)
decoder(
    "rwkv",
    tf.RwkvForCausalLM,
    tf.RwkvConfig(vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=2, context_length=16),
    how=("ts17", "dy20"),
    cache=False,
    mask=False,
)
decoder(
    "recurrentgemma",
    tf.RecurrentGemmaForCausalLM,
    sized(tf.RecurrentGemmaConfig, num_key_value_heads=1, lru_width=32, attention_window_size=8),
    how=("ts17", "dy20"),
    cache=False,
    mask=False,
)
decoder(
    "xglm",
    tf.XGLMForCausalLM,
    tf.XGLMConfig(
        vocab_size=VOCABULARY, d_model=32, ffn_dim=64, num_layers=2, attention_heads=4, max_position_embeddings=64
    ),
    how=("ts17", "dy20"),
    cache=False,
)
decoder("biogpt", tf.BioGptForCausalLM, sized(tf.BioGptConfig), how=("ts17", "dy20"), cache=False)
text(
    "openai-gpt",
    tf.OpenAIGPTLMHeadModel,
    tf.OpenAIGPTConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64),
    outputs=("logits",),
    how=("ts17", "dy20"),
)
text(
    "ctrl",
    tf.CTRLModel,
    tf.CTRLConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, dff=64, n_positions=64),
    how=("ts17",),
    fixed=dict(use_cache=False),
)
# --- encoder-decoders
S = dict(
    vocab_size=VOCABULARY,
    d_model=32,
    encoder_layers=2,
    decoder_layers=2,
    encoder_attention_heads=4,
    decoder_attention_heads=4,
    encoder_ffn_dim=64,
    decoder_ffn_dim=64,
    max_position_embeddings=64,
    decoder_start_token_id=2,
)
t5 = dict(
    vocab_size=VOCABULARY,
    d_model=32,
    d_kv=8,
    d_ff=64,
    num_layers=2,
    num_heads=4,
    relative_attention_num_buckets=8,
    relative_attention_max_distance=16,
    decoder_start_token_id=0,
)
encoder_decoder("t5", tf.T5ForConditionalGeneration, tf.T5Config(**t5))
encoder_decoder(
    "flan-t5",
    tf.T5ForConditionalGeneration,
    tf.T5Config(feed_forward_proj="gated-gelu", tie_word_embeddings=False, **t5),
)
encoder_decoder("mt5", tf.MT5ForConditionalGeneration, tf.MT5Config(**t5))
encoder_decoder(
    "longt5", tf.LongT5ForConditionalGeneration, tf.LongT5Config(local_radius=3, encoder_attention_type="local", **t5)
)
encoder_decoder("bart", tf.BartForConditionalGeneration, tf.BartConfig(forced_eos_token_id=None, **S))
encoder_decoder("mbart", tf.MBartForConditionalGeneration, tf.MBartConfig(**S))
encoder_decoder("pegasus", tf.PegasusForConditionalGeneration, tf.PegasusConfig(**S))
encoder_decoder("marian", tf.MarianMTModel, tf.MarianConfig(pad_token_id=0, **S))
encoder_decoder("m2m100", tf.M2M100ForConditionalGeneration, tf.M2M100Config(**S))
encoder_decoder("blenderbot", tf.BlenderbotForConditionalGeneration, tf.BlenderbotConfig(**S))


def s2s_ts(name, cls, c, **kw):
    def sets():
        g = torch.Generator().manual_seed(5)
        return [
            {"input_ids": tokens(g, b, s), "attention_mask": padded(b, s, p), "decoder_input_ids": tokens(g, b, t)}
            for b, s, p, t in ((2, 8, (0, 3), 5), (3, 11, (4, 0, 7), 3))
        ]

    ways(
        name,
        maker(cls, c),
        ["input_ids", "attention_mask", "decoder_input_ids"],
        ["logits"],
        sets,
        {"input_ids": BATCH, "attention_mask": BATCH, "decoder_input_ids": {0: "batch", 1: "target"}},
        fixed=dict(use_cache=False),
        **kw,
    )


s2s_ts("t5-whole", tf.T5ForConditionalGeneration, tf.T5Config(**t5), how=("ts13", "ts17", "dy18", "dy23"))
s2s_ts("bart-whole", tf.BartForConditionalGeneration, tf.BartConfig(**S), how=("ts17", "dy20"))
# --- vision
IM = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, image_size=16, patch_size=4)
W2 = ("ts14", "ts17", "dy18", "dy20")
signal(
    "vit",
    tf.ViTModel,
    tf.ViTConfig(**IM),
    outputs=("last_hidden_state", "pooler_output"),
    how=("ts11", "ts14", "ts17", "dy18", "dy20", "dy23"),
)
signal("vit-cls", tf.ViTForImageClassification, tf.ViTConfig(num_labels=7, **IM), outputs=("logits",), how=("ts17",))
signal("deit", tf.DeiTModel, tf.DeiTConfig(**IM), how=W2)
signal(
    "beit",
    tf.BeitModel,
    tf.BeitConfig(use_relative_position_bias=True, use_shared_relative_position_bias=False, **IM),
    how=W2,
)
signal(
    "data2vec-vision",
    tf.Data2VecVisionModel,
    tf.Data2VecVisionConfig(use_relative_position_bias=True, **IM),
    how=("ts17",),
)
signal(
    "swin",
    tf.SwinModel,
    tf.SwinConfig(image_size=16, patch_size=2, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4),
    how=W2,
)
signal(
    "swinv2",
    tf.Swinv2Model,
    tf.Swinv2Config(image_size=16, patch_size=2, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4),
    how=("ts17", "dy20"),
)
signal(
    "swin2sr",
    tf.Swin2SRModel,
    tf.Swin2SRConfig(image_size=8, patch_size=1, embed_dim=16, depths=[2], num_heads=[2], window_size=4),
    shapes=((1, 3, 8, 8),),
    how=("ts17",),
)
signal(
    "clip-vision", tf.CLIPVisionModel, tf.CLIPVisionConfig(**IM), outputs=("last_hidden_state", "pooler_output"), how=W2
)
text(
    "clip-text",
    tf.CLIPTextModel,
    sized(tf.CLIPTextConfig, eos_token_id=66),
    outputs=("last_hidden_state", "pooler_output"),
    how=W2,
)
signal(
    "siglip-vision",
    tf.SiglipVisionModel,
    tf.SiglipVisionConfig(**IM),
    outputs=("last_hidden_state", "pooler_output"),
    how=W2,
)
text(
    "siglip-text",
    tf.SiglipTextModel,
    sized(tf.SiglipTextConfig),
    outputs=("last_hidden_state", "pooler_output"),
    how=("ts17", "dy20"),
)
signal("dinov2", tf.Dinov2Model, tf.Dinov2Config(use_swiglu_ffn=True, **IM), how=W2)
signal("dinov2-reg", tf.Dinov2WithRegistersModel, tf.Dinov2WithRegistersConfig(**IM), how=("ts17", "dy20"))
signal("dinov3", tf.DINOv3ViTModel, tf.DINOv3ViTConfig(**IM), how=("ts17", "dy20"))
signal("ijepa", tf.IJepaModel, tf.IJepaConfig(**IM), how=("ts17", "dy20"))
signal(
    "segformer",
    tf.SegformerForSemanticSegmentation,
    tf.SegformerConfig(
        num_encoder_blocks=2,
        depths=[1, 1],
        sr_ratios=[2, 1],
        hidden_sizes=[16, 32],
        patch_sizes=[3, 3],
        strides=[2, 2],
        num_attention_heads=[1, 2],
        mlp_ratios=[2, 2],
        decoder_hidden_size=16,
        num_labels=5,
    ),
    outputs=("logits",),
    how=W2,
)
signal(
    "levit",
    tf.LevitModel,
    tf.LevitConfig(
        image_size=32,
        hidden_sizes=[16, 24, 32],
        num_attention_heads=[1, 2, 2],
        depths=[1, 1, 1],
        key_dim=[8, 8, 8],
        mlp_ratio=[2, 2, 2],
        attention_ratio=[2, 2, 2],
        down_ops=[["Subsample", 8, 2, 4, 2, 2], ["Subsample", 8, 3, 4, 2, 2]],
    ),
    shapes=((2, 3, 32, 32),),
    how=("ts17",),
)
signal(
    "pvt",
    tf.PvtModel,
    tf.PvtConfig(
        image_size=32,
        depths=[1, 1, 1, 1],
        hidden_sizes=[8, 16, 16, 32],
        num_attention_heads=[1, 2, 2, 4],
        mlp_ratios=[2, 2, 2, 2],
        sequence_reduction_ratios=[4, 2, 1, 1],
    ),
    shapes=((2, 3, 32, 32),),
    how=("ts17", "dy20"),
)
signal(
    "pvt2",
    tf.PvtV2Model,
    tf.PvtV2Config(
        image_size=32,
        depths=[1, 1, 1, 1],
        hidden_sizes=[8, 16, 16, 32],
        num_attention_heads=[1, 2, 2, 4],
        mlp_ratios=[2, 2, 2, 2],
        sr_ratios=[4, 2, 1, 1],
    ),
    shapes=((2, 3, 32, 32),),
    how=("ts17",),
)
signal(
    "poolformer",
    tf.PoolFormerModel,
    tf.PoolFormerConfig(depths=[1, 1, 1, 1], hidden_sizes=[8, 16, 16, 32]),
    shapes=((2, 3, 32, 32),),
    how=("ts17", "dy20"),
)
signal(
    "convnext",
    tf.ConvNextModel,
    tf.ConvNextConfig(depths=[1, 1], hidden_sizes=[8, 16], num_stages=2),
    shapes=((2, 3, 32, 32),),
    how=("ts17", "dy20"),
)
signal(
    "convnextv2",
    tf.ConvNextV2Model,
    tf.ConvNextV2Config(depths=[1, 1], hidden_sizes=[8, 16], num_stages=2),
    shapes=((2, 3, 32, 32),),
    how=("ts17",),
)
signal(
    "cvt",
    tf.CvtModel,
    tf.CvtConfig(
        embed_dim=[8, 16],
        num_heads=[1, 2],
        depth=[1, 1],
        patch_sizes=[3, 3],
        patch_stride=[2, 2],
        patch_padding=[1, 1],
        cls_token=[False, True],
        qkv_projection_method=["dw_bn"] * 2,
        kernel_qkv=[3, 3],
        padding_kv=[1, 1],
        stride_kv=[2, 2],
        padding_q=[1, 1],
        stride_q=[1, 1],
        mlp_ratio=[2, 2],
        attention_drop_rate=[0.0, 0.0],
        drop_rate=[0.0, 0.0],
        drop_path_rate=[0.0, 0.0],
        qkv_bias=[True, True],
    ),
    how=("ts17",),
)
signal(
    "mobilevit",
    tf.MobileViTModel,
    tf.MobileViTConfig(
        image_size=32, hidden_sizes=[16, 24, 32], neck_hidden_sizes=[8, 8, 16, 16, 24, 24, 32], num_attention_heads=2
    ),
    shapes=((1, 3, 32, 32),),
    how=("ts17",),
)
signal(
    "mobilevitv2",
    tf.MobileViTV2Model,
    tf.MobileViTV2Config(image_size=32, width_multiplier=0.25),
    shapes=((1, 3, 32, 32),),
    how=("ts17",),
)
signal(
    "detr",
    tf.DetrForObjectDetection,
    tf.DetrConfig(
        use_timm_backbone=False,
        use_pretrained_backbone=False,
        backbone=None,
        backbone_config=tf.ResNetConfig(
            embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", out_features=["stage2"]
        ),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        num_queries=5,
        num_labels=3,
    ),
    outputs=("logits", "pred_boxes"),
    shapes=((1, 3, 32, 32),),
    dims={},
    how=("ts17", "dy20"),
)
signal(
    "yolos",
    tf.YolosForObjectDetection,
    tf.YolosConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        image_size=[16, 16],
        patch_size=4,
        num_detection_tokens=4,
        use_mid_position_embeddings=False,
    ),
    outputs=("logits", "pred_boxes"),
    how=("ts17", "dy20"),
)
signal(
    "dpt",
    tf.DPTForDepthEstimation,
    tf.DPTConfig(
        backbone_out_indices=[0, 1],
        neck_hidden_sizes=[8, 16],
        reassemble_factors=[2, 1],
        fusion_hidden_size=16,
        neck_ignore_stages=[],
        **{**IM, "num_hidden_layers": 2},
    ),
    outputs=("predicted_depth",),
    how=("ts17", "dy20"),
)
signal(
    "glpn",
    tf.GLPNForDepthEstimation,
    tf.GLPNConfig(
        num_encoder_blocks=2,
        depths=[1, 1],
        sr_ratios=[2, 1],
        hidden_sizes=[16, 32],
        patch_sizes=[3, 3],
        strides=[2, 2],
        num_attention_heads=[1, 2],
        mlp_ratios=[2, 2],
        decoder_hidden_size=16,
    ),
    outputs=("predicted_depth",),
    how=("ts17",),
)
signal(
    "vitmatte-like-vitdet",
    tf.VitDetModel,
    tf.VitDetConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        mlp_ratio=2,
        image_size=32,
        patch_size=4,
        pretrain_image_size=32,
        window_block_indices=[0],
        window_size=4,
        use_relative_position_embeddings=True,
        use_absolute_position_embeddings=True,
    ),
    shapes=((1, 3, 32, 32),),
    how=("ts17", "dy20"),
)
signal(
    "sam-vision",
    tf.SamVisionModel,
    tf.SamVisionConfig(
        hidden_size=32,
        output_channels=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=4,
        window_size=3,
        global_attn_indexes=[1],
        mlp_dim=64,
        num_pos_feats=8,
    ),
    shapes=((1, 3, 32, 32),),
    how=("ts17", "dy20"),
)
signal(
    "hiera",
    tf.HieraModel,
    tf.HieraConfig(
        image_size=[32, 32],
        patch_size=[3, 3],
        patch_stride=[2, 2],
        patch_padding=[1, 1],
        embed_dim=8,
        depths=[1, 1],
        num_heads=[1, 2],
        num_query_pool=1,
        query_stride=[2, 2],
        masked_unit_size=[4, 4],
        masked_unit_attention=[True, False],
    ),
    shapes=((1, 3, 32, 32),),
    how=("ts17",),
)
signal(
    "focalnet",
    tf.FocalNetModel,
    tf.FocalNetConfig(
        image_size=32, embed_dim=8, depths=[1, 1], hidden_sizes=[8, 16], focal_levels=[2, 2], focal_windows=[3, 3]
    ),
    shapes=((1, 3, 32, 32),),
    how=("ts17",),
)
signal(
    "donut-swin",
    tf.DonutSwinModel,
    tf.DonutSwinConfig(image_size=16, patch_size=2, embed_dim=16, depths=[1, 1], num_heads=[2, 4], window_size=4),
    how=("ts17",),
)
# --- audio
W = dict(
    vocab_size=VOCABULARY,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=64,
    conv_dim=[8, 8],
    conv_stride=[5, 2],
    conv_kernel=[10, 3],
    num_feat_extract_layers=2,
    num_conv_pos_embeddings=8,
    num_conv_pos_embedding_groups=4,
    feat_proj_dropout=0.0,
)
aud = dict(shapes=((2, 200), (1, 320)), dims={0: "batch", 1: "samples"}, key="input_values")
signal("wav2vec2", tf.Wav2Vec2Model, tf.Wav2Vec2Config(**W), how=W2, **aud)
signal(
    "wav2vec2-layer-ctc",
    tf.Wav2Vec2ForCTC,
    tf.Wav2Vec2Config(feat_extract_norm="layer", do_stable_layer_norm=True, **W),
    outputs=("logits",),
    how=("ts17", "dy20"),
    **aud,
)
signal("hubert", tf.HubertModel, tf.HubertConfig(**W), how=("ts17", "dy20"), **aud)
signal("wavlm", tf.WavLMModel, tf.WavLMConfig(num_buckets=8, max_bucket_distance=16, **W), how=("ts17", "dy20"), **aud)
signal("sew", tf.SEWModel, tf.SEWConfig(squeeze_factor=2, **{k: v for k, v in W.items()}), how=("ts17",), **aud)
signal("unispeech", tf.UniSpeechModel, tf.UniSpeechConfig(**W), how=("ts17",), **aud)
signal(
    "data2vec-audio",
    tf.Data2VecAudioModel,
    tf.Data2VecAudioConfig(conv_pos_kernel_size=3, **{k: v for k, v in W.items()}),
    how=("ts17",),
    **aud,
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
    how=("ts17", "dy20"),
)
signal(
    "wav2vec2-conformer",
    tf.Wav2Vec2ConformerModel,
    tf.Wav2Vec2ConformerConfig(position_embeddings_type="rotary", conv_depthwise_kernel_size=3, **W),
    how=("ts17", "dy20"),
    **aud,
)
signal(
    "wav2vec2-conformer-rel",
    tf.Wav2Vec2ConformerModel,
    tf.Wav2Vec2ConformerConfig(
        position_embeddings_type="relative", max_source_positions=64, conv_depthwise_kernel_size=3, **W
    ),
    how=("ts17", "dy20"),
    **aud,
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
    how=("ts17", "dy20"),
)
WH = dict(
    vocab_size=VOCABULARY,
    d_model=32,
    encoder_layers=2,
    decoder_layers=2,
    encoder_attention_heads=4,
    decoder_attention_heads=4,
    encoder_ffn_dim=64,
    decoder_ffn_dim=64,
    num_mel_bins=8,
    max_source_positions=20,
    max_target_positions=32,
    pad_token_id=0,
    bos_token_id=1,
    eos_token_id=2,
    decoder_start_token_id=1,
)
encoder_decoder(
    "whisper",
    tf.WhisperForConditionalGeneration,
    tf.WhisperConfig(**WH),
    source=lambda g, batch: torch.randn(batch, 8, 40, generator=g),
    source_name="input_features",
    mask=False,
    task="automatic-speech-recognition",
)
S2T = tf.Speech2TextConfig(
    vocab_size=VOCABULARY,
    d_model=32,
    encoder_layers=2,
    decoder_layers=2,
    encoder_attention_heads=4,
    decoder_attention_heads=4,
    encoder_ffn_dim=64,
    decoder_ffn_dim=64,
    input_feat_per_channel=8,
    conv_channels=16,
    max_source_positions=64,
    max_target_positions=32,
)


class Encoder(torch.nn.Module):
    def __init__(s, m):
        super().__init__()
        s.m = m

    def forward(s, **k):
        return s.m.get_encoder()(**k)


def encmake(cls, c):
    f = maker(cls, c)
    return lambda a: Encoder(f(a))


ways(
    "speech2text-encoder",
    encmake(tf.Speech2TextForConditionalGeneration, S2T),
    ["input_features"],
    ["last_hidden_state"],
    random_feeds({"input_features": [(2, 24, 8), (1, 16, 8)]}),
    {"input_features": {0: "batch", 1: "frames"}},
    how=("ts17", "dy20"),
)
# --- time series
ways(
    "patchtst",
    maker(
        tf.PatchTSTForPrediction,
        tf.PatchTSTConfig(
            num_input_channels=3,
            context_length=16,
            patch_length=4,
            patch_stride=4,
            num_hidden_layers=2,
            d_model=16,
            num_attention_heads=2,
            ffn_dim=32,
            prediction_length=8,
            scaling="std",
        ),
    ),
    ["past_values"],
    ["prediction_outputs"],
    random_feeds({"past_values": [(2, 16, 3), (1, 16, 3)]}),
    {"past_values": {0: "batch"}},
    how=W2,
)
ways(
    "patchtsmixer",
    maker(
        tf.PatchTSMixerForPrediction,
        tf.PatchTSMixerConfig(
            num_input_channels=3,
            context_length=16,
            patch_length=4,
            patch_stride=4,
            d_model=16,
            num_layers=2,
            prediction_length=8,
            mode="mix_channel",
            gated_attn=True,
            self_attn=True,
            self_attn_heads=2,
        ),
    ),
    ["past_values"],
    ["prediction_outputs"],
    random_feeds({"past_values": [(2, 16, 3), (1, 16, 3)]}),
    {"past_values": {0: "batch"}},
    how=("ts17", "dy20"),
)
TSC = dict(
    prediction_length=4,
    context_length=8,
    lags_sequence=[1, 2],
    num_time_features=2,
    d_model=16,
    encoder_layers=2,
    decoder_layers=2,
    encoder_attention_heads=2,
    decoder_attention_heads=2,
    encoder_ffn_dim=32,
    decoder_ffn_dim=32,
)


def tsf_sets():
    g = torch.Generator().manual_seed(5)
    return [
        {
            "past_values": torch.randn(b, 10, generator=g),
            "past_time_features": torch.randn(b, 10, 2, generator=g),
            "past_observed_mask": (torch.rand(b, 10, generator=g) > 0.2).float(),
            "future_values": torch.randn(b, 4, generator=g),
            "future_time_features": torch.randn(b, 4, 2, generator=g),
        }
        for b in (2, 3)
    ]


for nm, cl, cf in (
    ("timeseries", tf.TimeSeriesTransformerModel, tf.TimeSeriesTransformerConfig(**TSC)),
    ("informer", tf.InformerModel, tf.InformerConfig(attention_type="full", distil=False, **TSC)),
    ("informer-prob", tf.InformerModel, tf.InformerConfig(**TSC)),
    ("autoformer", tf.AutoformerModel, tf.AutoformerConfig(moving_average=3, **TSC)),
):
    ways(
        nm,
        maker(cl, cf),
        ["past_values", "past_time_features", "past_observed_mask", "future_values", "future_time_features"],
        ["last_hidden_state"],
        tsf_sets,
        {
            k: {0: "batch"}
            for k in (
                "past_values",
                "past_time_features",
                "past_observed_mask",
                "future_values",
                "future_time_features",
            )
        },
        fixed=dict(use_cache=False),
        how=("ts17", "dy20"),
    )
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
            "past_values": torch.randn(2, 16, generator=torch.Generator().manual_seed(1)),
            "past_values_padding": torch.zeros(2, 16),
            "freq": torch.zeros(2, 1, dtype=torch.long),
        }
    ],
    {},
    how=("ts17", "dy20"),
)


# --- multimodal and others
def clip_sets():
    g = torch.Generator().manual_seed(5)
    return [
        {
            "input_ids": tokens(g, b, 7),
            "pixel_values": torch.randn(b, 3, 16, 16, generator=g),
            "attention_mask": padded(b, 7, (0, 2, 3)),
        }
        for b in (2, 3)
    ]


ways(
    "clip",
    maker(
        tf.CLIPModel,
        tf.CLIPConfig(
            text_config=dict(
                vocab_size=VOCABULARY,
                hidden_size=32,
                num_hidden_layers=1,
                num_attention_heads=4,
                intermediate_size=64,
                max_position_embeddings=16,
                eos_token_id=66,
            ),
            vision_config=IM,
            projection_dim=16,
        ),
    ),
    ["input_ids", "pixel_values", "attention_mask"],
    ["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"],
    clip_sets,
    {"input_ids": BATCH, "attention_mask": BATCH, "pixel_values": {0: "batch"}},
    how=W2,
)
ways(
    "blip-itm-vision",
    maker(tf.BlipVisionModel, tf.BlipVisionConfig(**IM)),
    ["pixel_values"],
    ["last_hidden_state", "pooler_output"],
    random_feeds({"pixel_values": [(2, 3, 16, 16)]}),
    {"pixel_values": {0: "batch"}},
    how=("ts17", "dy20"),
)
text("layoutlm", tf.LayoutLMModel, sized(tf.LayoutLMConfig), True, how=("ts17",))
text("lilt-less-markuplm", tf.MarkupLMModel, sized(tf.MarkupLMConfig), True, how=("ts17",))
text(
    "clap-text",
    tf.ClapTextModelWithProjection,
    sized(tf.ClapTextConfig, projection_dim=16),
    outputs=("text_embeds",),
    how=("ts17",),
)
PC = tf.PerceiverConfig(
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
)
ways(
    "perceiver",
    maker(tf.PerceiverModel, PC),
    ["inputs"],
    ["last_hidden_state"],
    random_feeds({"inputs": [(2, 12, 16), (1, 7, 16)]}),
    {"inputs": {0: "batch", 1: "rows"}},
    how=("ts17", "dy20"),
)
ways(
    "trocr-decoder",
    maker(
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
    ),
    ["input_ids", "encoder_hidden_states"],
    ["logits"],
    lambda: [
        {
            "input_ids": tokens(torch.Generator().manual_seed(1), 2, 6),
            "encoder_hidden_states": torch.randn(2, 9, 24, generator=torch.Generator().manual_seed(2)),
        }
    ],
    {"input_ids": BATCH, "encoder_hidden_states": {0: "batch", 1: "patches"}},
    fixed=dict(use_cache=False),
    how=("ts17", "dy20"),
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
    how=("ts17",),
)
text("xlmr-xl", tf.XLMRobertaXLModel, sized(tf.XLMRobertaXLConfig), how=("ts17",))
text("mra-less-xmod", tf.XmodModel, sized(tf.XmodConfig, languages=["en_XX"], default_language="en_XX"), how=("ts17",))
text("dpr", tf.DPRContextEncoder, sized(tf.DPRConfig), True, outputs=("pooler_output",), how=("ts17",))
text("splinter", tf.SplinterModel, sized(tf.SplinterConfig), True, how=("ts17",))
text("t5-gemma-less-umt5-encoder", tf.UMT5EncoderModel, tf.UMT5Config(**t5), how=("ts17", "dy20"))
