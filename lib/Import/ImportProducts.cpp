//===- ImportProducts.cpp - MatMul, Gemm, Einsum --------------------------===//

#include "LoopForm.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;

namespace {
LogicalResult matmul(NodeImport &n) {
  Value a = n.in(0), b = n.in(1);
  if (n.rank(a) == 0 || n.rank(b) == 0)
    return n.fail("an operand is a scalar");
  // A vector is a matrix of one row (left) or one column (right) whose dim goes.
  bool rowVector = n.rank(a) == 1, columnVector = n.rank(b) == 1;
  if (rowVector)
    a = n.unsqueeze(a, {0});
  if (columnVector)
    b = n.unsqueeze(b, {1});
  auto aType = n.typeOf(a), bType = n.typeOf(b);
  int64_t k = aType.getShape().back(), kb = bType.getDimSize(bType.getRank() - 2);
  if (!ShapedType::isDynamic(k) && !ShapedType::isDynamic(kb) && k != kb)
    return n.fail("inner dims differ: " + Twine(k) + " and " + Twine(kb));
  Value product = n.matmul(a, b);
  Integers gone;
  if (rowVector)
    gone.push_back(n.rank(product) - 2);
  if (columnVector)
    gone.push_back(n.rank(product) - 1);
  n.out(0, gone.empty() ? product : n.squeeze(product, gone));
  return success();
}

LogicalResult gemm(NodeImport &n) {
  Value a = n.in(0), b = n.in(1);
  float alpha = n.real("alpha", 1.0f), beta = n.real("beta", 1.0f);
  Value result = n.matmul(a, b, n.integer("transA", 0) != 0, n.integer("transB", 0) != 0);
  if (alpha != 1.0f)
    result = n.binary(BinaryKind::mul, result, n.scalar(n.element(result), alpha));
  if (Value c = n.in(2)) {
    if (beta != 1.0f)
      c = n.binary(BinaryKind::mul, c, n.scalar(n.element(c), beta));
    result = n.binary(BinaryKind::add, result, c);
  }
  n.out(0, result);
  return success();
}

//===-- Einsum -------------------------------------------------------------===//

struct Term {
  std::string labels;
  Value tensor;
};

/// Expands the ellipsis to upper-case-free private labels, merges repeated
/// labels of one operand into its diagonal.
LogicalResult prepare(NodeImport &n, Term &term, size_t ellipsisRank) {
  size_t at = term.labels.find("...");
  if (at != std::string::npos) {
    size_t rank = n.rank(term.tensor) - (term.labels.size() - 3);
    std::string names;
    for (size_t i = 0; i < rank; ++i)
      names += static_cast<char>(1 + (ellipsisRank - rank) + i);
    term.labels.replace(at, 3, names);
  }
  if (static_cast<int64_t>(term.labels.size()) != n.rank(term.tensor))
    return n.fail("the equation names " + Twine(term.labels.size()) + " dims of an operand of rank " +
                  Twine(n.rank(term.tensor)));
  for (size_t i = 0; i < term.labels.size(); ++i) {
    size_t j = term.labels.find(term.labels[i], i + 1);
    if (j == std::string::npos)
      continue;
    // The diagonal: keep where the two indices agree, sum one of them away.
    Dims dims = n.dims(term.tensor);
    auto along = [&](size_t axis) {
      SmallVector<Dim> shape(dims.size(), n.size(1));
      shape[axis] = dims[axis];
      return n.reshape(n.iota(dims[axis], n.builder.getI64Type()), shape);
    };
    Value same = n.compare(tf::CompareKind::eq, along(i), along(j));
    Value kept = n.select(same, term.tensor, n.scalar(n.element(term.tensor), 0));
    term.tensor = n.reduce(tf::ReduceKind::sum, kept, {static_cast<int64_t>(j)}, false);
    term.labels.erase(j, 1);
    --i;
  }
  return success();
}

/// Sums away labels that neither `keep` nor the other operand has.
void sumUnused(NodeImport &n, Term &term, StringRef other, StringRef keep) {
  Integers axes;
  std::string left;
  for (auto [i, label] : llvm::enumerate(term.labels)) {
    if (other.contains(label) || keep.contains(label))
      left += label;
    else
      axes.push_back(i);
  }
  if (!axes.empty())
    term.tensor = n.reduce(tf::ReduceKind::sum, term.tensor, axes, false);
  term.labels = left;
}

Value arrange(NodeImport &n, const Term &term, StringRef order) {
  Integers perm;
  for (char label : order)
    perm.push_back(term.labels.find(label));
  return n.transpose(term.tensor, perm);
}

/// Labels in the order in which `keep` names them.
void orderAs(StringRef keep, std::string &labels) {
  llvm::stable_sort(labels, [&](char a, char b) { return keep.find(a) < keep.find(b); });
}

/// One batched product: batch labels, then rows x inner, inner x columns. Labels stand as an operand has them where
/// that takes no transpose of it, and else in the order of what is wanted, so that the result takes none.
Term contract(NodeImport &n, Term a, Term b, StringRef keep) {
  sumUnused(n, a, b.labels, keep);
  sumUnused(n, b, a.labels, keep);
  std::string batch, rows, inner, columns;
  for (char label : a.labels) {
    bool shared = b.labels.find(label) != std::string::npos;
    (shared ? keep.contains(label) ? batch : inner : rows) += label;
  }
  for (char label : b.labels)
    if (a.labels.find(label) == std::string::npos)
      columns += label;
  bool leftFits = a.labels == batch + rows + inner, rightFits = b.labels == batch + inner + columns;
  if (!leftFits)
    orderAs(keep, rows);
  if (!rightFits)
    orderAs(keep, columns);
  if (!leftFits && !rightFits)
    orderAs(keep, batch);
  if (!rows.empty() && !columns.empty() && keep.find(columns.front()) < keep.find(rows.front())) {
    std::swap(a, b);
    std::swap(rows, columns);
  }
  auto sizesOf = [&](const Term &term, StringRef labels) {
    Dims dims = n.dims(term.tensor), out;
    for (char label : labels)
      out.push_back(dims[term.labels.find(label)]);
    return out;
  };
  Term result;
  result.labels = batch + rows + columns;
  Dims batchDims = sizesOf(a, batch), rowDims = sizesOf(a, rows), columnDims = sizesOf(b, columns);
  Dims otherBatch = sizesOf(b, batch);
  for (size_t i = 0; i < batchDims.size(); ++i)
    batchDims[i] = n.sizes.broadcast(n.loc, batchDims[i], otherBatch[i]);
  if (inner.empty() && rows.empty() && columns.empty()) {
    result.tensor = n.binary(BinaryKind::mul, arrange(n, a, batch), arrange(n, b, batch));
    return result;
  }
  auto grouped = [&](const Term &term, Dims own, Dims first, Dims second) {
    own.push_back(n.sizes.product(n.loc, first));
    own.push_back(n.sizes.product(n.loc, second));
    return own;
  };
  Value left =
      n.reshape(arrange(n, a, batch + rows + inner), grouped(a, sizesOf(a, batch), rowDims, sizesOf(a, inner)));
  Value right =
      n.reshape(arrange(n, b, batch + inner + columns), grouped(b, sizesOf(b, batch), sizesOf(b, inner), columnDims));
  Dims dims = batchDims;
  dims.append(rowDims);
  dims.append(columnDims);
  result.tensor = n.reshape(n.matmul(left, right), dims);
  return result;
}

LogicalResult einsum(NodeImport &n) {
  std::string equation = n.string("equation", "");
  llvm::erase(equation, ' ');
  auto [inputs, output] = StringRef(equation).split("->");
  SmallVector<StringRef> parts;
  inputs.split(parts, ',');
  if (parts.size() != n.numInputs())
    return n.fail("equation '" + equation + "' has " + Twine(parts.size()) + " operands, the node " +
                  Twine(n.numInputs()));
  SmallVector<Term> terms;
  size_t ellipsisRank = 0;
  for (auto [i, part] : llvm::enumerate(parts)) {
    terms.push_back({part.str(), n.in(i)});
    if (!part.contains("..."))
      continue;
    size_t rank = n.rank(terms.back().tensor), named = part.size() - 3;
    if (named > rank)
      return n.fail("the equation names " + Twine(named) + " dims of an operand of rank " + Twine(rank));
    ellipsisRank = std::max(ellipsisRank, rank - named);
  }
  for (Term &term : terms)
    if (failed(prepare(n, term, ellipsisRank)))
      return failure();
  std::string ellipsis;
  for (size_t i = 0; i < ellipsisRank; ++i)
    ellipsis += static_cast<char>(1 + i);
  std::string wanted = output.str();
  if (StringRef(equation).contains("->")) {
    size_t at = wanted.find("...");
    if (at != std::string::npos)
      wanted.replace(at, 3, ellipsis);
  } else { // implicit: labels that occur once, in order
    std::string once;
    for (char label = 'A'; label <= 'z'; ++label)
      if (inputs.count(label) == 1 && isalpha(label))
        once += label;
    wanted = ellipsis + once;
  }
  Term result = terms[0];
  for (size_t i = 1; i < terms.size(); ++i) {
    std::string keep = wanted;
    for (size_t j = i + 1; j < terms.size(); ++j)
      keep += terms[j].labels;
    result = contract(n, result, terms[i], keep);
  }
  sumUnused(n, result, "", wanted);
  for (char label : wanted)
    if (result.labels.find(label) == std::string::npos)
      return n.fail("equation '" + equation + "': a result label is in no operand");
  n.out(0, arrange(n, result, wanted));
  return success();
}
/// The product of the pivots of Gaussian elimination, a column a turn.
LogicalResult determinant(NodeImport &n) {
  Value x = n.in(0);
  Type given = n.element(x), e = given.isF64() ? given : Type(n.builder.getF32Type()), i64 = n.builder.getI64Type();
  Dims in = n.dims(x);
  if (in.size() < 2)
    return n.fail("the input must be a matrix or several");
  Dims outer(in.begin(), in.end() - 2);
  Dim batch = n.sizes.product(n.loc, outer), size = in.back(), one = n.size(1);
  auto op = [&](BinaryKind kind, Value a, Value b) { return n.binary(kind, a, b); };
  auto is = [&](tf::CompareKind kind, Value a, Value b) { return n.compare(kind, a, b); };
  Value row = n.reshape(n.iota(size, i64), {one, size});
  LoopForm form;
  form.count = n.number(size, i64);
  form.iterations = size;
  form.inits = {n.reshape(n.cast(x, e), {batch, size, size}), n.broadcast(n.scalar(e, 1), {batch, one})};
  form.body = [&](Value k, Value condition, ArrayRef<Value> carried) -> FailureOr<SmallVector<Value>> {
    auto column = [&](Value matrix) { return n.reshape(n.gather(matrix, k, 2), {batch, size}); };
    Value sizeOf = n.unary(tf::UnaryKind::abs, column(carried[0]));
    Value usable = n.select(is(tf::CompareKind::lt, row, k), n.scalar(e, -1), sizeOf);
    Value best = n.make<tf::ArgReduceOp>(tf::ReduceKind::max, usable, 1, true, false); // [batch, 1]
    // Rows k and `best` change places.
    Value from = n.select(is(tf::CompareKind::eq, row, k), best, n.select(is(tf::CompareKind::eq, row, best), k, row));
    Value index = n.broadcast(n.reshape(from, {batch, size, one}), {batch, size, size});
    Value matrix = n.make<tf::GatherElementsOp>(carried[0], index, 1);
    Value top = n.reshape(n.gather(matrix, k, 1), {batch, size});
    Value pivot = n.reshape(n.gather(top, k, 1), {batch, one});
    Value sign = n.select(is(tf::CompareKind::eq, best, k), n.scalar(e, 1), n.scalar(e, -1));
    Value divisor = n.select(is(tf::CompareKind::eq, pivot, n.scalar(e, 0)), n.scalar(e, 1), pivot);
    Value factor = op(BinaryKind::div, column(matrix), divisor);
    factor = n.select(is(tf::CompareKind::gt, row, k), factor, n.scalar(e, 0));
    Value taken = op(BinaryKind::mul, n.reshape(factor, {batch, size, one}), n.reshape(top, {batch, one, size}));
    return SmallVector<Value>{condition, op(BinaryKind::sub, matrix, taken),
                              op(BinaryKind::mul, carried[1], op(BinaryKind::mul, pivot, sign))};
  };
  auto results = makeLoop(n, form);
  if (failed(results))
    return failure();
  n.out(0, n.cast(n.reshape((*results)[1], outer), given));
  return success();
}
} // namespace

void transom::addProductRules(RuleTable &rules) {
  rules["MatMul"] = matmul;
  rules["Gemm"] = gemm;
  rules["Einsum"] = einsum;
  rules["Det"] = determinant;
}
