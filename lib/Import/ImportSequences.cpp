//===- ImportSequences.cpp - sequences of tensors -------------------------===//
//
// A sequence is no value of the dialect: it is a list of tensors while a model
// is imported, so how many it holds and which one is asked for must be known.
// That is what exporters make of split, chunk and stack.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::Dim;

namespace {
using Sequence = std::vector<ImportedValue>;

void outSequence(NodeImport &n, Sequence sequence) {
  ImportedValue value;
  value.sequence = std::make_shared<Sequence>(std::move(sequence));
  n.importer.define(n.node.output(0), value);
}

Sequence *sequenceOf(NodeImport &n, size_t i) {
  Sequence *sequence = n.has(i) ? n.value(i).sequence.get() : nullptr;
  if (!sequence)
    (void)n.fail("input " + Twine(i) + " is no sequence whose tensors are known when compiling");
  return sequence;
}

Value tensorOf(NodeImport &n, ImportedValue &value) { return n.importer.materialise(value, n.loc); }

/// Input `i` as a place among `size`, counted from the end when negative.
FailureOr<size_t> place(NodeImport &n, size_t i, int64_t size, int64_t otherwise) {
  int64_t at = otherwise;
  if (n.has(i)) {
    auto known = n.constantInts(i);
    if (!known || known->size() != 1) {
      (void)n.fail("the position must be known when compiling");
      return failure();
    }
    at = (*known)[0] < 0 ? (*known)[0] + size : (*known)[0];
  }
  if (at < 0 || at > size) {
    (void)n.fail("position " + Twine(at) + " is outside a sequence of " + Twine(size));
    return failure();
  }
  return at;
}

LogicalResult construct(NodeImport &n) {
  Sequence sequence;
  for (size_t i = 0; i < n.numInputs(); ++i)
    sequence.push_back(n.value(i));
  outSequence(n, std::move(sequence));
  return success();
}

LogicalResult empty(NodeImport &n) {
  outSequence(n, {});
  return success();
}

LogicalResult insert(NodeImport &n) {
  Sequence *sequence = sequenceOf(n, 0);
  auto at = sequence ? place(n, 2, sequence->size(), sequence->size()) : FailureOr<size_t>(failure());
  if (failed(at))
    return failure();
  Sequence result = *sequence;
  result.insert(result.begin() + *at, n.value(1));
  outSequence(n, std::move(result));
  return success();
}

LogicalResult erase(NodeImport &n) {
  Sequence *sequence = sequenceOf(n, 0);
  auto at = sequence ? place(n, 1, sequence->size(), static_cast<int64_t>(sequence->size()) - 1)
                     : FailureOr<size_t>(failure());
  if (failed(at))
    return failure();
  if (*at >= sequence->size())
    return n.fail("position " + Twine(*at) + " is outside a sequence of " + Twine(sequence->size()));
  Sequence result = *sequence;
  result.erase(result.begin() + *at);
  outSequence(n, std::move(result));
  return success();
}

LogicalResult at(NodeImport &n) {
  Sequence *sequence = sequenceOf(n, 0);
  auto at = sequence ? place(n, 1, sequence->size(), 0) : FailureOr<size_t>(failure());
  if (failed(at))
    return failure();
  if (*at >= sequence->size())
    return n.fail("position " + Twine(*at) + " is outside a sequence of " + Twine(sequence->size()));
  n.importer.define(n.node.output(0), ImportedValue((*sequence)[*at]));
  return success();
}

LogicalResult length(NodeImport &n) {
  Sequence *sequence = sequenceOf(n, 0);
  if (!sequence)
    return failure();
  n.outElements(0, {n.size(sequence->size())}, RankedTensorType::get({}, n.builder.getI64Type()));
  return success();
}

LogicalResult concatenate(NodeImport &n) {
  Sequence *sequence = sequenceOf(n, 0);
  if (!sequence)
    return failure();
  if (sequence->empty())
    return n.fail("an empty sequence cannot be joined");
  bool stacks = n.integer("new_axis", 0) != 0;
  int64_t rank = (*sequence)[0].type.getRank() + stacks;
  auto axis = n.axis(n.integer("axis", 0), rank);
  if (failed(axis))
    return failure();
  SmallVector<Value> parts;
  for (ImportedValue &value : *sequence) {
    Value part = tensorOf(n, value);
    parts.push_back(stacks ? n.unsqueeze(part, {*axis}) : part);
  }
  n.out(0, n.concat(parts, *axis));
  return success();
}

LogicalResult split(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", 0), n.rank(x));
  if (failed(axis))
    return failure();
  Dim whole = n.dims(x)[*axis];
  auto known = tf::SizeArith::asConstant(whole);
  Dims lengths;
  bool keepdims = n.integer("keepdims", 1) != 0 || n.has(1);
  bool each = !n.has(1) || n.type(1).getRank() == 0; // one length for all parts
  if (each) {
    auto length = n.has(1) ? n.constantInts(1) : std::optional(Integers{1});
    if (!length || !known || (*length)[0] <= 0)
      return n.fail("how many parts there are must be known when compiling",
                    "make the dim that is split static, or give the length of each part");
    for (int64_t done = 0; done < *known; done += (*length)[0])
      lengths.push_back(n.size(std::min((*length)[0], *known - done)));
  } else {
    auto given = n.sizesOf(1);
    if (failed(given))
      return failure();
    lengths = *given;
  }
  Sequence parts;
  Dim start = n.size(0);
  for (Dim length : lengths) {
    Value part = n.slice(x, *axis, start, length);
    start = n.sizes.add(n.loc, start, length);
    ImportedValue value;
    value.tensor = keepdims ? part : n.squeeze(part, {*axis});
    value.type = n.typeOf(value.tensor);
    parts.push_back(value);
  }
  outSequence(n, std::move(parts));
  return success();
}

/// An optional that is there is what it holds.
LogicalResult optional(NodeImport &n) {
  if (!n.has(0))
    return n.fail("an empty optional is not supported");
  n.importer.define(n.node.output(0), ImportedValue(n.value(0)));
  return success();
}

LogicalResult hasElement(NodeImport &n) {
  n.outElements(0, {n.size(n.has(0))}, RankedTensorType::get({}, n.builder.getI1Type()));
  return success();
}
} // namespace

bool transom::takesSequences(StringRef op) {
  return llvm::is_contained({"SequenceInsert", "SequenceErase", "SequenceAt", "SequenceLength", "ConcatFromSequence",
                             "Optional", "OptionalGetElement", "OptionalHasElement", "Identity"},
                            op);
}

void transom::addSequenceRules(RuleTable &rules) {
  rules["SequenceConstruct"] = construct;
  rules["SequenceEmpty"] = empty;
  rules["SequenceInsert"] = insert;
  rules["SequenceErase"] = erase;
  rules["SequenceAt"] = at;
  rules["SequenceLength"] = length;
  rules["ConcatFromSequence"] = concatenate;
  rules["SplitToSequence"] = split;
  rules["Optional"] = rules["OptionalGetElement"] = optional;
  rules["OptionalHasElement"] = hasElement;
}
