//===- ConvertMHAToGQA.cpp - fewer key/value heads ------------------------===//
//
// Expects the model layer. Anchors on attention; see docs/gqa.md for what makes
// heads mergeable. Guarantees that results stay as they are up to rounding unless
// `groups` asks for more; then all attentions have that many key/value heads, or
// the pass fails. Leaves an attention whose projections are no constants, whose
// heads something else reads, or whose heads are visible in the signature when
// that must not change; says why.
//
//===----------------------------------------------------------------------===//

#include "ConvertMHAToGQA.h"
#include "transom/Transforms/Passes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::gqa;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_CONVERTMHATOGQA
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

/// Heads are equal up to a map where this many units of rounding are left.
constexpr double kRoundings = 8;

double roundingOf(const HeadPath &path) {
  LinearOp linear = path.linear;
  auto type = cast<FloatType>(getElementTypeOrSelf(linear.getWeight().getType()));
  return std::ldexp(1.0, 1 - static_cast<int>(type.getFPMantissaWidth()));
}

/// What one head takes of a token.
int64_t bytesOf(const HeadPath &path) {
  return path.features * getElementTypeOrSelf(path.split.getType()).getIntOrFloatBitWidth() / 8;
}

heads::Method headsMethod(GQAMethod method) {
  switch (method) {
  case GQAMethod::Components: return heads::Method::Components;
  case GQAMethod::Align: return heads::Method::Align;
  case GQAMethod::Mean: return heads::Method::Mean;
  }
  llvm_unreachable("no such method");
}

/// Groups {0, 2} {1, 3} as text.
std::string groupsText(ArrayRef<std::vector<int64_t>> groups) {
  std::string text;
  for (const std::vector<int64_t> &group : groups) {
    text += text.empty() ? "{" : " {";
    llvm::raw_string_ostream os(text);
    llvm::interleaveComma(group, os);
    os << "}";
  }
  return text;
}

/// Which heads merged, and what was left, of heads that differed.
void describe(const heads::Merged &merged, int64_t before, HeadConversion &result) {
  int64_t each = merged.order.size() / before, size = before / merged.heads.key.size();
  for (int64_t head = 0; head < before; ++head) {
    if (head % size == 0)
      result.groups.emplace_back();
    result.groups.back().push_back(merged.order[head * each] / each);
  }
  result.keyResidual = *llvm::max_element(merged.keyResidual);
  result.valueResidual = *llvm::max_element(merged.valueResidual);
}

class HeadMerger {
public:
  HeadMerger(const AttentionHeads &match, HeadConversion &result) : match(match), result(result) {}

  /// Heads that are equal up to maps; null, with the reason, where there are none.
  std::optional<heads::Merged> mergeEqual();
  std::optional<heads::Merged> mergeGroups(const GQAOptions &options, int64_t number);

private:
  bool refuse(const Twine &why) {
    result.reason = why.str();
    return false;
  }
  bool findClasses();
  bool relate(int64_t first, int64_t head);
  const std::vector<heads::Matrix> &valueHeads() {
    if (values.empty())
      values = projectionHeads(match.value);
    return values;
  }

  const AttentionHeads &match;
  HeadConversion &result;
  std::vector<heads::Matrix> keys, values;
  heads::FeatureMaps keyMaps = gqa::keyMaps(match), valueMaps = gqa::valueMaps(match);
  std::vector<std::vector<int64_t>> classes;
  /// The smallest residual of any two keys, the largest of values whose keys matched.
  double keyGap = std::numeric_limits<double>::infinity(), valueGap = 0;
  std::vector<heads::Matrix> keyMap, valueMap; ///< per head, from its class's first
};

