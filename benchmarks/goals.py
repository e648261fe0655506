"""How much faster than the best other engine Transom is meant to be."""

# (model, weights) -> point -> ratio; point is (batch, sequence, past).
GOALS = {
    ("bert-base", "f32"): {(1, 16, 0): 1.6, (1, 128, 0): 1.2, (1, 512, 0): 1.15, (8, 128, 0): 1.1},
    ("minilm-l6", "f32"): {(1, 16, 0): 1.5, (1, 128, 0): 1.3, (32, 128, 0): 1.15},
    ("gpt2", "f32"): {(1, 128, 0): 1.2, (1, 512, 0): 1.2, (1, 1, 128): 1.2, (1, 1, 1000): 1.3},
    ("llama-1b", "f32"): {(1, 128, 0): 1.15, (1, 512, 0): 1.15, (1, 1, 128): 1.08, (1, 1, 1000): 1.08},
    ("llama-1b", "bf16"): {(1, 128, 0): 1.3, (1, 512, 0): 1.3, (1, 1, 128): 1.3, (1, 1, 1000): 1.3},
}


def goal(model, weights, point):
    return GOALS.get((model, weights), {}).get(tuple(point))
