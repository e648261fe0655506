"""Session.generate against a loop over ONNX Runtime without caches; what ends it, how it goes on, and text.

Models with random weights say one token for ever when they are greedy; most tests draw, by the same random numbers on both sides.
"""

import pathlib
import threading

import numpy as np
import pytest
import transom
from conftest import ROOT, needs

VARIANTS = ROOT / "test/Exporters/models"
DECODERS = ["gpt2-optimum-past", "llama-optimum-past"]
PROMPT = [5, 17, 33]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    modules = {}

    def get(name):
        if name not in modules:
            modules[name] = transom.compile(VARIANTS / name / "model.onnx", tmp_path_factory.mktemp("generation") / name, threads=1)
        return modules[name]

    return get


class Reference:
    """Scores by ONNX Runtime, the whole text in each run and caches of nothing."""

    def __init__(self, name, **fixed):
        ort = pytest.importorskip("onnxruntime")
        self.session = ort.InferenceSession(VARIANTS / name / "model.onnx", providers=["CPUExecutionProvider"])
        self.fixed = fixed

    def scores(self, tokens):
        feeds = {}
        for value in self.session.get_inputs():
            if value.name in self.fixed:
                feeds[value.name] = self.fixed[value.name]
            elif value.name.startswith("past"):
                # An encoder's part has the source's length where it is read, and is not read here.
                shape = [1 if dim == "batch_size" else 0 if isinstance(dim, str) else dim for dim in value.shape]
                feeds[value.name] = np.zeros(shape, np.float32)
            elif value.name == "input_ids":
                feeds[value.name] = np.array([tokens], np.int64)
            elif value.name == "position_ids":
                feeds[value.name] = np.arange(len(tokens), dtype=np.int64)[None]
            elif value.name == "attention_mask":
                feeds[value.name] = np.ones((1, len(tokens)), np.int64)
            else:
                raise AssertionError(value.name)
        return self.session.run(["logits"], feeds)[0][0, -1]

    def say(self, prompt, count, **how):
        """What comes after one text's tokens."""
        return self.say_all([prompt], count, **how)[0]

    def say_all(self, prompts, count, **how):
        sampler = transom.Sampling(**how).sampler(len(prompts))
        texts = [list(prompt) for prompt in prompts]
        for _ in range(count):
            chosen = sampler.choose(np.stack([self.scores(text) for text in texts]).astype(np.float64))
            for text, token in zip(texts, chosen):
                text.append(int(token))
        return [text[len(prompt) :] for text, prompt in zip(texts, prompts)]


DRAWN = {"temperature": 1.5, "seed": 5}


@pytest.fixture
def gpt2(compiled):
    return compiled("gpt2-optimum-past")


@pytest.mark.parametrize("name", DECODERS)
def test_greedy(compiled, name):
    session, reference = compiled(name).session(24), Reference(name)
    tokens = session.generate(PROMPT, max_new_tokens=12)
    assert tokens == reference.say(PROMPT, 12)
    assert all(isinstance(token, int) for token in tokens)
    assert session.length == len(PROMPT) + 11  # the last one is not run


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("how", [{}, {"top_k": 7}, {"top_p": 0.6}, {"top_k": 9, "top_p": 0.8}])
def test_drawn(compiled, name, how):
    tokens = compiled(name).generate(PROMPT, max_new_tokens=12, **DRAWN, **how)
    assert tokens == Reference(name).say(PROMPT, 12, **DRAWN, **how)
    assert len(set(tokens)) > 3


@pytest.mark.parametrize("name", DECODERS)
def test_goes_on(compiled, name):
    """What was said is part of what comes next: two calls are one, and a second prompt follows the first answer."""
    reference, session = Reference(name), compiled(name).session(30)
    said = list(PROMPT)
    for prompt in (PROMPT, None, [7, 9], [3]):
        if prompt is not PROMPT:
            said += prompt or []
        tokens = session.generate(prompt, max_new_tokens=4, **DRAWN)
        assert tokens == reference.say(said, 4, **DRAWN)
        said += tokens
    assert session.length == len(said) - 1


def test_a_prompt_alone_is_only_run(compiled):
    session, reference = compiled("gpt2-optimum-past").session(16), Reference("gpt2-optimum-past")
    assert session.generate(PROMPT, max_new_tokens=0) == []
    assert session.length == 3
    assert session.generate(max_new_tokens=5, **DRAWN) == reference.say(PROMPT, 5, **DRAWN)


