//===- ConvertMHAToGQAMaps.cpp - what can move out of a head --------------===//
//
// Which maps of keys and values commute with what stands between projection and
// attention: positions, norms, rounding.
//
//===----------------------------------------------------------------------===//

#include "ConvertMHAToGQA.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;
using namespace transom::gqa;
using namespace transom::match;
using namespace transom::transformer;

namespace {

/// True where a table of `rotary` columns gives both features of a pair one angle.
bool pairsShareAngle(Value table, int64_t rotary, bool interleaved, int depth = 16) {
  if (typeOf(table).getShape().back() == rotary / 2)
    return true;
  Operation *op = table.getDefiningOp();
  if (!op || depth == 0 || typeOf(table).getShape().back() != rotary)
    return false;
  auto behind = [&](Value value) {
    return rankOf(value) > 0 && pairsShareAngle(value, rotary, interleaved, depth - 1);
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<UnaryOp, CastOp, BroadcastToOp>([&](auto unary) { return behind(unary.getInput()); })
      .Case([&](ReshapeOp reshape) {
        RankedTensorType from = typeOf(reshape.getInput());
        // [.., pairs, 2] with the two alike, as interleaved tables are made.
        auto expand = reshape.getInput().getDefiningOp<BroadcastToOp>();
        if (interleaved && from.getRank() >= 2 && from.getShape().take_back(2) == ArrayRef<int64_t>{rotary / 2, 2})
          return expand && typeOf(expand.getInput()).getShape().back() == 1;
        return behind(reshape.getInput());
      })
      .Case([&](TransposeOp transpose) {
        return transpose.getPerm().back() == rankOf(table) - 1 && behind(transpose.getInput());
      })
      .Case([&](SliceOp slice) {
        return slice.getStaticStarts().back() == int64_t(0) && slice.getSteps().back() == 1 && behind(slice.getInput());
      })
      .Case([&](GatherOp gather) {
        return gather.getAxis() == 0 && rankOf(gather.getInput()) == 2 && behind(gather.getInput());
      })
      .Case([&](ConcatOp concat) {
        if (isLastDim(concat.getAxis(), table))
          return !interleaved && concat.getInputs().size() == 2 && concat.getInputs()[0] == concat.getInputs()[1];
        return llvm::all_of(concat.getInputs(), behind);
      })
      .Case([&](BinaryOp binary) {
        auto same = [&](Value value) {
          return rankOf(value) == 0 || typeOf(value).getShape().back() == 1 || behind(value);
        };
        return same(binary.getLhs()) && same(binary.getRhs());
      })
      .Case([&](ConstantOp constant) {
        std::optional<heads::Matrix> content = rankOf(table) == 2 ? constantMatrix(table) : std::nullopt;
        if (!content)
          return false;
        heads::FeatureMaps maps;
        maps.rotary = rotary;
        maps.interleaved = interleaved;
        for (int64_t pair = 0; pair < maps.pairs(); ++pair)
          if (content->col(maps.first(pair)) != content->col(maps.second(pair)))
            return false;
        return true;
      })
      .Default([](Operation *) { return false; });
}

bool isNarrow(const HeadPath &path) {
  LinearOp linear = path.linear;
  return getElementTypeOrSelf(linear.getType()).getIntOrFloatBitWidth() < 32 ||
         getElementTypeOrSelf(linear.getWeight().getType()).getIntOrFloatBitWidth() < 32;
}

} // namespace

heads::FeatureMaps transom::gqa::keyMaps(const AttentionHeads &match) {
  heads::FeatureMaps maps;
  auto only = [&](const Twine &why) {
    maps.equalOnly = true;
    maps.why = why.str();
    return maps;
  };
  RopeOp q = match.query.rope, k = match.key.rope;
  if (q || k) {
    if (!q || !k || q.getRotaryDim() != k.getRotaryDim() || q.getInterleaved() != k.getInterleaved())
      return only("queries and keys are not rotated alike");
    maps.rotary = k.getRotaryDim();
    maps.interleaved = k.getInterleaved();
  }
  if (match.query.norm || match.key.norm)
    return only("queries or keys are normalised per head");
  if (isNarrow(match.query) || isNarrow(match.key))
    return only("weights of 16 bits would round a map again");
  for (RopeOp rope : {q, k})
    for (Value table : rope ? SmallVector<Value>{rope.getCos(), rope.getSin()} : SmallVector<Value>{})
      if (!pairsShareAngle(table, maps.rotary, maps.interleaved))
        return only("the tables are not known to turn both features of a pair alike");
  AttentionOp attention = match.attention;
  maps.shiftFree = !k && attention.getSoftcap().isZero() && !attention.getSinks();
  return maps;
}

heads::FeatureMaps transom::gqa::valueMaps(const AttentionHeads &match) {
  heads::FeatureMaps maps;
  if (match.value.norm || match.value.rope) {
    maps.equalOnly = true;
    maps.why = "values are normalised or rotated";
  } else if (isNarrow(match.value)) {
    maps.equalOnly = true;
    maps.why = "weights of 16 bits would round a map again";
  }
  return maps;
}