/// Head `head` is a map of head `first`, keys and values.
bool HeadMerger::relate(int64_t first, int64_t head) {
  double tolerance = kRoundings * roundingOf(match.key);
  heads::Relation key = heads::RelatedHead(keys[first], keyMaps).to(keys[head], tolerance);
  keyGap = std::min(keyGap, key.residual);
  if (key.residual > tolerance)
    return false;
  tolerance = kRoundings * roundingOf(match.value);
  heads::Relation value = heads::RelatedHead(valueHeads()[first], valueMaps).to(valueHeads()[head], tolerance);
  if (value.residual > tolerance) {
    valueGap = std::max(valueGap, value.residual);
    return false;
  }
  result.keyResidual = std::max(result.keyResidual, key.residual);
  result.valueResidual = std::max(result.valueResidual, value.residual);
  keyMap[head] = std::move(key.map);
  valueMap[head] = std::move(value.map);
  return true;
}

bool HeadMerger::findClasses() {
  keys = projectionHeads(match.key);
  keyMap.resize(keys.size());
  valueMap.resize(keys.size());
  for (int64_t head = 0; head < static_cast<int64_t>(keys.size()); ++head) {
    auto found =
        llvm::find_if(classes, [&](const std::vector<int64_t> &members) { return relate(members.front(), head); });
    if (found != classes.end()) {
      found->push_back(head);
      continue;
    }
    classes.push_back({head});
  }
  if (classes.size() < keys.size())
    return true;
  std::string limits = keyMaps.equalOnly && valueGap == 0 ? " (" + keyMaps.why + ", so only equal ones merge)" : "";
  if (valueGap > 0)
    return refuse("key heads are equal up to maps, but their value heads are not: residual " +
                  llvm::formatv("{0:e1}", valueGap).str());
  return refuse("no two key heads are equal" +
                Twine(keyMaps.equalOnly ? "" : " up to a map that queries can take over") + limits +
                ": the nearest leave a residual of " + llvm::formatv("{0:e1}", keyGap).str());
}

std::optional<heads::Merged> HeadMerger::mergeEqual() {
  if (!findClasses())
    return std::nullopt;
  heads::Groups groups = heads::cutClasses(classes);
  if (groups.size() == keys.size()) {
    refuse("the classes of equal heads " + groupsText(classes) + " have no common size for groups");
    return std::nullopt;
  }
  heads::Heads all{projectionHeads(match.query), std::move(keys), std::move(values), outputHeads(match)};
  std::vector<heads::Matrix> sharedKeys, sharedValues;
  // The class's first head is what its groups share.
  for (const std::vector<int64_t> &group : groups) {
    auto members = llvm::find_if(classes, [&](const auto &some) { return llvm::is_contained(some, group.front()); });
    sharedKeys.push_back(all.key[members->front()]);
    sharedValues.push_back(all.value[members->front()]);
  }
  for (const std::vector<int64_t> &members : classes) {
    int64_t first = members.front();
    keyMap[first] = heads::Matrix::Identity(match.key.features, match.key.features);
    valueMap[first] = heads::Matrix::Identity(match.value.features, match.value.features);
  }
  result.groups = groups;
  return heads::applyMaps(all, groups, std::move(sharedKeys), std::move(sharedValues), keyMap, valueMap);
}

std::optional<heads::Merged> HeadMerger::mergeGroups(const GQAOptions &options, int64_t number) {
  int64_t count = match.keyHeads();
  if (options.groups >= count) {
    refuse("has " + Twine(count) + " key/value heads already");
    return std::nullopt;
  }
  if (count % options.groups != 0) {
    refuse(Twine(count) + " key/value heads do not make " + Twine(options.groups) + " groups of one size");
    return std::nullopt;
  }
  if (keyMaps.equalOnly && options.method != GQAMethod::Mean) {
    refuse(keyMaps.why + ", so no map of the keys can move into the queries; method=mean needs none");
    return std::nullopt;
  }
  heads::Heads all{projectionHeads(match.query), projectionHeads(match.key), projectionHeads(match.value),
                   outputHeads(match)};
  std::optional<heads::Calibration> activations;
  if (options.calibration) {
    auto stop = [&](Operation *, const Twine &why) { refuse("cannot be calibrated: " + why); };
    activations = readTaps(match, number, *options.calibration, keyMaps, stop);
    if (!activations)
      return std::nullopt;
  }
  heads::InputMetric metric = activations ? heads::measuredMetric(*activations) : inputMetric(match);
  heads::Groups neighbours = heads::neighbouringGroups(count, options.groups);
  heads::Groups groups =
      options.neighbours ? neighbours : heads::cheapestGroups(all, options.groups, keyMaps, valueMaps, metric);
  auto merge = [&](const heads::Groups &some) {
    return heads::mergeGroups(all, some, keyMaps, valueMaps, metric, headsMethod(options.method));
  };
  heads::Merged merged = merge(groups);
  if (!activations)
    return merged;
  heads::FitOptions fit, quick;
  quick.rounds = 1;
  quick.refinements = 0;
  auto residualOf = [&](heads::Merged some) {
    heads::refit(some, all, keyMaps, *activations, quick);
    return some.fitted->after;
  };
  // What weights alone cost says little of what a fit leaves.
  if (!options.calibration->quick && groups != neighbours) {
    heads::Merged other = merge(neighbours);
    if (residualOf(other) < residualOf(merged))
      merged = std::move(other);
  }
  heads::refit(merged, all, keyMaps, *activations, options.calibration->quick ? quick : fit);
  return merged;
}