def test_batch_of_texts_of_several_lengths(compiled):
    prompts = [[5, 17, 33, 2], [9], [40, 41]]
    for name in DECODERS:
        session, reference = compiled(name).session(24, batch_size=3), Reference(name)
        expected = reference.say_all(prompts, 6, **DRAWN)
        assert session.generate(prompts, max_new_tokens=6, **DRAWN) == expected
        assert compiled(name).generate(prompts, max_new_tokens=6, **DRAWN) == expected
        # And on together: the second prompts are of several lengths too.
        more = [[2], [3, 4], [7]]
        said = [prompt + answer + end for prompt, answer, end in zip(prompts, expected, more)]
        assert session.generate(more, max_new_tokens=3, **DRAWN) == reference.say_all(said, 3, **DRAWN)


def test_matrices_are_batches(compiled):
    module = compiled("gpt2-optimum-past")
    rows = np.array([[5, 17, 33], [1, 2, 3]], np.int32)
    assert module.generate(rows, max_new_tokens=3, **DRAWN) == module.generate(rows.tolist(), max_new_tokens=3, **DRAWN)
    assert module.generate(rows[:1], max_new_tokens=3, **DRAWN) == [module.generate(rows[0], max_new_tokens=3, **DRAWN)]


def test_until_the_caches_are_full(compiled):
    session = compiled("gpt2-optimum-past").session(10)
    tokens = session.generate(PROMPT)
    assert len(tokens) == 8 and session.length == 10
    with pytest.raises(transom.Error, match="room for 10 tokens and hold 10; 1 more of the prompt"):
        session.generate()
    with pytest.raises(transom.Error, match="room for 10 tokens and hold 10; 2 more of the prompt and 3 new ones"):
        session.generate([4], max_new_tokens=3)
    assert compiled("gpt2-optimum-past").session(10).generate(PROMPT, max_new_tokens=8) == tokens
    with pytest.raises(transom.Error, match="and 9 new ones do not fit"):
        compiled("gpt2-optimum-past").session(10).generate(PROMPT, max_new_tokens=9)


def test_ends(gpt2):
    how = {"max_new_tokens": 10, **DRAWN}
    whole = gpt2.generate(PROMPT, **how)
    end = next(token for token in whole[2:] if token not in whole[:2])
    cut = whole[: whole.index(end)]
    for given in ({"eos": end}, {"eos": [end, 66]}, {"stop": [end]}, {"stop": end}):
        assert gpt2.generate(PROMPT, **how, **given) == cut
    assert gpt2.generate(PROMPT, **how, eos=whole[0]) == []
    gpt2.eos = end
    try:
        assert gpt2.generate(PROMPT, **how) == cut
        assert gpt2.generate(PROMPT, **how, eos=[]) == whole
    finally:
        gpt2.eos = None


def test_texts_of_a_batch_end_one_by_one(gpt2):
    prompts, how = [[5, 17, 33], [9, 1, 2]], {"max_new_tokens": 8, **DRAWN}
    one, two = gpt2.generate(prompts, **how)
    end = next(token for token in one if token not in two[:4])
    cut = [row[: row.index(end)] if end in row else row for row in (one, two)]
    assert cut[0] != one and len(cut[1]) > len(cut[0])
    assert gpt2.generate(prompts, **how, eos=end) == cut
    steps = list(gpt2.session(16, batch_size=2).stream(prompts, **how, eos=end))
    assert [step[0] for step in steps] == cut[0] + [None] * (len(steps) - len(cut[0]))
    assert [step[1] for step in steps] == cut[1]


def test_stream_comes_token_by_token(compiled):
    session, expected = compiled("gpt2-optimum-past").session(16), Reference("gpt2-optimum-past").say(PROMPT, 6)
    lengths, tokens = [], []
    for token in session.stream(PROMPT, max_new_tokens=4):
        tokens.append(token)
        lengths.append(session.length)
        if len(tokens) == 2:
            break
    assert tokens == expected[:2] and lengths == [3, 4]
    # A loop that is left goes on later.
    assert session.generate(max_new_tokens=4) == expected[2:]


