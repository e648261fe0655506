//===- ConvertMHAToGQACalibrate.cpp - activations out of the model --------===//
//
// What a fit needs of an attention becomes results of the function, named by the
// attention's number and a role; what runs of that model gave becomes sequences.
//
//===----------------------------------------------------------------------===//

#include "ConvertMHAToGQA.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace transom;
using namespace transom::gqa;
using namespace transom::match;
using namespace transom::transformer;
using heads::FloatMatrix;

namespace {

std::string tapName(int64_t number, StringRef role) { return (kTapPrefix + Twine(number) + "." + role).str(); }

/// Roles that stand for another one where they have no tap of their own.
StringRef standIn(StringRef role) {
  if (role == "key")
    return "query";
  if (role == "key_cos")
    return "query_cos";
  return role == "key_sin" ? "query_sin" : "";
}

SmallVector<std::pair<StringRef, Value>> tappedValues(const AttentionHeads &match) {
  LinearOp query = match.query.linear, key = match.key.linear, output = match.output;
  AttentionOp attention = match.attention;
  SmallVector<std::pair<StringRef, Value>> taps = {{"query", query.getInput()},    {"key", key.getInput()},
                                                   {"output", output.getResult()}, {"residual", output.getResidual()},
                                                   {"bias", attention.getBias()},  {"mask", attention.getMask()}};
  if (RopeOp rope = match.query.rope) {
    taps.push_back({"query_cos", rope.getCos()});
    taps.push_back({"query_sin", rope.getSin()});
  }
  if (RopeOp rope = match.key.rope) {
    taps.push_back({"key_cos", rope.getCos()});
    taps.push_back({"key_sin", rope.getSin()});
  }
  auto repeated = [&](const std::pair<StringRef, Value> &tap) {
    return llvm::any_of(taps,
                        [&](auto &other) { return other.first == standIn(tap.first) && other.second == tap.second; });
  };
  SmallVector<std::pair<StringRef, Value>> needed;
  for (const auto &tap : taps)
    if (tap.second && !repeated(tap))
      needed.push_back(tap);
  return needed;
}

/// One run's taps of one attention.
class TapReader {
public:
  TapReader(const TappedRun &run, int64_t number) : run(run), number(number) {}
  const TappedTensor *find(StringRef role) const {
    auto found = run.find(tapName(number, role));
    if (found != run.end())
      return &found->second;
    StringRef other = standIn(role);
    return other.empty() ? nullptr : find(other);
  }
  /// Rows of sequence `batch` of [batch, rows, columns].
  FloatMatrix rows(StringRef role, int64_t batch) const {
    const TappedTensor &tensor = *find(role);
    int64_t rows = tensor.shape[1], columns = tensor.shape[2];
    return Eigen::Map<const FloatMatrix>(tensor.data.data() + batch * rows * columns, rows, columns);
  }
  FloatMatrix inputs(StringRef role, int64_t batch) const {
    FloatMatrix given = rows(role, batch), all(given.rows(), given.cols() + 1);
    all << given, FloatMatrix::Ones(given.rows(), 1);
    return all;
  }

private:
  const TappedRun &run;
  int64_t number;
};

/// Element [batch, head, row, column] of what broadcasts to that shape.
float broadcastAt(const TappedTensor &tensor, std::array<int64_t, 4> at) {
  int64_t offset = 0, rank = tensor.shape.size();
  for (int64_t i = 0; i < rank; ++i)
    offset = offset * tensor.shape[i] + (tensor.shape[i] == 1 ? 0 : at[4 - rank + i]);
  return tensor.data[offset];
}

heads::Rotation readRotation(const TapReader &reader, StringRef path, int64_t batch, int64_t rows,
                             const heads::FeatureMaps &maps) {
  heads::Rotation rotation;
  for (auto [name, into] : {std::pair("_cos", &rotation.cos), {"_sin", &rotation.sin}}) {
    const TappedTensor &tensor = *reader.find((path + name).str());
    bool isWide = tensor.shape.back() == maps.rotary;
    into->resize(rows, maps.pairs());
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t pair = 0; pair < maps.pairs(); ++pair)
        (*into)(row, pair) = broadcastAt(tensor, {batch, 0, row, isWide ? maps.first(pair) : pair});
  }
  return rotation;
}

/// What the attention adds to the logits of one sequence, a matrix a head where
/// heads differ.
std::vector<FloatMatrix> readBias(const AttentionHeads &match, const TapReader &reader, int64_t batch, int64_t rows,
                                  int64_t columns) {
  AttentionOp attention = match.attention;
  const TappedTensor *bias = reader.find("bias"), *mask = reader.find("mask");
  auto perHead = [](const TappedTensor *tensor) {
    return tensor && tensor->shape.size() >= 3 && tensor->shape[tensor->shape.size() - 3] > 1;
  };
  int64_t count = perHead(bias) || perHead(mask) ? match.queryHeads() : 1;
  int64_t past = attention.getCausal() == CausalKind::bottom_right ? columns - rows : 0;
  std::vector<FloatMatrix> result;
  for (int64_t head = 0; head < count; ++head) {
    FloatMatrix sum = FloatMatrix::Zero(rows, columns);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < columns; ++column) {
        bool hidden = attention.getCausal() != CausalKind::none && column > row + past;
        hidden |= mask && broadcastAt(*mask, {batch, head, row, column}) == 0;
        if (hidden)
          sum(row, column) = -std::numeric_limits<float>::infinity();
        else if (bias)
          sum(row, column) = broadcastAt(*bias, {batch, head, row, column});
      }
    result.push_back(std::move(sum));
  }
  return result;
}

} // namespace

