//===- Signature.cpp - checks on entry ------------------------------------===//
#include "Signature.h"

#include "Layout.h"
#include "State.h"

namespace transom::runtime {
namespace {

const char *typeName(int32_t type) {
  switch (type) {
  case TRANSOM_F32: return "f32";
  case TRANSOM_U8: return "u8";
  case TRANSOM_I8: return "i8";
  case TRANSOM_U16: return "u16";
  case TRANSOM_I16: return "i16";
  case TRANSOM_I32: return "i32";
  case TRANSOM_I64: return "i64";
  case TRANSOM_BOOL: return "bool";
  case TRANSOM_F16: return "f16";
  case TRANSOM_F64: return "f64";
  case TRANSOM_U32: return "u32";
  case TRANSOM_U64: return "u64";
  case TRANSOM_BF16: return "bf16";
  case TRANSOM_F8E4M3FN: return "f8e4m3fn";
  case TRANSOM_F8E4M3FNUZ: return "f8e4m3fnuz";
  case TRANSOM_F8E5M2: return "f8e5m2";
  case TRANSOM_F8E5M2FNUZ: return "f8e5m2fnuz";
  case TRANSOM_U4: return "u4";
  case TRANSOM_I4: return "i4";
  case TRANSOM_F4E2M1FN: return "f4e2m1fn";
  case TRANSOM_F8E8M0FNU: return "f8e8m0fnu";
  case TRANSOM_U2: return "u2";
  case TRANSOM_I2: return "i2";
  default: return "no known type";
  }
}

/// " (\"sequence\")", or nothing where the dim has no name.
struct SymbolName {
  char text[80] = "";
  SymbolName(const TransomProgram &program, const TransomValueDesc &value, int32_t dim) {
    if (value.symbols && value.symbols[dim] >= 0)
      snprintf(text, sizeof text, " (\"%s\")", program.symbols[value.symbols[dim]]);
  }
};

/// Reserved fields, and memory that is not this context's to read.
TransomStatus checkPlace(TransomContext &context, const char *what, uint32_t index, const TransomValueDesc &value,
                         const TransomTensor &tensor) {
  Message message = context.message();
  if (tensor.reserved)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "%s %u \"%s\": the reserved field is not 0", what, index, value.name);
  if (isOnHost(tensor))
    return TRANSOM_OK;
  if (!isOnGPU(tensor))
    return message.fail(TRANSOM_ERROR_ARGUMENT,
                        "%s %u \"%s\": its device type is %d, which is neither the host's nor a "
                        "GPU's",
                        what, index, value.name, tensor.device_type);
  if (tensor.device_id != context.ordinal)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "%s %u \"%s\" lies on cuda:%d; the context runs on %s", what, index,
                        value.name, tensor.device_id, context.deviceName);
  return TRANSOM_OK;
}

TransomStatus checkDims(TransomContext &context, uint32_t index, const TransomTensor &tensor) {
  const TransomProgram &program = *context.run.program;
  const TransomValueDesc &value = program.inputs[index];
  Message message = context.message();
  for (int32_t i = 0; i < value.rank; ++i) {
    int64_t dim = tensor.shape[i];
    if (dim < 0)
      return message.fail(TRANSOM_ERROR_SIGNATURE, "input %u \"%s\": dim %d%s is %lld", index, value.name, i,
                          SymbolName(program, value, i).text, (long long)dim);
    if (value.dims[i] >= 0) {
      if (dim != value.dims[i])
        return message.fail(TRANSOM_ERROR_SIGNATURE, "input %u \"%s\": dim %d is %lld where the model has %lld", index,
                            value.name, i, (long long)dim, (long long)value.dims[i]);
      continue;
    }
    int32_t symbol = value.symbols[i];
    if (symbol < 0)
      continue;
    if (context.symbols[symbol] < 0) {
      context.symbols[symbol] = dim;
      context.symbolInput[symbol] = index;
      context.symbolDim[symbol] = uint32_t(i);
    } else if (context.symbols[symbol] != dim && context.symbolInput[symbol] >= program.num_inputs) {
      return message.fail(TRANSOM_ERROR_SIGNATURE, "input %u \"%s\": dim %d (\"%s\") is %lld where the state has %lld",
                          index, value.name, i, program.symbols[symbol], (long long)dim,
                          (long long)context.symbols[symbol]);
    } else if (context.symbols[symbol] != dim) {
      return message.fail(TRANSOM_ERROR_SIGNATURE,
                          "input %u \"%s\": dim %d (\"%s\") is %lld, but dim %u of \"%s\", the same, is %lld", index,
                          value.name, i, program.symbols[symbol], (long long)dim, context.symbolDim[symbol],
                          program.inputs[context.symbolInput[symbol]].name, (long long)context.symbols[symbol]);
    }
  }
  return TRANSOM_OK;
}

/// As many as the output has dims, and positive. An empty output is not laid out: its strides may be anything.
TransomStatus checkStrides(const Message &message, uint32_t index, const TransomValueDesc &value,
                           const TransomTensor &tensor, const OutputPlace &place) {
  if (tensor.rank && tensor.rank != value.rank)
    return message.fail(TRANSOM_ERROR_SIGNATURE, "output %u \"%s\" has strides for rank %d where the model has %d",
                        index, value.name, tensor.rank, value.rank);
  for (int32_t d = 0; d < value.rank; ++d)
    if (place.dims[d] == 0)
      return TRANSOM_OK;
  for (int32_t d = 0; d < value.rank; ++d)
    if (place.strides[d] <= 0 && place.dims[d] != 1)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "output %u \"%s\": stride %d is %lld", index, value.name, d,
                          (long long)place.strides[d]);
  return TRANSOM_OK;
}

} // namespace