def test_sampling(compiled):
    module = compiled("gpt2-optimum-past")
    how = {"max_new_tokens": 10, "temperature": 1.5, "top_k": 20}
    first = module.generate(PROMPT, **how, seed=1)
    assert module.generate(PROMPT, **how, seed=1) == first
    assert len({tuple(module.generate(PROMPT, **how, seed=seed)) for seed in range(5)}) > 1
    reference, tokens = Reference("gpt2-optimum-past"), list(PROMPT)
    for token in first:
        scores = reference.scores(tokens)
        assert (scores > scores[token] + 1e-4).sum() < 20
        tokens.append(token)
    assert module.generate(PROMPT, max_new_tokens=6, temperature=1.0, top_p=1e-9) == module.generate(PROMPT, max_new_tokens=6)
    with pytest.raises(ValueError, match="top_p is 2"):
        module.generate(PROMPT, top_p=2)


def test_fork_and_truncate(compiled):
    session, reference = compiled("llama-optimum-past").session(24), Reference("llama-optimum-past")
    session.generate(PROMPT, max_new_tokens=3)
    copy = session.fork()
    said = PROMPT + reference.say(PROMPT, 3)
    for way in (session, copy):
        assert way.generate(max_new_tokens=3, **DRAWN) == reference.say(said, 3, **DRAWN)
    session.truncate(3)
    assert session.generate([8], max_new_tokens=3, **DRAWN) == reference.say([*PROMPT, 8], 3, **DRAWN)
    session.reset()
    assert session.generate([8], max_new_tokens=3, **DRAWN) == reference.say([8], 3, **DRAWN)


def test_steps_by_hand_between(compiled):
    session, reference = compiled("gpt2-optimum-past").session(16), Reference("gpt2-optimum-past")
    session.generate(PROMPT, max_new_tokens=2)
    said = PROMPT + reference.say(PROMPT, 2)[:1]  # the second one was never run
    session(input_ids=np.array([[7]]), attention_mask=np.ones((1, 5), np.int64), position_ids=np.array([[4]]))
    assert session.generate([9], max_new_tokens=3, **DRAWN) == reference.say([*said, 7, 9], 3, **DRAWN)


def test_cancel(compiled):
    session = compiled("gpt2-optimum-past").session(16)
    assert session.cancel() is False
    done = threading.Event()

    # Again and again: a run that is about to end may end all the same.
    def cancel():
        while not done.is_set():
            session.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    try:
        with pytest.raises(transom.Cancelled):
            for _ in range(10_000):
                session.generate(PROMPT, max_new_tokens=8)
                session.reset()
    finally:
        done.set()
        thread.join()
    session.reset()
    assert session.generate(PROMPT, max_new_tokens=4, **DRAWN) == Reference("gpt2-optimum-past").say(PROMPT, 4, **DRAWN)


def test_refused(compiled):
    module = compiled("gpt2-optimum-past")
    session = module.session(16)
    for prompt, message in (
        ([], "a row of at least one token"),
        ([[1], []], "a row of at least one token"),
        ([1.5], "whole numbers, not float64"),
        ([[1, 2], [3, 4]], "2 texts where the session's caches are for 1"),
        ("text", "there is no tokenizer"),
    ):
        with pytest.raises(transom.SignatureError, match=message):
            session.generate(prompt)
    with pytest.raises(transom.Error, match="nothing to go on from"):
        session.generate()
    with pytest.raises(transom.SignatureError, match="ends nothing where tokens are generated"):
        session.generate(PROMPT, stop=["text"])
    with pytest.raises(ValueError, match="max_new_tokens is -1"):
        session.generate(PROMPT, max_new_tokens=-1)
    with pytest.raises(transom.DataError, match="index 67000"):
        session.generate([67000])
    assert session.length == 0


def test_a_model_without_caches_says_so(compiled):
    with pytest.raises(transom.Error, match="step"):
        compiled("gpt2-optimum").generate(PROMPT)


# -- Text --------------------------------------------------------------------


class Letters:
    """Token N is the Nth of these pieces; a piece may be part of a character."""

    pieces = [bytes([n]) for n in range(97, 123)] + ["é".encode()[:1], "é".encode()[1:], b" ", b"."] + [b"~"] * 40

    def encode(self, text):
        return [self.pieces.index(byte.encode()) for byte in text]

    def decode(self, tokens, skip_special_tokens=True):
        assert skip_special_tokens
        return b"".join(self.pieces[token] for token in tokens).decode(errors="replace")


