"""Causal language models of attention and dense layers."""

import transformers as tf
from exporting import VOCABULARY
from model_cases import decoder, sized, text

decoder(
    "gpt2",
    tf.GPT2LMHeadModel,
    tf.GPT2Config(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64),
    how="ts13 ts17 dy18 dy20 dy23",
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
)
decoder("gptneox", tf.GPTNeoXForCausalLM, sized(tf.GPTNeoXConfig, rotary_pct=0.5), how="ts17 dy18 dy20")
decoder(
    "gptj",
    tf.GPTJForCausalLM,
    tf.GPTJConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, rotary_dim=4, n_positions=64),
)
decoder(
    "codegen",
    tf.CodeGenForCausalLM,
    tf.CodeGenConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, rotary_dim=4, n_positions=64, n_ctx=64),
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
)
decoder(
    "bloom",
    tf.BloomForCausalLM,
    tf.BloomConfig(vocab_size=VOCABULARY, hidden_size=32, n_layer=2, n_head=4),
)
decoder(
    "falcon",
    tf.FalconForCausalLM,
    sized(tf.FalconConfig, new_decoder_architecture=True, num_kv_heads=2),
)
decoder(
    "falcon-alibi",
    tf.FalconForCausalLM,
    sized(
        tf.FalconConfig, alibi=True, multi_query=False, parallel_attn=False, new_decoder_architecture=False, bias=True
    ),
)
decoder(
    "mpt",
    tf.MptForCausalLM,
    tf.MptConfig(vocab_size=VOCABULARY, d_model=32, n_layers=2, n_heads=4, max_seq_len=64),
)
decoder(
    "phi", tf.PhiForCausalLM, sized(tf.PhiConfig, partial_rotary_factor=0.5, num_key_value_heads=2, qk_layernorm=True)
)
decoder("phi3", tf.Phi3ForCausalLM, sized(tf.Phi3Config, num_key_value_heads=2, pad_token_id=0, sliding_window=4))
decoder("qwen2", tf.Qwen2ForCausalLM, sized(tf.Qwen2Config, num_key_value_heads=2))
decoder("qwen3", tf.Qwen3ForCausalLM, sized(tf.Qwen3Config, num_key_value_heads=2, head_dim=12))
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
    "llama",
    tf.LlamaForCausalLM,
    sized(tf.LlamaConfig, num_key_value_heads=2),
    how="ts14 ts17 dy18 dy20 dy23",
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
)
decoder(
    "llama-yarn",
    tf.LlamaForCausalLM,
    sized(
        tf.LlamaConfig,
        num_key_value_heads=2,
        rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16),
    ),
)
decoder(
    "llama-linear",
    tf.LlamaForCausalLM,
    sized(tf.LlamaConfig, num_key_value_heads=2, rope_scaling=dict(rope_type="linear", factor=4.0)),
)
decoder(
    "llama-dynamicntk",
    tf.LlamaForCausalLM,
    sized(tf.LlamaConfig, num_key_value_heads=2, rope_scaling=dict(rope_type="dynamic", factor=4.0)),
)
decoder(
    "llama-bias",
    tf.LlamaForCausalLM,
    sized(tf.LlamaConfig, attention_bias=True, mlp_bias=True, tie_word_embeddings=True),
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
)
decoder("olmo", tf.OlmoForCausalLM, sized(tf.OlmoConfig, clip_qkv=2.0))
decoder("olmo2", tf.Olmo2ForCausalLM, sized(tf.Olmo2Config, num_key_value_heads=2))
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
)
decoder(
    "cohere",
    tf.CohereForCausalLM,
    sized(tf.CohereConfig, num_key_value_heads=2, use_qk_norm=True),
)
decoder(
    "cohere2",
    tf.Cohere2ForCausalLM,
    sized(tf.Cohere2Config, num_key_value_heads=2, sliding_window=4),
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
)
decoder(
    "smollm3",
    tf.SmolLM3ForCausalLM,
    sized(tf.SmolLM3Config, num_key_value_heads=2, pad_token_id=0, no_rope_layer_interval=2),
)
decoder(
    "starcoder2",
    tf.Starcoder2ForCausalLM,
    sized(tf.Starcoder2Config, num_key_value_heads=2, sliding_window=4),
)
decoder(
    "gptbigcode",
    tf.GPTBigCodeForCausalLM,
    tf.GPTBigCodeConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64),
)
decoder(
    "nemotron",
    tf.NemotronForCausalLM,
    sized(tf.NemotronConfig, num_key_value_heads=2, partial_rotary_factor=0.5),
)
decoder(
    "glm",
    tf.GlmForCausalLM,
    sized(tf.GlmConfig, num_key_value_heads=2, head_dim=8, pad_token_id=0),
)
decoder(
    "glm4",
    tf.Glm4ForCausalLM,
    sized(tf.Glm4Config, num_key_value_heads=2, head_dim=8, pad_token_id=0),
)
decoder(
    "exaone4",
    tf.Exaone4ForCausalLM,
    sized(tf.Exaone4Config, num_key_value_heads=2, sliding_window=4),
)
decoder("ernie45", tf.Ernie4_5ForCausalLM, sized(tf.Ernie4_5Config, num_key_value_heads=2))
decoder(
    "helium",
    tf.HeliumForCausalLM,
    sized(tf.HeliumConfig, num_key_value_heads=2, head_dim=8, pad_token_id=0),
)
decoder("persimmon", tf.PersimmonForCausalLM, sized(tf.PersimmonConfig))
decoder("arcee", tf.ArceeForCausalLM, sized(tf.ArceeConfig, num_key_value_heads=2))
decoder("apertus", tf.ApertusForCausalLM, sized(tf.ApertusConfig, num_key_value_heads=2))
decoder(
    "seedoss", tf.SeedOssForCausalLM, sized(tf.SeedOssConfig, num_key_value_heads=2, head_dim=8)
)
decoder(
    "hunyuan",
    tf.HunYuanDenseV1ForCausalLM,
    sized(tf.HunYuanDenseV1Config, num_key_value_heads=2, head_dim=8),
)
decoder(
    "xglm",
    tf.XGLMForCausalLM,
    tf.XGLMConfig(
        vocab_size=VOCABULARY, d_model=32, ffn_dim=64, num_layers=2, attention_heads=4, max_position_embeddings=64
    ),
    cache=False,
)
decoder("biogpt", tf.BioGptForCausalLM, sized(tf.BioGptConfig), cache=False)
text(
    "openai-gpt",
    tf.OpenAIGPTLMHeadModel,
    tf.OpenAIGPTConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64),
    outputs=("logits",),
)
text(
    "ctrl",
    tf.CTRLModel,
    tf.CTRLConfig(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, dff=64, n_positions=64),
    how="ts17",
    fixed=dict(use_cache=False),
)
decoder("olmo3", tf.Olmo3ForCausalLM, sized(tf.Olmo3Config, num_key_value_heads=2, sliding_window=4))
decoder("diffllama", tf.DiffLlamaForCausalLM, sized(tf.DiffLlamaConfig, num_key_value_heads=2))
decoder("bitnet", tf.BitNetForCausalLM, sized(tf.BitNetConfig, num_key_value_heads=2))
decoder("ministral", tf.MinistralForCausalLM, sized(tf.MinistralConfig, num_key_value_heads=2, sliding_window=4))
decoder(
    "vaultgemma",
    tf.VaultGemmaForCausalLM,
    sized(tf.VaultGemmaConfig, num_key_value_heads=2, head_dim=8, sliding_window=4, query_pre_attn_scalar=8),
    attention="eager",
)
