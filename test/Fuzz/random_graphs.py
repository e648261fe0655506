"""Random graphs: the rules of elementwise_rules.py, reduction_rules.py and movement_rules.py add nodes to a Builder."""

import elementwise_rules  # noqa: F401  (adds to RULES, as the next two)
import movement_rules  # noqa: F401
import reduction_rules  # noqa: F401
from graph_builder import ANY, RULES, Builder, Unsuitable


def random_graph(seed):
    """The same graph on every machine; raises Unjudged where the reference fails."""
    builder = Builder(seed)
    for _ in range(builder.random.randint(1, 3)):
        builder.input(
            builder.random.choices(ANY, (6, 2, 1, 1))[0],
            builder.shape(builder.random.choices(range(5), (1, 3, 5, 4, 2))[0]),
        )
    wanted = builder.random.randint(1, 12)
    names, weights = list(RULES), [weight for _, weight in RULES.values()]
    for _ in range(100):
        if len(builder.nodes) >= wanted:
            break
        rule = RULES[builder.random.choices(names, weights)[0]][0]
        state = (len(builder.nodes), len(builder.initializers), len(builder.inputs), len(builder.values))
        try:
            rule(builder)
        except Unsuitable:
            nodes, initializers, inputs, values = state
            del builder.nodes[nodes:], builder.initializers[initializers:]
            del builder.inputs[inputs:], builder.values[values:]
    return builder.finish(seed)