def pieces_of(tokens, stop=()):
    from transom.generation import TextPieces

    text = TextPieces(Letters(), tuple(stop))
    said = []
    for token in tokens:
        said.append(text.add(token))
        if text.ended:
            break
    return [*said, text.rest()]


def test_characters_are_whole():
    a, first, second = 0, 26, 27
    assert pieces_of([a, first, second, a]) == ["a", "", "é", "a", ""]
    assert pieces_of([a, first]) == ["a", "", "\ufffd"]


def test_texts_that_end():
    tokens = Letters().encode("abcabd.")
    assert "".join(pieces_of(tokens)) == "abcabd."
    assert pieces_of(tokens, ["abd"]) == ["", "", "abc", "", "", "", ""]
    assert pieces_of(tokens, ["bd", "ca"]) == ["a", "", "b", "", ""]
    # What only looked like an end is said after all.
    assert pieces_of(Letters().encode("ab"), ["abd"]) == ["", "", "ab"]


def test_text(gpt2):
    tokenizer, prompt, how = Letters(), "abc", {"max_new_tokens": 12, **DRAWN}
    tokens = gpt2.generate(tokenizer.encode(prompt), **how)
    text = gpt2.generate(prompt, tokenizer=tokenizer, **how)
    assert text == tokenizer.decode(tokens) and len(text) > 6
    assert "".join(gpt2.stream(prompt, tokenizer=tokenizer, **how)) == text
    several = gpt2.generate([prompt, "x y"], tokenizer=tokenizer, **how)
    assert several[0] == text and several[1] != text
    streamed = list(gpt2.stream([prompt, "x y"], tokenizer=tokenizer, **how))
    assert ["".join(pieces) for pieces in zip(*streamed)] == several
    end = text[3:5]
    for stop in (end, [end, "#"]):
        assert gpt2.generate(prompt, tokenizer=tokenizer, stop=stop, **how) == text[: text.index(end)]
        assert "".join(gpt2.stream(prompt, tokenizer=tokenizer, stop=stop, **how)) == text[: text.index(end)]
    cut = gpt2.generate([prompt, "x y"], tokenizer=tokenizer, stop=end, **how)
    assert cut == [piece.split(end)[0] for piece in several]


