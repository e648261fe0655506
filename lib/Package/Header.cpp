//===- Header.cpp - NAME.h ------------------------------------------------===//
//
// What docs/RuntimeABI.md shows. A struct without members is not C: a model
// without named dims has no NAME_dims and its functions take none; one without
// inputs has no NAME_inputs.
//
//===----------------------------------------------------------------------===//

#include "transom/Package/Package.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace transom;

/// An ONNX name inside a comment.
static std::string commentText(StringRef text) {
  std::string result;
  for (char c : text) {
    if (c == '/' && !result.empty() && result.back() == '*')
      result += ' ';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result;
}

static void writeStruct(raw_ostream &os, StringRef name, StringRef kind, ArrayRef<SignatureValue> values) {
  os << "typedef struct " << name << kind << " {\n";
  for (const SignatureValue &value : values)
    os << "  TransomTensor " << value.field << "; /* " << commentText(value.text()) << " */\n";
  os << "} " << name << kind << ";\n\n";
}

static void writeInput(raw_ostream &os, StringRef name, const Signature &signature, const SignatureValue &value) {
  os << "/* " << commentText(value.name) << ": " << commentText(value.text()) << " */\n"
     << "static inline TransomTensor " << name << '_' << value.field << "(const " << value.type.cType << " *data";
  bool dynamic = false;
  if (!signature.symbols.empty())
    os << ", const " << name << "_dims *dims";
  os << ") {\n"
     << "  TransomTensor tensor;\n"
     << "  memset(&tensor, 0, sizeof tensor);\n"
     << "  tensor.data = (void *)data;\n"
     << "  tensor.type = " << value.type.enumerator << ";\n"
     << "  tensor.rank = " << value.dims.size() << ";\n";
  for (auto [i, dim] : enumerate(value.dims)) {
    os << "  tensor.shape[" << i << "] = ";
    if (dim.size >= 0) {
      os << dim.size;
    } else {
      os << "dims->" << signature.symbols[signature.symbolIndex(dim.symbol)].field;
      dynamic = true;
    }
    os << ";\n";
  }
  if (!dynamic && !signature.symbols.empty())
    os << "  (void)dims;\n";
  os << "  return tensor;\n}\n\n";
}

/// The dims, inputs and outputs of an entry point, and its functions. `prefix`
/// is the model's name, and the entry's for all but the one that opens.
static void writeEntry(raw_ostream &os, StringRef prefix, const Signature &signature) {
  size_t inputs = signature.inputs.size(), outputs = signature.outputs.size();
  bool stateful = !signature.states.empty();
  if (!signature.symbols.empty()) {
    os << "/* The dynamic dims, in the order of transom_info()->symbols. */\n"
       << "typedef struct " << prefix << "_dims {\n";
    for (const Symbol &symbol : signature.symbols) {
      os << "  int64_t " << symbol.field << ';';
      if (symbol.field != symbol.name)
        os << " /* " << commentText(symbol.name) << " */";
      os << '\n';
    }
    os << "} " << prefix << "_dims;\n\n";
  }
  os << "/* In the signature's order: each struct is an array of tensors. */\n";
  if (inputs)
    writeStruct(os, prefix, "_inputs", signature.inputs);
  if (outputs)
    writeStruct(os, prefix, "_outputs", signature.outputs);
  if (stateful) {
    os << "/* The states, by their numbers for transom_state_tensor and transom_state_write. */\n"
       << "enum {\n";
    for (auto [i, state] : enumerate(signature.states))
      os << "  " << prefix << "_state_" << state.value.field << " = " << i << ", /* " << commentText(state.value.text())
         << ", " << state.kind << " */\n";
    os << "  " << prefix << "_num_states = " << signature.states.size() << "\n};\n\n";
  }
  for (const SignatureValue &value : signature.inputs)
    writeInput(os, prefix, signature, value);

  if (stateful) {
    os << "/* `capacity` rows for states that grow";
    if (!signature.symbols.empty())
      os << "; the states' other dims from `dims`";
    os << ". */\nstatic inline TransomStatus " << prefix << "_state_create(TransomModel *model, int64_t capacity, ";
    if (!signature.symbols.empty())
      os << "const " << prefix << "_dims *dims, ";
    os << "TransomState **state, char *error,\n"
       << "    size_t error_bytes) {\n"
       << "  TransomStateOptions options;\n"
       << "  memset(&options, 0, sizeof options);\n"
       << "  options.struct_size = sizeof options;\n"
       << "  options.capacity = capacity;\n";
    if (!signature.symbols.empty())
      os << "  options.symbols = &dims->" << signature.symbols.front().field << ";\n";
    os << "  return transom_state_create(model, &options, state, error, error_bytes);\n}\n\n";
  }
  os << "static inline TransomStatus " << prefix << "_run(TransomContext *context";
  if (stateful)
    os << ", TransomState *state";
  if (inputs)
    os << ", const " << prefix << "_inputs *inputs";
  if (outputs)
    os << ", " << prefix << "_outputs *outputs";
  os << ") {\n  return transom_run" << (stateful ? "_state(context, state, " : "(context, ");
  if (inputs)
    os << "&inputs->" << signature.inputs.front().field << ", " << inputs;
  else
    os << "NULL, 0";
  if (outputs)
    os << ", &outputs->" << signature.outputs.front().field << ", " << outputs;
  else
    os << ", NULL, 0";
  os << ");\n}\n\n";
  os << "static inline TransomStatus " << prefix << "_workspace_bytes(const TransomModel *model, ";
  if (!signature.symbols.empty())
    os << "const " << prefix << "_dims *dims, ";
  os << "int64_t *bytes) {\n  return transom_workspace_bytes(model, ";
  if (signature.symbols.empty())
    os << "NULL";
  else
    os << "&dims->" << signature.symbols.front().field;
  os << ", bytes);\n}\n\n";
}

std::string transom::headerText(StringRef name, ArrayRef<Signature> entries) {
  std::string text;
  raw_string_ostream os(text);
  os << "/* Generated by Transom " << version << "; described in docs/RuntimeABI.md. */\n"
     << "#ifndef TRANSOM_MODEL_" << name << "_H\n"
     << "#define TRANSOM_MODEL_" << name << "_H\n\n"
     << "#include <transom/transom.h>\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "const TransomLibrary *" << name << "_library(void);\n\n"
     << "static inline TransomStatus " << name
     << "_open(const TransomLoadOptions *options, TransomModel **model, char *error, size_t error_bytes) {\n"
     << "  return transom_open(" << name << "_library(), options, model, error, error_bytes);\n}\n\n";
  writeEntry(os, name, entries.front());
  for (const Signature &entry : entries.drop_front()) {
    std::string prefix = (name + "_" + entry.entry).str();
    os << "/* ---- The entry point \"" << entry.entry << "\": caches stay in a TransomState ---- */\n\n"
       << "static inline TransomStatus " << prefix
       << "_entry(TransomModel *model, TransomModel **entry, char *error, size_t error_bytes) {\n"
       << "  return transom_entry(model, \"" << entry.entry << "\", entry, error, error_bytes);\n}\n\n";
    writeEntry(os, prefix, entry);
  }
  os << "#ifdef __cplusplus\n}\n#endif\n#endif\n";
  return text;
}
