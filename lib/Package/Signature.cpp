//===- Signature.cpp - what a compiled model takes and gives --------------===//

#include "transom/Package/Signature.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "transom/Codegen/Codegen.h"
#include "transom/transom.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace transom;

static constexpr ElementType elementTypes[] = {
    {TRANSOM_F32, "f32", "TRANSOM_F32", "float", "F32", 32},
    {TRANSOM_U8, "u8", "TRANSOM_U8", "uint8_t", "U8", 8},
    {TRANSOM_I8, "i8", "TRANSOM_I8", "int8_t", "I8", 8},
    {TRANSOM_U16, "u16", "TRANSOM_U16", "uint16_t", "U16", 16},
    {TRANSOM_I16, "i16", "TRANSOM_I16", "int16_t", "I16", 16},
    {TRANSOM_I32, "i32", "TRANSOM_I32", "int32_t", "I32", 32},
    {TRANSOM_I64, "i64", "TRANSOM_I64", "int64_t", "I64", 64},
    {TRANSOM_BOOL, "bool", "TRANSOM_BOOL", "uint8_t", "BOOL", 8},
    {TRANSOM_F16, "f16", "TRANSOM_F16", "uint16_t", "F16", 16},
    {TRANSOM_F64, "f64", "TRANSOM_F64", "double", "F64", 64},
    {TRANSOM_U32, "u32", "TRANSOM_U32", "uint32_t", "U32", 32},
    {TRANSOM_U64, "u64", "TRANSOM_U64", "uint64_t", "U64", 64},
    {TRANSOM_BF16, "bf16", "TRANSOM_BF16", "uint16_t", "BF16", 16},
    {TRANSOM_F8E4M3FN, "f8e4m3fn", "TRANSOM_F8E4M3FN", "uint8_t", "F8_E4M3", 8},
    {TRANSOM_F8E4M3FNUZ, "f8e4m3fnuz", "TRANSOM_F8E4M3FNUZ", "uint8_t", "", 8},
    {TRANSOM_F8E5M2, "f8e5m2", "TRANSOM_F8E5M2", "uint8_t", "F8_E5M2", 8},
    {TRANSOM_F8E5M2FNUZ, "f8e5m2fnuz", "TRANSOM_F8E5M2FNUZ", "uint8_t", "", 8},
    {TRANSOM_U4, "u4", "TRANSOM_U4", "uint8_t", "", 4},
    {TRANSOM_I4, "i4", "TRANSOM_I4", "uint8_t", "", 4},
    {TRANSOM_F4E2M1FN, "f4e2m1fn", "TRANSOM_F4E2M1FN", "uint8_t", "F4", 4},
    {TRANSOM_F8E8M0FNU, "f8e8m0fnu", "TRANSOM_F8E8M0FNU", "uint8_t", "F8_E8M0", 8},
    {TRANSOM_U2, "u2", "TRANSOM_U2", "uint8_t", "", 2},
    {TRANSOM_I2, "i2", "TRANSOM_I2", "uint8_t", "", 2},
};

ElementType transom::elementTypeOf(int32_t code) {
  for (const ElementType &type : elementTypes)
    if (type.code == code)
      return type;
  return {};
}

ElementType transom::elementTypeOf(Type type) { return elementTypeOf(typeCodeOf(type)); }

std::string SignatureValue::text() const {
  std::string text = type.name;
  text += '[';
  for (const SignatureDim &dim : dims) {
    if (&dim != &dims.front())
      text += ", ";
    text += dim.size >= 0 ? std::to_string(dim.size) : dim.symbol.empty() ? "?" : dim.symbol;
  }
  return text + ']';
}

int Signature::symbolIndex(StringRef name) const {
  for (auto [i, symbol] : llvm::enumerate(symbols))
    if (symbol.name == name)
      return static_cast<int>(i);
  return -1;
}

Operation *transom::entryFunction(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr("transformer.entry"))
      return function;
  return nullptr;
}