StringRef transom::gqa::whyNotFitted(const AttentionHeads &match) {
  AttentionOp attention = match.attention;
  LinearOp query = match.query.linear, key = match.key.linear, value = match.value.linear, output = match.output;
  if (attention.getKeyLengths() || attention.getSlopes() || attention.getSinks() || !attention.getSoftcap().isZero() ||
      static_cast<int64_t>(attention.getWindowLeft()) != -1 || static_cast<int64_t>(attention.getWindowRight()) != -1)
    return "key lengths, slopes, sinks, soft caps and windows are not supported";
  if (output.getActivation() != UnaryKind::identity)
    return "the output passes through an activation";
  if (key.getInput() != value.getInput())
    return "keys and values come from different inputs";
  // Rows of all sequences in one dim (GPT-2's products) are split as the heads' are.
  for (LinearOp linear : {query, key, output})
    if (rankOf(linear.getInput()) != 3 &&
        (rankOf(linear.getInput()) != 2 || match.query.rowDims.size() != 2 || match.key.rowDims.size() != 2))
      return "inputs are not [batch, rows, features]";
  return "";
}

/// [batch * rows, features] as [batch, rows, features], rows as the path splits them.
static Value inSequences(OpBuilder &builder, Value value, const HeadPath &path) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  for (OpFoldResult dim : path.rowDims) {
    auto known = dyn_cast<Attribute>(dim);
    shape.push_back(known ? cast<IntegerAttr>(known).getInt() : ShapedType::kDynamic);
    if (!known)
      dynamic.push_back(cast<Value>(dim));
  }
  shape.push_back(typeOf(value).getShape().back());
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(value));
  return ReshapeOp::create(builder, value.getLoc(), type, value, dynamic);
}

void transom::gqa::addTaps(const AttentionHeads &match, int64_t number) {
  auto function = AttentionOp(match.attention)->getParentOfType<func::FuncOp>();
  Operation *terminator = function.front().getTerminator();
  OpBuilder builder(terminator);
  for (auto [role, value] : tappedValues(match)) {
    if (rankOf(value) == 2 &&
        llvm::is_contained({StringRef("query"), StringRef("output"), StringRef("residual")}, role))
      value = inSequences(builder, value, match.query);
    else if (rankOf(value) == 2 && role == "key")
      value = inSequences(builder, value, match.key);
    if (isa<FloatType>(getElementTypeOrSelf(value)))
      value = castTo(builder, value.getLoc(), value, builder.getF32Type());
    SmallVector<StringRef> dims(rankOf(value), "");
    auto attributes = builder.getDictionaryAttr(
        {builder.getNamedAttr("transformer.name", builder.getStringAttr(tapName(number, role))),
         builder.getNamedAttr("transformer.dims", builder.getStrArrayAttr(dims))});
    unsigned index = function.getNumResults();
    terminator->insertOperands(index, value);
    // A function with a body and no callers takes any result.
    (void)function.insertResult(index, value.getType(), attributes);
  }
}

std::optional<heads::Calibration> transom::gqa::readTaps(const AttentionHeads &match, int64_t number,
                                                         const GQACalibration &calibration,
                                                         const heads::FeatureMaps &maps, Refusal refuse) {
  auto stop = [&](const Twine &why) {
    refuse(match.attention, why);
    return std::nullopt;
  };
  if (StringRef why = whyNotFitted(match); !why.empty())
    return stop(why);
  heads::Calibration result;
  AttentionOp attention = match.attention;
  LinearOp output = match.output;
  result.scale = attention.getScale().convertToFloat();
  heads::Matrix outputBias;
  if (output.getBias())
    outputBias = *constantMatrix(output.getBias());
  for (auto [before, now] : llvm::zip_equal(calibration.original, calibration.current)) {
    TapReader original(before, number), current(now, number);
    if (!original.find("query") || !current.find("query"))
      return stop("the runs show nothing of this attention");
    for (int64_t batch = 0; batch < original.find("query")->shape[0]; ++batch) {
      heads::Sequence sequence;
      sequence.originalQuery = original.inputs("query", batch);
      sequence.originalKey = original.inputs("key", batch);
      sequence.query = current.inputs("query", batch);
      sequence.key = current.inputs("key", batch);
      int64_t rows = sequence.query.rows(), columns = sequence.key.rows();
      for (StringRef role : {"bias", "mask"})
        if (const TappedTensor *added = current.find(role))
          if (added->shape.back() != 1 && added->shape.back() != columns)
            return stop("the inputs have a filled cache; fits need sequences from their start");
      if (maps.rotary) {
        sequence.queryRotation = readRotation(current, "query", batch, rows, maps);
        sequence.keyRotation = readRotation(current, "key", batch, columns, maps);
      }
      sequence.bias = readBias(match, current, batch, rows, columns);
      sequence.target = original.rows("output", batch);
      if (current.find("residual"))
        sequence.target -= current.rows("residual", batch);
      if (outputBias.size())
        sequence.target.rowwise() -= outputBias.col(0).cast<float>().transpose();
      result.sequences.push_back(std::move(sequence));
    }
  }
  if (result.sequences.empty())
    return stop("there are no calibration inputs");
  return result;
}