struct ConvertMHAToGQA : transom::impl::ConvertMHAToGQABase<ConvertMHAToGQA> {
  using ConvertMHAToGQABase::ConvertMHAToGQABase;
  ConvertMHAToGQA() = default;
  explicit ConvertMHAToGQA(const GQAOptions &options) : report(options.report), calibration(options.calibration) {
    groups = options.groups;
    method = options.method;
    neighbours = options.neighbours;
    changeSignature = options.changeSignature;
    forStates = options.forStates;
  }

  void runOnOperation() override;

private:
  HeadConversion convert(AttentionOp attention, int64_t number, const GQAOptions &options);
  void convertForStates();
  void say(AttentionOp attention, const HeadConversion &conversion);

  std::vector<HeadConversion> *report = nullptr;
  GQACalibration *calibration = nullptr;
};

HeadConversion ConvertMHAToGQA::convert(AttentionOp attention, int64_t number, const GQAOptions &options) {
  HeadConversion result(attention.getLoc());
  auto refuse = [&](Operation *op, const Twine &why) {
    result.reason = why.str();
    if (remarks && op)
      op->emitRemark("heads stay as they are: ") << why;
  };
  std::optional<AttentionHeads> match = matchAttentionHeads(attention, refuse);
  if (!match)
    return result;
  result.before = result.after = match->keyHeads();
  result.headBytes = bytesOf(match->key) + bytesOf(match->value);
  result.isVisible = match->isVisible();
  if (result.before == 1) {
    result.reason = "there is one key/value head already";
    return result;
  }
  HeadMerger merger(*match, result);
  std::optional<heads::Merged> merged;
  if (calibration && number >= calibration->fit + 1) {
    // Fitted by a later compile, once what comes before is converted.
    if ((calibration->fit < 0 || calibration->tap == number) && whyNotFitted(*match).empty())
      addTaps(*match, number);
    if (!keyMaps(*match).equalOnly && whyNotFitted(*match).empty())
      calibration->heads[number] = match->keyHeads();
    result.isPending = true;
    return result;
  }
  bool isFitted = calibration && number < static_cast<int64_t>(calibration->fitted.size());
  if (isFitted ? !calibration->fitted[number] : calibration && !options.groups) {
    result.reason = "with fewer of them the error would be above the budget";
    return result;
  }
  if (isFitted)
    merged = *calibration->fitted[number];
  else
    merged = options.groups ? merger.mergeGroups(options, number) : merger.mergeEqual();
  if (merged && options.groups)
    describe(*merged, match->keyHeads(), result);
  if (!merged)
    return result;
  if (result.isVisible && !options.changeSignature) {
    result.reason = llvm::formatv("heads {0} are equal, but keys and values are arguments or results: merging them "
                                  "changes the signature",
                                  groupsText(result.groups));
    result.isHeldBack = true;
    result.groups.clear();
    return result;
  }
  if (calibration && !isFitted)
    calibration->fitted.push_back(std::make_shared<heads::Merged>(*merged));
  if (merged->fitted) {
    result.residualBeforeFit = merged->fitted->before;
    result.residualAfterFit = merged->fitted->after;
    result.reason = llvm::formatv("on the calibration inputs the heads' outputs leave a residual of {0:e1}; {1:e1} "
                                  "before they were refitted",
                                  merged->fitted->after, merged->fitted->before);
  }
  rewriteAttentionHeads(*match, *merged);
  result.merged = true;
  result.after = merged->heads.key.size();
  return result;
}

