//===- MaskedExpertMatch.cpp - experts whose rows a mask picks ------------===//

#include "MaskedExpertMatch.h"
#include "SlotMatch.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

namespace {

class MaskedReader : SlotReader {
public:
  MaskedReader(ScatterNDOp root, TensorDims &dims, Refusal refuse) : SlotReader(dims), root(root), refuse(refuse) {}
  FailureOr<MaskedMixture> read();

private:
  std::optional<MaskedPart> readPart(ScatterNDOp put);
  bool readChoices(Value choices, MaskedMixture &mixture);
  Value readInput(const Laid &input) override { return readTokens(input); }
  bool no(const Twine &reason) {
    refuse(root, reason);
    return false;
  }

  ScatterNDOp root;
  Refusal refuse;
};

/// The operand of the `nonzero` whose coordinates are `tuples`.
NonZeroOp nonzeroBehind(Value tuples) {
  auto transpose = tuples.getDefiningOp<TransposeOp>();
  return transpose && rankOf(transpose) == 2 && transpose.getPerm()[0] == 1
             ? transpose.getInput().getDefiningOp<NonZeroOp>()
             : NonZeroOp();
}

/// [..., experts] and the expert, where `mask` is its part of that; of each token, or of each of its features.
std::optional<std::pair<Value, int64_t>> expertOfMask(Value mask) {
  Place place;
  for (int64_t i = 0; i < rankOf(mask); ++i)
    place.push_back({Position::Along, i});
  throughViews(mask, place);
  while (auto cast = mask.getDefiningOp<CastOp>()) {
    mask = cast.getInput();
    throughViews(mask, place);
  }
  if (place.empty() || place.back().kind != Position::Fixed)
    return std::nullopt;
  for (size_t i = 0; i + 1 < place.size(); ++i)
    if (!place[i].isAlong(static_cast<int64_t>(i)))
      return std::nullopt;
  return std::pair(mask, place.back().number);
}

std::optional<MaskedPart> MaskedReader::readPart(ScatterNDOp put) {
  MaskedPart part;
  part.put = put;
  part.elements = nonzeroBehind(put.getIndices());
  auto own = part.elements ? expertOfMask(part.elements.getInput()) : std::nullopt;
  // Elements are put, of all features of a row.
  if (!own || rankOf(part.elements.getInput()) != rankOf(put) || rankOf(own->first) != rankOf(put))
    return std::nullopt;
  std::tie(part.mask, part.expert) = *own;
  Value given = put.getUpdates();
  if (auto slice = given.getDefiningOp<SliceOp>(); slice && rankOf(slice) == 1)
    if (slice.getStaticStarts()[0] == 0 && slice.getSteps()[0] == 1)
      given = slice.getInput();
  auto flat = given.getDefiningOp<ReshapeOp>();
  if (!flat || rankOf(flat) != 1 || rankOf(flat.getInput()) != 2 ||
      typeOf(flat.getInput()).getShape().back() != typeOf(put).getShape().back()) {
    refuse(put, "what an expert gives is not put row by row");
    return std::nullopt;
  }
  FailureOr<ExpertNetwork> network = readExpert(flat.getInput(), refuse);
  if (failed(network))
    return std::nullopt;
  part.network = *network;
  auto taken = network->input.getDefiningOp<GatherNDOp>();
  part.rows = taken && taken.getBatchDims() == 0 ? nonzeroBehind(taken.getIndices()) : NonZeroOp();
  auto rows = part.rows ? expertOfMask(part.rows.getInput()) : std::nullopt;
  if (!rows || *rows != *own || rankOf(taken.getInput()) != rankOf(part.mask) ||
      rankOf(part.rows.getInput()) != rankOf(part.mask) - 1) {
    refuse(put, "an expert does not work on the rows that its results are put to");
    return std::nullopt;
  }
  part.tokens = taken.getInput();
  return part;
}

/// Who chose whom, and what else has to hold.
bool MaskedReader::readChoices(Value choices, MaskedMixture &mixture) {
  Laid laid = {choices, {}};
  for (auto [i, size] : llvm::enumerate(Dims(dims.of(choices)))) {
    laid.layout.push_back(typeOf(choices).getDimSize(i) == 1 ? Axes() : Axes{axis(size)});
    if (static_cast<int64_t>(i) + 1 < rankOf(choices))
      llvm::append_range(tokens, laid.layout.back());
    else if (!laid.layout.back().empty())
      experts = laid.layout.back()[0];
  }
  Factors factors;
  collect(laid, true, factors);
  for (const Factor &factor : factors)
    if (auto found = readMask(factor.laid); found && found->axis == experts)
      mask = *found;
  if (!mask.experts)
    return no("rows are picked by something else than who chose an expert");
  // What a token's second expert gives would be put over what the first one does.
  if (!mask.isOne)
    return no("rows are put, not added, and a token may choose several experts");
  mixture.dispatched.experts = mask.experts;
  for (const Factor &factor : factors) {
    if (isMask(factor.laid))
      continue;
    std::optional<PerExpert> own = perExpert(factor);
    if (!own)
      return no("rows are picked by more than a token and an expert");
    mixture.dispatched.factors.push_back(*own);
  }
  return true;
}

FailureOr<MaskedMixture> MaskedReader::read() {
  SmallVector<ScatterNDOp> puts;
  Value base = root.getResult();
  while (auto put = base.getDefiningOp<ScatterNDOp>()) {
    if (put.getKind() != ScatterKind::set || (put != root && !put->hasOneUse()))
      return failure();
    puts.push_back(put);
    base = put.getInput();
  }
  if (puts.size() < 2)
    return failure();
  MaskedMixture mixture;
  for (ScatterNDOp put : puts) {
    std::optional<MaskedPart> part = readPart(put);
    if (!part)
      return failure();
    mixture.parts.push_back(std::move(*part));
  }
  const MaskedPart &first = mixture.parts.front();
  if (llvm::any_of(mixture.parts,
                   [&](const MaskedPart &part) { return part.mask != first.mask || part.tokens != first.tokens; })) {
    no("experts work on different tokens, or are picked by different masks");
    return failure();
  }
  if (!isZero(base)) {
    no("tokens that no expert takes are not zero");
    return failure();
  }
  if (!readChoices(first.mask, mixture))
    return failure();
  mixture.dispatched.tokens = first.tokens;
  llvm::sort(mixture.parts, [](const MaskedPart &a, const MaskedPart &b) { return a.expert < b.expert; });
  int64_t many = expertsToChoose(mask.experts);
  for (int64_t i = 0; i < many; ++i)
    if (i >= static_cast<int64_t>(mixture.parts.size()) || mixture.parts[i].expert != i) {
      no("expert " + Twine(i) + " of " + Twine(many) + " is not put");
      return failure();
    }
  if (static_cast<int64_t>(mixture.parts.size()) != many) {
    no("an expert is put twice");
    return failure();
  }
  return mixture;
}

} // namespace

FailureOr<MaskedMixture> readMaskedMixture(ScatterNDOp root, TensorDims &dims, Refusal refuse) {
  return MaskedReader(root, dims, refuse).read();
}

} // namespace transom::match