static llvm::Expected<SignatureValue> readValue(const char *kind, Type type, DictionaryAttr attributes,
                                                Identifiers &fields) {
  auto name = attributes ? attributes.getAs<StringAttr>("transformer.name") : StringAttr();
  auto names = attributes ? attributes.getAs<ArrayAttr>("transformer.dims") : ArrayAttr();
  auto tensor = dyn_cast<RankedTensorType>(type);
  SignatureValue value;
  value.name = name ? name.str() : "";
  value.field = fields.add(value.name);
  auto failure = [&](const Twine &why) {
    return llvm::createStringError(Twine(kind) + " '" + value.name + "' " + why);
  };
  if (!name || !names || !tensor || names.size() != static_cast<size_t>(tensor.getRank()))
    return failure("does not say its name, type and dims (transformer.name, transformer.dims)");
  value.type = elementTypeOf(tensor.getElementType());
  std::string text;
  llvm::raw_string_ostream(text) << tensor.getElementType();
  if (!value.type.code)
    return failure("has the element type " + text + ", which the interface of compiled models lacks");
  if (tensor.getRank() > TRANSOM_MAX_RANK)
    return failure("has rank " + Twine(tensor.getRank()) + "; the interface of compiled models has at most " +
                   Twine(TRANSOM_MAX_RANK));
  for (auto [size, symbol] : llvm::zip_equal(tensor.getShape(), names.getAsRange<StringAttr>()))
    value.dims.push_back(ShapedType::isDynamic(size) ? SignatureDim{-1, symbol.str()} : SignatureDim{size, ""});
  return value;
}

static llvm::Expected<Signature> signatureOf(func::FuncOp function) {
  Signature signature;
  signature.entry = function.getName().str();
  // What else the header calls NAME_...: an input's function must not meet it.
  Identifiers inputs(
      {"library", "dims", "inputs", "outputs", "open", "run", "workspace_bytes", "step", "state_create"}),
      states, outputs, symbols;
  auto addSymbol = [&](StringRef name) {
    if (!name.empty() && signature.symbolIndex(name) < 0)
      signature.symbols.push_back({name.str(), symbols.add(name)});
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    if (auto length = function.getArgAttrOfType<StringAttr>(i, "transformer.length")) {
      addSymbol(length);
      continue;
    }
    auto state = function.getArgAttrOfType<DictionaryAttr>(i, "transformer.state");
    auto value = readValue(state ? "state" : "input", function.getArgumentTypes()[i], function.getArgAttrDict(i),
                           state ? states : inputs);
    if (!value)
      return value.takeError();
    for (const SignatureDim &dim : value->dims)
      addSymbol(dim.symbol);
    if (!state) {
      signature.inputs.push_back(std::move(*value));
      continue;
    }
    auto output = state.getAs<StringAttr>("output");
    auto window = state.getAs<IntegerAttr>("window");
    signature.states.push_back({std::move(*value), output ? output.str() : "", state.getAs<StringAttr>("kind").str(),
                                state.getAs<IntegerAttr>("axis").getInt(), window ? window.getInt() : 0});
  }
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    if (function.getResultAttr(i, "transformer.state") || function.getResultAttr(i, "transformer.length"))
      continue;
    auto value = readValue("output", function.getResultTypes()[i], function.getResultAttrDict(i), outputs);
    if (!value)
      return value.takeError();
    signature.outputs.push_back(std::move(*value));
  }
  return signature;
}

llvm::Expected<Signature> Signature::of(ModuleOp module) {
  auto function = dyn_cast_or_null<func::FuncOp>(entryFunction(module));
  if (!function)
    return llvm::createStringError("the module has no entry function (transformer.entry)");
  return signatureOf(function);
}

llvm::Expected<std::vector<Signature>> Signature::all(ModuleOp module) {
  std::vector<Signature> signatures;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function->hasAttr("transformer.entry"))
      continue;
    auto signature = signatureOf(function);
    if (!signature)
      return signature.takeError();
    signatures.push_back(std::move(*signature));
  }
  return signatures;
}

/// Of C23 and C++23, the alternative tokens, and two macros of GNU C.
static constexpr StringRef keywords =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class "
    "compl concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype "
    "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int "
    "linux long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register "
    "reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch "
    "template this thread_local throw true try typedef typeid typename typeof typeof_unqual union unix unsigned using "
    "virtual void volatile wchar_t while xor xor_eq ";

static bool isKeyword(StringRef name) { return keywords.contains((" " + name + " ").str()); }

std::string transom::identifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(0, "_");
  if (isKeyword(result))
    result += '_';
  return result;
}

bool transom::isIdentifier(StringRef name) { return !name.empty() && identifier(name) == name; }

Identifiers::Identifiers(ArrayRef<StringRef> reserved) { taken.insert_range(reserved); }

std::string Identifiers::add(StringRef name) {
  std::string first = identifier(name), result = first;
  for (unsigned i = 2; !taken.insert(result).second; ++i)
    result = first + "_" + std::to_string(i);
  return result;
}
