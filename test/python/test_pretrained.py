"""transom.from_pretrained: ONNX files that lie in a checkpoint's folder, what optimum exports, and what goes wrong."""

import json
import pathlib
import shutil
import sys

import numpy as np
import onnx
import onnx.parser
import pytest
import transom
from conftest import ROOT, needs

VARIANTS = ROOT / "test/Exporters/models"


def checkpoint(folder, config, **files):
    """A folder with a config.json, and models of the variants under optimum's names."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    for name, variant in files.items():
        target = folder / f"{name}.onnx"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(VARIANTS / variant / "model.onnx", target)
    return folder


def test_decoder(tmp_path):
    folder = checkpoint(tmp_path / "gpt2", {"model_type": "gpt2", "eos_token_id": 3}, model="gpt2-optimum-past")
    module = transom.from_pretrained(folder, tmp_path / "package", threads=1)
    assert module.name == "gpt2" and module.eos == 3 and module.tokenizer is None
    plain = transom.Module(tmp_path / "package", threads=1)
    assert module.generate([5, 17, 33], max_new_tokens=4) == plain.generate([5, 17, 33], max_new_tokens=4, eos=3)


def test_text_comes_with_it(tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    folder = checkpoint(tmp_path / "llama", {"model_type": "llama", "eos_token_id": 1}, **{"onnx/model": "llama-optimum-past"})
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [64, 65]}))
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({f"w{i}": i for i in range(67)}, unk_token="w0"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    module = transom.from_pretrained(folder, threads=1)
    assert module.eos == [64, 65]
    text = module.generate("w5 w17", max_new_tokens=3)
    assert [int(word[1:]) for word in text.split()] == module.generate([5, 17], max_new_tokens=3)


@pytest.mark.parametrize("decoder", ["merged", "two"])
def test_encoder_decoder(tmp_path, decoder):
    files = {"decoder_model": "t5-decoder-optimum-model", "decoder_with_past_model": "t5-decoder-optimum-with-past-model"}
    if decoder == "merged":
        files["decoder_model_merged"] = "t5-decoder-optimum-model-merged"
    folder = checkpoint(tmp_path / "t5", {"model_type": "t5", "decoder_start_token_id": 2, "eos_token_id": 1}, **files)
    text = (pathlib.Path(__file__).parent / "models/encoder.onnxtxt").read_text()
    onnx.save(onnx.parser.parse_model(text), folder / "encoder_model.onnx")
    model = transom.from_pretrained(folder, tmp_path / "package", threads=1)
    assert isinstance(model, transom.EncoderDecoder)
    assert model.start == [2] and model.eos == 1 and (model.first is None) == (decoder == "merged")
    assert sorted(path.name for path in (tmp_path / "package").iterdir()) == (
        ["decoder", "encoder"] if decoder == "merged" else ["decoder", "encoder", "first"]
    )
    said = model.generate([1, 2, 3], max_new_tokens=6)
    assert said == model.generate([[1, 2, 3], [4, 5, 6]], max_new_tokens=6)[0]
    assert 1 not in said and len(said) <= 6


def test_options_and_progress(tmp_path):
    folder = checkpoint(tmp_path / "bert", {"model_type": "bert"}, model="bert-optimum")
    steps = []
    module = transom.from_pretrained(folder, tmp_path / "package", progress=steps.append, name="encoder", cpu="x86-64-v3")
    assert module.name == "encoder" and module.info["target"]["cpu"] == "x86-64-v3"
    assert steps[0] == "import" and "link" in steps


def test_refused(tmp_path, monkeypatch):
    with pytest.raises(transom.Error, match="is no checkpoint: it has no config.json"):
        transom.from_pretrained(tmp_path)
    broken = checkpoint(tmp_path / "broken", {})
    (broken / "config.json").write_text("{")
    with pytest.raises(transom.Error, match="cannot read '.*config.json'"):
        transom.from_pretrained(broken)
    (broken / "config.json").write_text("[]")
    with pytest.raises(transom.Error, match="is no object"):
        transom.from_pretrained(broken)
    alone = checkpoint(tmp_path / "alone", {}, decoder_with_past_model="t5-decoder-optimum-with-past-model", encoder_model="bert-optimum")
    with pytest.raises(transom.Error, match="without decoder_model.onnx"):
        transom.from_pretrained(alone)
    cacheless = checkpoint(tmp_path / "cacheless", {}, decoder_model="t5-decoder-optimum-model", encoder_model="bert-optimum")
    with pytest.raises(transom.Error, match="task that ends in -with-past"):
        transom.from_pretrained(cacheless)
    wrong = checkpoint(tmp_path / "wrong", {})
    (wrong / "model.onnx").write_bytes(b"no model")
    with pytest.raises(transom.CompileError):
        transom.from_pretrained(wrong, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_without_optimum(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optimum", None)
    with pytest.raises(transom.Error, match=r"pip install 'optimum-onnx\[onnxruntime\]'"):
        transom.from_pretrained(checkpoint(tmp_path / "model", {"model_type": "gpt2"}))


def fake_optimum(folder, monkeypatch, program):
    """A package optimum.exporters.onnx whose command is the program."""
    package = folder / "optimum/exporters/onnx"
    package.mkdir(parents=True)
    for place in (package, package.parent, package.parent.parent):
        (place / "__init__.py").write_text("")
    (package / "__main__.py").write_text(program)
    for name in [name for name in sys.modules if name.split(".")[0] == "optimum"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", f"{folder}:{pathlib.Path(transom.__file__).parents[1]}")


def test_what_is_asked_of_optimum(tmp_path, monkeypatch):
    source = VARIANTS / "gpt2-optimum-past/model.onnx"
    program = (
        f"import json, os, shutil, sys\nshutil.copy({str(source)!r}, sys.argv[-1] + '/model.onnx')\n"
        f"json.dump([sys.argv[1:-1], os.environ['HF_HUB_OFFLINE']], open({str(tmp_path / 'asked.json')!r}, 'w'))\n"
    )
    fake_optimum(tmp_path / "site", monkeypatch, program)
    folder = checkpoint(tmp_path / "model", {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]})
    steps = []
    module = transom.from_pretrained(folder, threads=1, progress=steps.append)
    assert steps[0] == "export" and len(module.generate([5], max_new_tokens=2)) == 2
    asked = json.loads((tmp_path / "asked.json").read_text())
    assert asked == [["--model", str(folder), "--task", "text-generation-with-past"], "1"]
    transom.from_pretrained(folder, task="text-generation", threads=1)
    assert json.loads((tmp_path / "asked.json").read_text())[0][-1] == "text-generation"


@pytest.mark.parametrize(
    "architecture, task",
    [
        ("LlamaForCausalLM", "text-generation-with-past"),
        ("T5ForConditionalGeneration", "text2text-generation-with-past"),
        ("WhisperForConditionalGeneration", "automatic-speech-recognition-with-past"),
        ("BertForSequenceClassification", "text-classification"),
        ("ViTForImageClassification", "image-classification"),
        ("BertForMaskedLM", "fill-mask"),
        ("BertModel", "feature-extraction"),
        (None, "feature-extraction"),
    ],
)
def test_tasks(architecture, task):
    from transom.pretrained import _task

    assert _task({"architectures": [architecture] if architecture else None}) == task


def test_an_export_that_fails(tmp_path, monkeypatch):
    folder = checkpoint(tmp_path / "model", {"model_type": "gpt2"})
    fake_optimum(tmp_path / "site", monkeypatch, "import sys\nprint('first line', file=sys.stderr)\nsys.exit('no such architecture')\n")
    with pytest.raises(transom.Error, match="optimum could not export '.*model': first line\nno such architecture\n  the command was"):
        transom.from_pretrained(folder)
    (tmp_path / "site/optimum/exporters/onnx/__main__.py").write_text("")
    with pytest.raises(transom.Error, match="optimum exported no model"):
        transom.from_pretrained(folder)


@needs("torch", "transformers", "optimum")
def test_with_optimum(tmp_path):
    """A tiny GPT-2 with random weights: what it says is what transformers says."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(1)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=90, n_embd=32, n_layer=2, n_head=4, n_positions=64, eos_token_id=89)).eval()
    model.save_pretrained(tmp_path / "checkpoint")
    module = transom.from_pretrained(tmp_path / "checkpoint", tmp_path / "package", threads=1)
    prompt = [5, 17, 33]
    expected = model.generate(torch.tensor([prompt]), max_new_tokens=10, do_sample=False, pad_token_id=0)[0, 3:].tolist()
    assert module.generate(prompt, max_new_tokens=10) == [token for token in expected if token != 89]
    assert np.isfinite(module.generate(prompt, max_new_tokens=1)[0])
