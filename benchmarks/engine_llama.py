"""llama.cpp through llama-cpp-python's C interface, on a GGUF file of the same weights."""

import numpy as np

import graphs
from engine import Engine, EngineError


class LlamaCpp(Engine):
    name, needs, families, stateful = "llama.cpp", ("llama_cpp", "gguf"), ("gpt2", "llama"), True
    context = point = None

    def __init__(self, job):
        import llama_cpp

        self.api, self.job, self.shape = llama_cpp, job, graphs.SHAPES[job.name]
        llama_cpp.llama_log_set(quiet(llama_cpp), None)
        llama_cpp.llama_backend_init()
        options = llama_cpp.llama_model_default_params()
        options.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(job.file.encode(), options)
        if not self.model:
            raise EngineError(f"llama.cpp does not load {job.file}")
        self.version = llama_cpp.__version__
        self.form = f"{job.weights} weights, {'f32' if job.weights == 'f32' else 'f16'} cache"

    @staticmethod
    def make(job):
        path = job.beside(f".{job.weights}.gguf")
        if graphs.stale(path, job.model, __file__):
            partial = path.with_suffix(".partial")
            write_gguf(job, partial)
            partial.rename(path)
        return str(path)

    @staticmethod
    def tolerance(job):
        # gelu is a table of f16, the cache of a bf16 model f16.
        return 0.25 if job.weights == "bf16" else 1e-2

    def prepare(self, feeds, prefix):
        """A context with room for the point; a past is computed from its tokens."""
        api, (batch, tokens) = self.api, feeds["input_ids"].shape
        total = feeds["attention_mask"].shape[1]
        if self.context:
            api.llama_batch_free(self.point)
            api.llama_free(self.context)
        options = api.llama_context_default_params()
        room = -(-total // 256) * 256
        options.n_ctx, options.n_seq_max = batch * room, batch
        options.n_batch = batch * max(tokens, total - tokens, 1)
        options.n_threads = options.n_threads_batch = self.job.threads
        cache = api.GGML_TYPE_F32 if self.job.weights == "f32" else api.GGML_TYPE_F16
        options.type_k = options.type_v = cache
        self.context = api.llama_init_from_model(self.model, options)
        if not self.context:
            raise EngineError("llama.cpp makes no context")
        self.memory, self.length = api.llama_get_memory(self.context), total - tokens
        if self.length:
            past = self.batch_of(prefix, 0, every=False)
            self.decode(past)
            api.llama_batch_free(past)
        self.tokens = feeds["input_ids"].shape
        self.point = self.batch_of(feeds["input_ids"], self.length, every=self.shape.family == "gpt2")

    def batch_of(self, ids, first, every):
        """The tokens of all texts from a position on; scores are wanted of every one, or of the last."""
        rows, columns = ids.shape
        batch = self.api.llama_batch_init(rows * columns, 0, 1)
        batch.n_tokens = rows * columns
        for index, (row, column) in enumerate(np.ndindex(rows, columns)):
            batch.token[index], batch.pos[index] = int(ids[row, column]), first + column
            batch.n_seq_id[index], batch.seq_id[index][0] = 1, row
            batch.logits[index] = every or column == columns - 1
        return batch

    def decode(self, batch):
        status = self.api.llama_decode(self.context, batch)
        if status != 0:
            raise EngineError(f"llama_decode ended with status {status}")
        self.api.llama_synchronize(self.context)

    def rewind(self):
        for row in range(self.tokens[0]):
            self.api.llama_memory_seq_rm(self.memory, row, self.length, -1)

    def run(self):
        self.decode(self.point)

    def outputs(self):
        count, vocabulary = self.point.n_tokens, self.shape.vocabulary
        wanted = [index for index in range(count) if self.point.logits[index]]
        rows = [np.ctypeslib.as_array(self.api.llama_get_logits_ith(self.context, i), (vocabulary,)).copy() for i in wanted]
        return {"logits": np.stack(rows).reshape(self.tokens[0], -1, vocabulary)}


def quiet(api):
    """A callback that says nothing, kept alive for good."""
    quiet.callback = quiet.callback or api.llama_log_callback(lambda level, text, data: None)
    return quiet.callback


quiet.callback = None


def halves_interleaved(matrix, heads):
    """Rotary pairs (i, i + half) of each head's rows moved beside each other, as llama.cpp rotates them."""
    rows, width = matrix.shape
    return matrix.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2).reshape(rows, width)


def write_gguf(job, path):
    import gguf

    shape, arrays = graphs.SHAPES[job.name], graphs.weights(job.model)
    writer = gguf.GGUFWriter(path, shape.family)
    writer.add_context_length(shape.positions)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_tokenizer_model("no_vocab")
    if shape.family == "llama":
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_rope_dimension_count(shape.head_size)
    else:
        writer.add_layer_norm_eps(1e-5)
    stored = {"f32": gguf.GGMLQuantizationType.F32, "bf16": gguf.GGMLQuantizationType.BF16}[job.weights]
    writer.add_file_type({"f32": gguf.LlamaFileType.ALL_F32, "bf16": gguf.LlamaFileType.MOSTLY_BF16}[job.weights])
    for name, array in tensors(shape, arrays):
        if array.ndim == 1 or stored == gguf.GGMLQuantizationType.F32:
            writer.add_tensor(name, array)
        else:
            writer.add_tensor(name, gguf.quants.quantize(np.ascontiguousarray(array), stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tensors(shape, arrays):
    """(GGUF name, array) of all weights; matrices are [out, in] there."""
    if shape.family == "llama":
        yield "token_embd.weight", arrays["embed_tokens"]
        yield "output_norm.weight", arrays["norm.scale"]
        yield "output.weight", arrays["lm_head"].T
        for index in range(shape.layers):
            for theirs, ours in LLAMA.items():
                array = arrays[f"layer.{index}.{ours}"]
                array = array.T if array.ndim == 2 else array
                turned = {"attn_q": shape.heads, "attn_k": shape.kv_heads}.get(theirs)
                yield f"blk.{index}.{theirs}.weight", halves_interleaved(array, turned) if turned else array
        return
    yield "token_embd.weight", arrays["wte"]
    yield "position_embd.weight", arrays["wpe"]
    yield "output_norm.weight", arrays["ln_f.scale"]
    yield "output_norm.bias", arrays["ln_f.shift"]
    for index in range(shape.layers):
        for theirs, (ours, weight, bias) in GPT2.items():
            matrix = arrays[f"h.{index}.{ours}.{weight}"]
            yield f"blk.{index}.{theirs}.weight", matrix.T if matrix.ndim == 2 else matrix
            yield f"blk.{index}.{theirs}.bias", arrays[f"h.{index}.{ours}.{bias}"]


LLAMA = {
    "attn_norm": "norm1.scale", "attn_q": "q_proj.weight", "attn_k": "k_proj.weight", "attn_v": "v_proj.weight",
    "attn_output": "o_proj.weight", "ffn_norm": "norm2.scale", "ffn_gate": "gate_proj.weight",
    "ffn_up": "up_proj.weight", "ffn_down": "down_proj.weight",
}  # fmt: skip
GPT2 = {
    "attn_norm": ("ln_1", "scale", "shift"), "attn_qkv": ("c_attn", "weight", "bias"),
    "attn_output": ("c_proj", "weight", "bias"), "ffn_norm": ("ln_2", "scale", "shift"),
    "ffn_up": ("c_fc", "weight", "bias"), "ffn_down": ("mlp", "weight", "bias"),
}  # fmt: skip
