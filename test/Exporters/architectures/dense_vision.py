"""Models of images that give maps, boxes or masks."""

import transformers as tf
from model_cases import IMAGES, signal

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
        **{**IMAGES, "num_hidden_layers": 2},
    ),
    outputs=("predicted_depth",),
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
    how="ts17",
)
signal(
    "vitdet",
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
)
