"""Causal language models whose layers carry a state: linear attention, state spaces, convolutions."""

import transformers as tf
from exporting import VOCABULARY
from model_cases import decoder, sized

decoder(
    "minimax",
    tf.MiniMaxForCausalLM,
    sized(tf.MiniMaxConfig, num_key_value_heads=2, num_local_experts=2, block_size=4),
    cache=False,
)
decoder(
    "lfm2",
    tf.Lfm2ForCausalLM,
    sized(tf.Lfm2Config, num_key_value_heads=2, layer_types=["conv", "full_attention"]),
    cache=False,
)
decoder(
    "mamba",
    tf.MambaForCausalLM,
    tf.MambaConfig(vocab_size=VOCABULARY, hidden_size=16, state_size=4, num_hidden_layers=2),
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
    cache=False,
    mask=False,
)
decoder(
    "rwkv",
    tf.RwkvForCausalLM,
    tf.RwkvConfig(vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=2, context_length=16),
    cache=False,
    mask=False,
)
decoder(
    "recurrentgemma",
    tf.RecurrentGemmaForCausalLM,
    sized(tf.RecurrentGemmaConfig, num_key_value_heads=1, lru_width=32, attention_window_size=8),
    cache=False,
    mask=False,
)
HYBRID = {"num_key_value_heads": 2, "mamba_d_state": 4, "mamba_expand": 2, "mamba_d_conv": 4, "pad_token_id": 0}
decoder(
    "falcon-h1",
    tf.FalconH1ForCausalLM,
    sized(
        tf.FalconH1Config,
        head_dim=8,
        mamba_d_ssm=32,
        mamba_n_heads=4,
        mamba_d_head=8,
        mamba_n_groups=1,
        mamba_chunk_size=4,
        **HYBRID,
    ),
    cache=False,
)
decoder(
    "bamba",
    tf.BambaForCausalLM,
    sized(
        tf.BambaConfig,
        attn_layer_indices=[1],
        mamba_n_heads=8,
        mamba_d_head=8,
        mamba_n_groups=1,
        mamba_chunk_size=4,
        **HYBRID,
    ),
    cache=False,
)
decoder(
    "jamba",
    tf.JambaForCausalLM,
    sized(
        tf.JambaConfig,
        attn_layer_period=2,
        attn_layer_offset=1,
        expert_layer_period=2,
        expert_layer_offset=1,
        num_experts=2,
        num_experts_per_tok=1,
        mamba_dt_rank=4,
        use_mamba_kernels=False,
        **HYBRID,
    ),
    cache=False,
)
decoder(
    "qwen3-next",
    tf.Qwen3NextForCausalLM,
    sized(
        tf.Qwen3NextConfig,
        num_key_value_heads=2,
        head_dim=8,
        linear_num_value_heads=4,
        linear_num_key_heads=2,
        linear_key_head_dim=8,
        linear_value_head_dim=8,
        num_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=16,
        shared_expert_intermediate_size=16,
        layer_types=["linear_attention", "full_attention"],
    ),
    cache=False,
)