@needs("tokenizers")
def test_tokenizers_package(compiled, tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {f"w{i}": i for i in range(67)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    module = compiled("llama-optimum-past")
    expected = " ".join(f"w{token}" for token in module.generate(PROMPT, max_new_tokens=6))
    for given in (tokenizer, tmp_path / "tokenizer.json"):
        assert module.generate("w5 w17 w33", max_new_tokens=6, tokenizer=given) == expected
        assert "".join(module.stream("w5 w17 w33", max_new_tokens=6, tokenizer=given)) == expected
    with pytest.raises(transom.Error, match="cannot read the tokenizer"):
        module.generate("w5", tokenizer=tmp_path / "none.json")


# -- Encoders and decoders ---------------------------------------------------


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """Waves of the tokens, nothing where the mask is 0: an encoder for the variants of T5."""
    model = pathlib.Path(__file__).parent / "models/encoder.onnxtxt"
    return transom.compile(model, tmp_path_factory.mktemp("encoder") / "package", threads=1)


SOURCE = [3, 14, 15, 9, 26]


@pytest.fixture(params=["merged", "two"])
def translator(request, compiled, encoder):
    if request.param == "merged":
        return transom.EncoderDecoder(encoder, compiled("t5-decoder-optimum-model-merged"))
    return transom.EncoderDecoder(encoder, compiled("t5-decoder-optimum-with-past-model"), compiled("t5-decoder-optimum-model"))


def translated(encoder, sources, count, start=(0,), **how):
    """By ONNX Runtime, without caches."""
    sampler = transom.Sampling(**how).sampler(len(sources))
    encoded = [transom.EncoderDecoder(encoder, encoder).encode(source) for source in sources]
    references = [Reference("t5-decoder-optimum-model", **one) for one in encoded]
    texts = [list(start) for _ in sources]
    for _ in range(count):
        scores = np.stack([reference.scores(text) for reference, text in zip(references, texts)])
        for text, token in zip(texts, sampler.choose(scores.astype(np.float64))):
            text.append(int(token))
    return [text[len(start) :] for text in texts]


def test_encoder_decoder(translator, encoder):
    assert translator.generate(SOURCE, max_new_tokens=8) == translated(encoder, [SOURCE], 8)[0]
    (expected,) = translated(encoder, [SOURCE], 8, **DRAWN)
    how = {"max_new_tokens": 8, **DRAWN}
    assert translator.generate(SOURCE, **how) == expected
    assert list(translator.stream(SOURCE, **how)) == expected
    assert translator.generate(SOURCE, **how, eos=expected[3]) == expected[: expected.index(expected[3])]
    session = translator.session(SOURCE, capacity=16)
    first = session.generate(max_new_tokens=3, **DRAWN)
    assert first == expected[:3]
    assert session.generate(max_new_tokens=5, **DRAWN) == translated(encoder, [SOURCE], 5, [0, *first], **DRAWN)[0]


def test_encoder_decoder_start(translator, encoder):
    translator.start = [0, 7, 2]
    expected = translated(encoder, [SOURCE], 5, [0, 7, 2], **DRAWN)
    assert translator.generate([SOURCE], max_new_tokens=5, **DRAWN) == expected


def test_encoder_decoder_batch(translator, encoder):
    sources = [SOURCE, [8, 1], [30]]
    encoded = translator.encode(sources)
    assert encoded["encoder_attention_mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert encoded["encoder_hidden_states"][1, :2].all() and not encoded["encoder_hidden_states"][1, 2:].any()
    assert translator.generate(sources, max_new_tokens=6, **DRAWN) == translated(encoder, sources, 6, **DRAWN)


def test_encoder_decoder_text(translator):
    translator.tokenizer = Letters()
    tokens = translator.generate(Letters().encode("abc"), max_new_tokens=6)
    assert translator.generate("abc", max_new_tokens=6) == Letters().decode(tokens)
    assert translator.generate(["abc"], max_new_tokens=6) == [Letters().decode(tokens)]


def test_encoder_of_features(compiled, tmp_path):
    """A spectrogram goes in as it is."""
    (tmp_path / "features.onnxtxt").write_text(
        '<ir_version: 8, opset_import: ["" : 17]>\n'
        "features (float[batch, frames, 16] input_features) => (float[batch, frames, 16] last_hidden_state)\n"
        "{ last_hidden_state = Tanh(input_features) }\n"
    )
    module = transom.compile(tmp_path / "features.onnxtxt", tmp_path / "package", threads=1)
    listener = transom.EncoderDecoder(module, compiled("t5-decoder-optimum-model-merged"))
    features = np.random.default_rng(5).standard_normal((1, 6, 16)).astype(np.float32)
    reference = Reference("t5-decoder-optimum-model", encoder_hidden_states=np.tanh(features),
                          encoder_attention_mask=np.ones((1, 6), np.int64))  # fmt: skip
    assert listener.generate(features, max_new_tokens=5, **DRAWN) == [reference.say([0], 5, **DRAWN)]
    two = np.concatenate([features, features[:, ::-1]])
    assert listener.generate(two, max_new_tokens=5, **DRAWN)[0] == reference.say([0], 5, **DRAWN)


def test_encoder_decoder_refused(encoder, compiled):
    alone = transom.EncoderDecoder(encoder, compiled("t5-decoder-optimum-with-past-model"))
    with pytest.raises(transom.SignatureError, match="is no merged decoder, so `first` is needed"):
        alone.generate(SOURCE)
    with pytest.raises(transom.SignatureError, match="there is no tokenizer"):
        alone.generate("text")
    wrong = transom.EncoderDecoder(encoder, compiled("t5-decoder-optimum-with-past-model"), compiled("t5-decoder-dynamo-18"))
    with pytest.raises(transom.SignatureError, match="gives no 'present.0.decoder.key' for the cache 'past_key_values.0.decoder.key'"):
        wrong.generate(SOURCE)


def test_paths_of_this_file():
    """The variants that are named here exist."""
    for name in [*DECODERS, "t5-decoder-optimum-model", "t5-decoder-optimum-with-past-model", "t5-decoder-optimum-model-merged"]:
        assert pathlib.Path(VARIANTS, name, "model.onnx").is_file()