TransomStatus checkInputs(TransomContext &context, const TransomTensor *inputs) {
  const TransomProgram &program = *context.run.program;
  Message message = context.message();
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    context.symbols[i] = -1;
  setStateSymbols(context);
  for (uint32_t i = 0; i < program.num_inputs; ++i) {
    const TransomTensor &tensor = inputs[i];
    const TransomValueDesc &value = program.inputs[i];
    if (TransomStatus status = checkPlace(context, "input", i, value, tensor))
      return status;
    if (tensor.type != value.type)
      return message.fail(TRANSOM_ERROR_SIGNATURE, "input %u \"%s\" is of %s (%d) where the model has %s", i,
                          value.name, typeName(tensor.type), tensor.type, typeName(value.type));
    if (tensor.rank != value.rank)
      return message.fail(TRANSOM_ERROR_SIGNATURE, "input %u \"%s\" has rank %d where the model has %d", i, value.name,
                          tensor.rank, value.rank);
    if (TransomStatus status = checkDims(context, i, tensor))
      return status;
    int64_t &bytes = context.inputs[i].bytes;
    if (!denseBytes(value.type, value.rank, tensor.shape, bytes))
      return message.fail(TRANSOM_ERROR_SIZE, "input %u \"%s\": the size overflows", i, value.name);
    if (bytes && !tensor.data)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "input %u \"%s\": data is null", i, value.name);
    if (transom_type_bits(value.type) < 8 && !isDense(tensor.rank, tensor.shape, tensor.strides))
      return message.fail(TRANSOM_ERROR_ARGUMENT, "input %u \"%s\": tensors of elements of %d bits have no strides", i,
                          value.name, int(transom_type_bits(value.type)));
    int64_t &before = context.inputs[i].before, &after = context.inputs[i].after;
    if (!extent(value.type, value.rank, tensor.shape, tensor.strides, bytes, before, after))
      return message.fail(TRANSOM_ERROR_SIZE, "input %u \"%s\": the strides overflow", i, value.name);
    if (tensor.capacity_bytes && (before || uint64_t(after) > tensor.capacity_bytes))
      return message.fail(TRANSOM_ERROR_ARGUMENT,
                          "input %u \"%s\": the shape reaches %lld bytes before and %lld after data, which has %zu", i,
                          value.name, (long long)before, (long long)after, tensor.capacity_bytes);
  }
  return TRANSOM_OK;
}

void describeOutputs(const TransomContext &context, TransomTensor *outputs) {
  const TransomProgram &program = *context.run.program;
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    outputs[i].type = program.outputs[i].type;
    outputs[i].rank = program.outputs[i].rank;
    for (int32_t d = 0; d < program.outputs[i].rank; ++d)
      outputs[i].shape[d] = context.run.outputs[i].dims[d];
  }
}

TransomStatus checkOutputs(TransomContext &context, TransomTensor *outputs) {
  const TransomProgram &program = *context.run.program;
  Message message = context.message();
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    const TransomTensor &tensor = outputs[i];
    const TransomValueDesc &value = program.outputs[i];
    OutputPlace &place = context.run.outputs[i];
    if (TransomStatus status = checkPlace(context, "output", i, value, tensor))
      return status;
    if (tensor.type && tensor.type != value.type)
      return message.fail(TRANSOM_ERROR_SIGNATURE, "output %u \"%s\" is of %s (%d) where the model has %s", i,
                          value.name, typeName(tensor.type), tensor.type, typeName(value.type));
    place.known = true;
    for (int32_t d = 0; d < value.rank; ++d)
      place.known &= place.dims[d] >= 0;
    place.bytes = place.reach = 0;
    if (place.known && !denseBytes(value.type, value.rank, place.dims, place.bytes))
      return message.fail(TRANSOM_ERROR_SIZE, "output %u \"%s\": the size overflows", i, value.name);

    // A caller who passes an earlier run's result on wants the same again.
    uint8_t *data = static_cast<uint8_t *>(tensor.data);
    place.isOwned = !data || data == place.owned[0].data || data == place.owned[1].data;
    place.given = place.isOwned ? nullptr : data;
    place.capacity = tensor.capacity_bytes;
    place.strides = place.isOwned ? nullptr : tensor.strides;
    place.isStaged = false;
    if (place.isOwned)
      continue;
    if (place.strides)
      if (TransomStatus status = checkStrides(message, i, value, tensor, place))
        return status;
    if (transom_type_bits(value.type) < 8 && place.strides)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "output %u \"%s\": tensors of elements of %d bits have no strides", i,
                          value.name, int(transom_type_bits(value.type)));
    // Whether a data-dependent shape is dense shows too late: stage it.
    bool dense = place.known ? isDense(value.rank, place.dims, place.strides) : !place.strides;
    place.isStaged = !dense || !isAligned(data, value.type);
    if (!place.known)
      continue;
    int64_t before; // 0: strides are positive
    if (!extent(value.type, value.rank, place.dims, place.strides, place.bytes, before, place.reach))
      return message.fail(TRANSOM_ERROR_SIZE, "output %u \"%s\": the strides overflow", i, value.name);
    if (place.strides && !areApart(value.rank, place.dims, place.strides))
      return message.fail(TRANSOM_ERROR_ARGUMENT,
                          "output %u \"%s\": with these strides rows lie on each other or interleave", i, value.name);
    if (uint64_t(place.reach) > place.capacity) {
      describeOutputs(context, outputs);
      return message.fail(TRANSOM_ERROR_CAPACITY, "output %u \"%s\" needs %lld bytes; its buffer has %zu", i,
                          value.name, (long long)place.reach, place.capacity);
    }
  }
  return TRANSOM_OK;
}

} // namespace transom::runtime
