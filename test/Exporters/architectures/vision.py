"""Encoders of images."""

import transformers as tf
from model_cases import IMAGES, signal, sized, text

signal(
    "vit",
    tf.ViTModel,
    tf.ViTConfig(**IMAGES),
    outputs=("last_hidden_state", "pooler_output"),
    how="ts11 ts14 ts17 dy18 dy20 dy23",
)
signal("vit-cls", tf.ViTForImageClassification, tf.ViTConfig(num_labels=7, **IMAGES), outputs=("logits",), how="ts17")
signal("deit", tf.DeiTModel, tf.DeiTConfig(**IMAGES))
signal(
    "beit",
    tf.BeitModel,
    tf.BeitConfig(use_relative_position_bias=True, use_shared_relative_position_bias=False, **IMAGES),
)
signal(
    "data2vec-vision",
    tf.Data2VecVisionModel,
    tf.Data2VecVisionConfig(use_relative_position_bias=True, **IMAGES),
    how="ts17",
)
signal(
    "swin",
    tf.SwinModel,
    tf.SwinConfig(image_size=16, patch_size=2, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4),
)
signal(
    "swinv2",
    tf.Swinv2Model,
    tf.Swinv2Config(image_size=16, patch_size=2, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4),
)
signal(
    "swin2sr",
    tf.Swin2SRModel,
    tf.Swin2SRConfig(image_size=8, patch_size=1, embed_dim=16, depths=[2], num_heads=[2], window_size=4),
    shapes=((1, 3, 8, 8),),
    how="ts17",
)
signal(
    "clip-vision", tf.CLIPVisionModel, tf.CLIPVisionConfig(**IMAGES), outputs=("last_hidden_state", "pooler_output")
)
text(
    "clip-text",
    tf.CLIPTextModel,
    sized(tf.CLIPTextConfig, eos_token_id=66),
    outputs=("last_hidden_state", "pooler_output"),
)
signal(
    "siglip-vision",
    tf.SiglipVisionModel,
    tf.SiglipVisionConfig(**IMAGES),
    outputs=("last_hidden_state", "pooler_output"),
)
text(
    "siglip-text",
    tf.SiglipTextModel,
    sized(tf.SiglipTextConfig),
    outputs=("last_hidden_state", "pooler_output"),
)
signal("dinov2", tf.Dinov2Model, tf.Dinov2Config(use_swiglu_ffn=True, **IMAGES))
signal("dinov2-reg", tf.Dinov2WithRegistersModel, tf.Dinov2WithRegistersConfig(**IMAGES))
signal("dinov3", tf.DINOv3ViTModel, tf.DINOv3ViTConfig(**IMAGES))
signal("ijepa", tf.IJepaModel, tf.IJepaConfig(**IMAGES))
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
    how="ts17",
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
    how="ts17",
)
signal(
    "poolformer",
    tf.PoolFormerModel,
    tf.PoolFormerConfig(depths=[1, 1, 1, 1], hidden_sizes=[8, 16, 16, 32]),
    shapes=((2, 3, 32, 32),),
)
signal(
    "convnext",
    tf.ConvNextModel,
    tf.ConvNextConfig(depths=[1, 1], hidden_sizes=[8, 16], num_stages=2),
    shapes=((2, 3, 32, 32),),
)
signal(
    "convnextv2",
    tf.ConvNextV2Model,
    tf.ConvNextV2Config(depths=[1, 1], hidden_sizes=[8, 16], num_stages=2),
    shapes=((2, 3, 32, 32),),
    how="ts17",
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
    how="ts17",
)
signal(
    "mobilevit",
    tf.MobileViTModel,
    tf.MobileViTConfig(
        image_size=32, hidden_sizes=[16, 24, 32], neck_hidden_sizes=[8, 8, 16, 16, 24, 24, 32], num_attention_heads=2
    ),
    shapes=((1, 3, 32, 32),),
    how="ts17",
)
signal(
    "mobilevitv2",
    tf.MobileViTV2Model,
    tf.MobileViTV2Config(image_size=32, width_multiplier=0.25),
    shapes=((1, 3, 32, 32),),
    how="ts17",
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
    how="ts17",
)
signal(
    "focalnet",
    tf.FocalNetModel,
    tf.FocalNetConfig(
        image_size=32, embed_dim=8, depths=[1, 1], hidden_sizes=[8, 16], focal_levels=[2, 2], focal_windows=[3, 3]
    ),
    shapes=((1, 3, 32, 32),),
    how="ts17",
)
signal(
    "donut-swin",
    tf.DonutSwinModel,
    tf.DonutSwinConfig(image_size=16, patch_size=2, embed_dim=16, depths=[1, 1], num_heads=[2, 4], window_size=4),
    how="ts17",
)