/// Copies of the entry functions with what the signature keeps apart merged.
void ConvertMHAToGQA::convertForStates() {
  GQAOptions options;
  options.changeSignature = true;
  for (func::FuncOp entry : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
    if (!entry->hasAttr("transformer.entry"))
      continue;
    func::FuncOp copy = entry.clone();
    copy.setName((entry.getName() + "_states").str());
    copy.setPrivate();
    copy->removeAttr("transformer.entry");
    copy->setAttr(kStatesOf, StringAttr::get(&getContext(), entry.getName()));
    getOperation().getBody()->getOperations().insertAfter(entry->getIterator(), copy);
    SmallVector<AttentionOp> attentions;
    copy.walk([&](AttentionOp attention) { attentions.push_back(attention); });
    for (auto [number, attention] : llvm::enumerate(attentions)) {
      HeadConversion conversion = convert(attention, number, options);
      conversion.ofStates = true;
      if (remarks)
        say(attention, conversion);
      if (report)
        report->push_back(std::move(conversion));
    }
  }
}

void ConvertMHAToGQA::runOnOperation() {
  GQAOptions options;
  options.groups = groups;
  options.method = method;
  options.changeSignature = changeSignature;
  options.neighbours = neighbours;
  if (groups < 0) {
    getOperation().emitError("groups must not be negative, and is ") << groups;
    return signalPassFailure();
  }
  SmallVector<AttentionOp> attentions;
  getOperation().walk([&](AttentionOp attention) { attentions.push_back(attention); });
  bool incomplete = false, isHeldBack = false;
  options.calibration = calibration;
  if (calibration)
    calibration->heads.resize(attentions.size());
  for (auto [number, attention] : llvm::enumerate(attentions)) {
    if (calibration && number < calibration->groups.size())
      options.groups = calibration->groups[number];
    HeadConversion conversion = convert(attention, number, options);
    // Whatever the reason, what is not fitted now never will be.
    if (calibration && !conversion.isPending && calibration->fitted.size() == number)
      calibration->fitted.push_back(nullptr);
    if (options.groups && !conversion.merged && !conversion.isPending && conversion.before != options.groups) {
      attention.emitError("cannot be given ") << options.groups << " key/value heads: " << conversion.reason;
      incomplete = true;
    }
    isHeldBack |= conversion.isHeldBack;
    if (remarks)
      say(attention, conversion);
    if (report)
      report->push_back(std::move(conversion));
  }
  if (incomplete)
    return signalPassFailure();
  if (forStates && isHeldBack)
    convertForStates();
}

void ConvertMHAToGQA::say(AttentionOp attention, const HeadConversion &conversion) {
  if (!conversion.before)
    return; // said where it was refused
  if (!conversion.merged) {
    attention.emitRemark("heads stay as they are: ") << conversion.reason;
    return;
  }
  attention.emitRemark() << conversion.text();
}

} // namespace

std::string HeadConversion::text() const {
  return llvm::formatv("{0} key/value heads become {1}: {2}, residual of keys {3:e1}, of values {4:e1}{5}{6}", before,
                       after, groupsText(groups), keyResidual, valueResidual, reason.empty() ? "" : "; " + reason,
                       ofStates    ? "; in the states alone: the ONNX signature keeps all"
                       : isVisible ? "; the signature changes: keys and values that it shows have that many heads"
                                   : "");
}

std::unique_ptr<Pass> transom::createConvertMHAToGQA(const GQAOptions &options) {
  return std::make_unique<ConvertMHAToGQA>(options);
}
